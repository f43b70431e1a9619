// Package redis keeps what several instances share in a Redis server, in one with
// replicas behind Sentinels, or in a cluster: sessions, rate limits, copies of
// what is stored elsewhere, hashes of scripts, and the news that something was
// published.
//
// It needs Redis 6 or later. A client starts, and goes on, while Redis is away:
// each call then fails with code unavailable after Config.Timeout at the latest,
// and at once as soon as one call has found out that Redis hangs, until it answers
// again.
//
// It refuses to do anything twice that must be done once: a count or a
// compare-and-set whose answer was lost has failed, whatever came of it. It refuses
// to put a password into an error or a log line, and to be the only place where
// anything of value is: a Redis that starts empty costs sessions, nothing else.
package redis
