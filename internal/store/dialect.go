package store

import (
	"strconv"
	"strings"
)

// dialect is what differs between the databases in the statements of this package. Everything else is one SQL text. What differs in rendered filters is
// in filter_json.go.
type dialect struct {
	name string // as goose and the folder of the migrations call it

	// placeholder stands before the number of a parameter. SQLite's driver binds "$2, $1" in the order of appearance, "?2, ?1" by number.
	placeholder byte

	// lock ends a select of rows that the transaction is going to change. SQLite needs nothing: it has one writer.
	lock string

	// lockShared ends a select of rows that must not change before the transaction ends, and that others may read in the same way.
	lockShared string

	// lockFull ends a select of rows that the transaction is going to remove: it also excludes new rows that name them.
	lockFull string

	// listFrom opens and listTo closes a one-column table "id" made from a parameter that holds a JSON array of texts.
	listFrom, listTo string

	// bytewise follows a computed text that is going to be compared.
	bytewise string

	json jsonDialect

	// registries are those of the organizations of this database.
	registries registries

	// classify says what an error of the driver means.
	classify func(error) failure
}

// list is the table of the texts in the JSON array that parameter n holds. One parameter for any number of ids means one statement to prepare.
func (d *dialect) list(n int) string { return d.listFrom + "$" + strconv.Itoa(n) + d.listTo }

// embedded tells SQLite, whose statements run inside this process.
func (d *dialect) embedded() bool { return d.placeholder == '?' }

// rewrite turns $N into the dialect's placeholders. What stands in quotes is left alone: names of attributes may hold a "$".
func (d *dialect) rewrite(text string) string {
	if d.placeholder == '$' || !strings.Contains(text, "$") {
		return text
	}
	b := []byte(text)
	quote := false
	for i := 0; i+1 < len(b); i++ {
		switch {
		case b[i] == '\'':
			quote = !quote
		case !quote && b[i] == '$' && b[i+1] >= '0' && b[i+1] <= '9':
			b[i] = d.placeholder
		}
	}
	return string(b)
}

// failure is the meaning of a driver's error.
type failure int

const (
	failOther   failure = iota
	failUnique          // a unique index refused the row
	failForeign         // a row that another table names does not exist
	failFull            // no space left
	failBusy            // another process holds the database, or it cannot be reached
	failRetry           // the transaction lost against another one and may be run again (PostgreSQL)
	failText            // a value that the database cannot store, such as a NUL character
)
