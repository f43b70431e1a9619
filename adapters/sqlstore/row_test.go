package sqlstore

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	wanted := []string{"id", "name", "content"}
	tests := []struct {
		name    string
		columns []string
		want    map[string]any
	}{
		{"by name", []string{"content", "id", "name"}, map[string]any{"content": 0, "id": 1, "name": 2}},
		{"case of names", []string{"CONTENT", "Id", "name"}, map[string]any{"content": 0, "id": 1, "name": 2}},
		{"fewer names", []string{"content", "name"}, map[string]any{"content": 0, "name": 1}},
		{"more names", []string{"x", "content", "name", "id", "y"}, map[string]any{"content": 1, "name": 2, "id": 3}},
		{"by order", []string{"a", "b", "c", "d"}, map[string]any{"id": 0, "name": 1, "content": 2}},
		{"some strange: by order", []string{"content", "b"}, map[string]any{"id": 0, "name": 1}},
		{"same name twice", []string{"?column?", "?column?", "?column?"}, map[string]any{"id": 0, "name": 1, "content": 2}},
		{"none", nil, map[string]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cells := make([]any, len(tt.columns))
			for i := range cells {
				cells[i] = i
			}
			if diff := cmp.Diff(tt.want, row{tt.columns, cells}.fields(wanted...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCells(t *testing.T) {
	day := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		name  string
		cell  any
		text  string
		n     int64
		isInt bool
		yes   bool
	}{
		{"null", nil, "", 0, false, false},
		{"true", true, "true", 0, false, true},
		{"false", false, "false", 0, false, false},
		{"one", int64(1), "1", 1, true, true},
		{"two", int64(2), "2", 2, true, false},
		{"text one", " 1 ", " 1 ", 1, true, true},
		{"bytes", []byte("True"), "True", 0, false, true},
		{"whole float", 3.0, "3", 3, true, false},
		{"broken float", 3.5, "3.5", 0, false, false},
		{"time", day, "2024-01-02T03:04:05Z", day.Unix(), true, false},
		{"word", "maybe", "maybe", 0, false, false},
		{"huge", "99999999999999999999", "99999999999999999999", 0, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := asText(tt.cell); got != tt.text {
				t.Errorf("text %q, want %q", got, tt.text)
			}
			if n, ok := asInt(tt.cell); ok != tt.isInt || ok && n != tt.n {
				t.Errorf("int %d %v, want %d %v", n, ok, tt.n, tt.isInt)
			}
			if got := asBool(tt.cell); got != tt.yes {
				t.Errorf("bool %v, want %v", got, tt.yes)
			}
		})
	}
}
