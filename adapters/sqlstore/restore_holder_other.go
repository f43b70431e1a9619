//go:build !linux

package sqlstore

func holder(string) string { return "" }
