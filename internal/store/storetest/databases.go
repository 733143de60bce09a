package storetest

import "testing"

// Database is one kind of database by its name, for tests that hand it to other processes.
type Database struct {
	Name string
	// URL makes an empty database for the test and returns what --database takes: empty for SQLite.
	URL func(t *testing.T) string
}

// Databases lists the kinds. Asking PostgreSQL for a URL skips the test, or fails it, as ForEachDB does.
func Databases() []Database {
	return []Database{
		{Name: "sqlite", URL: func(*testing.T) string { return "" }},
		{Name: "postgres", URL: func(t *testing.T) string { return Postgres(t).URL }},
	}
}
