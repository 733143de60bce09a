package csv

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// endless is a file that is made while it is read, so that the test does not hold it in memory. It watches how much memory is in use meanwhile.
type endless struct {
	rows, fill int // fill is the size of a value in each row
	next       int
	rest       []byte
	total      int64
	peak       uint64
}

func (e *endless) Seek(int64, int) (int64, error) {
	e.next, e.rest = 0, nil
	return 0, nil
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.next > e.rows {
			return 0, io.EOF
		}
		e.rest = e.row()
		e.next++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	e.total += int64(n)
	return n, nil
}

func (e *endless) row() []byte {
	if e.next == 0 {
		return []byte("employeeId,userPrincipalName,streetAddress,manager\n")
	}
	if e.next%(e.rows/4) == 0 {
		e.peak = max(e.peak, inUse())
	}
	return fmt.Appendf(nil, "%07d,person.%07d@x,%s,%07d\n", e.next, e.next, strings.Repeat("x", e.fill), e.next/8+1)
}

// inUse is the memory that is really needed at the moment.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // the first one only marks pooled memory as unused
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory: an import needs memory for each person and not for what the file says about them, so the bounds hold for files of any size. A file of long
// rows takes a batch of them and no more; one of short rows takes a few hundred bytes a person at most, which makes 40 MB for 100,000 people.
func TestMemory(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		for _, test := range []struct {
			title      string
			rows, fill int
			most       uint64 // bytes
		}{
			{"long rows", 4_000, 12_000, 16 << 20},
			{"short rows", 40_000, 10, 40_000 * 400},
		} {
			t.Run(test.title, func(t *testing.T) {
				e := &endless{rows: test.rows, fill: test.fill}
				before := inUse()
				r := c.load(Options{Key: "employeeId", DryRun: true}, File{Name: "big.csv", Data: e})
				if r.Added != test.rows || len(r.Rejected) != 0 {
					t.Fatalf("got %s", counts(r))
				}
				grown := max(e.peak, before) - before
				t.Logf("%d rows, %d MB read in two passes, %d KB in use at most, %d bytes a person", test.rows, e.total>>20, grown>>10, int(grown)/test.rows)
				if least := uint64(test.rows * 16); grown < least {
					t.Errorf("the import needs %d bytes: less than the keys of the people, so the test measures nothing", grown)
				}
				if grown > test.most {
					t.Errorf("the import needs %d bytes for a file of %d; at most %d are expected", grown, e.total/2, test.most)
				}
			})
		}
	})
}
