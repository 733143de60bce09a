package storetest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/store"
)

// Raw is what a database holds, as bytes, for tests that look for what must not be in it: the files of the folder that match the pattern, or, of PostgreSQL,
// the answers of the queries, which give one text each, or every table where there are no queries.
func Raw(t *testing.T, c store.Config, pattern string, queries ...string) (raw []byte) {
	t.Helper()
	if c.URL != "" {
		return answers(t, c, queries)
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database files %s: %v", pattern, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b...)
	}
	return raw
}

func answers(t *testing.T, c store.Config, queries []string) (raw []byte) {
	t.Helper()
	db, _, err := store.Queue(c)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ask := func(query string) (text string) {
		if err := db.QueryRowContext(context.Background(), query).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	if len(queries) == 0 {
		for table := range strings.FieldsSeq(ask("select string_agg(tablename, ' ') from pg_tables where schemaname = current_schema()")) {
			queries = append(queries, `select coalesce(string_agg(x::text, ' '), '') from "`+table+`" x`)
		}
	}
	for _, query := range queries {
		raw = append(raw, ask(query)...)
	}
	return raw
}
