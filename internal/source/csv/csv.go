// Package csv loads people and groups from CSV files into an organization's directory (design/cli.md, "CSV files"). A file is a full snapshot: it says who
// is there, and people it no longer lists become leavers.
//
// The package owns the file format, the comparison of a file with the directory, and the guard against files that would remove too many people. It
// refuses to guess: a row that cannot be understood is rejected with its line number and changes nobody; a file whose structure cannot be trusted
// (an open quote, an unknown column, the wrong encoding) is refused before anything is written. Rules of the directory are internal/directory's.
//
// A file is read twice: once to learn which rows are good and who is listed, once to compare each row with the directory and write what differs. Between
// the two only fixed-size facts of each person are kept, so memory grows with the number of people and not with the size of the file.
package csv

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// DefaultKey is the column that identifies a person unless Options say otherwise.
const DefaultKey = "userPrincipalName"

// The encodings.
const (
	UTF8        = "utf-8"
	Windows1252 = "windows-1252"
)

// File is a CSV file that can be read more than once, such as an *os.File or a *strings.Reader.
type File struct {
	Name string // for messages
	Data io.ReadSeeker
}

// Options are the flags of `rollcall directory import`. The zero value is the default of each.
type Options struct {
	Groups        *File // --groups; nil: groups stay as they are
	Encoding      string
	Key           string // vocabulary name or SCIM path of the column that identifies a person
	IgnoreUnknown bool   // skip columns with unknown names
	MaxLeavers    Limit
	Yes           bool   // import although more people than MaxLeavers would leave
	DryRun        bool   // compare only
	Cause         string // import id in the change feed; empty: one is made
	Traceparent   string // W3C trace context that led to the import; empty: a new one
}

// Importer loads files into one organization's directory.
type Importer struct {
	Directory    *directory.Directory
	Organization string // id
}

// Result is what an import did or, of a dry run, would do.
type Result struct {
	Added     int      `json:"added"` // new people, and people who had left and are back
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Left      int      `json:"left"`
	Rejected  []Note   `json:"rejected"`
	Groups    *Groups  `json:"groups,omitempty"` // nil without Options.Groups
	Warnings  []string `json:"warnings"`

	ID        string `json:"-"` // the cause of every change that the import made
	Delimiter string `json:"-"` // comma, semicolon or tab, as detected
	Encoding  string `json:"-"`
	People    int    `json:"-"` // live people before the import
}

// Groups counts what happened to groups and memberships.
type Groups struct {
	Added          int    `json:"added"`
	Changed        int    `json:"changed"` // attributes or members
	Unchanged      int    `json:"unchanged"`
	Left           int    `json:"left"`
	MembersAdded   int    `json:"membersAdded"`
	MembersRemoved int    `json:"membersRemoved"`
	Rejected       []Note `json:"rejected"`
}

// Note is a remark on a line of a file. Lines count from 1; a row of several lines is named by its first.
type Note struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// TooManyLeavers says that the guard stopped an import before anything was written. It means fault.ErrHeld: the import waits for a decision.
type TooManyLeavers struct {
	Leavers, People, Limit int
}

func (e *TooManyLeavers) Error() string {
	return fmt.Sprintf("the import would remove %d of %d people, and at most %d are allowed: nothing was changed. Check that the file is complete; "+
		"if these people really left, repeat with --yes or a higher --max-leavers", e.Leavers, e.People, e.Limit)
}

// Unwrap returns the error's meaning.
func (e *TooManyLeavers) Unwrap() error { return fault.ErrHeld }

// Import loads the people, and with Options.Groups the groups. An error means that the files were refused as a whole (fault.ErrInvalid, *TooManyLeavers) or
// that the directory could not be written; the Result then says what was counted until that point. Rejected rows are not an error.
//
// Writes are applied in batches of bounded size, each one transaction, and not in one transaction for the whole file: a directory of 100,000 people would
// otherwise keep SCIM requests waiting for many seconds. Everything that can refuse the file happens before the first batch, and every batch only moves
// the directory towards the file: nobody whom the file lists is ever removed. So an import that is interrupted has lost nothing, and the same file,
// imported again, does the rest.
func (i *Importer) Import(ctx context.Context, people File, o Options) (Result, error) {
	r := &run{Importer: i, options: o, result: Result{Rejected: []Note{}, Warnings: []string{}, ID: o.Cause}}
	if r.result.ID == "" {
		r.result.ID = fmt.Sprintf("import-%d", time.Now().UnixMicro())
	}
	if r.options.Traceparent == "" {
		r.options.Traceparent = directory.NewTrace()
	}
	err := r.all(ctx, people)
	r.finish()
	return r.result, err
}
