package provisioning

import (
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// Result is the outcome of a cycle: the JSON of `app cycle --json` (design/cli.md).
type Result struct {
	CycleID string `json:"cycleId"`
	Kind    string `json:"kind"` // initial or incremental
	Plan    bool   `json:"plan"`
	Tally
	Requests   int64              `json:"requests"` // HTTP requests to the target, retries and discovery included
	DurationMS int64              `json:"durationMs"`
	Quarantine *QuarantineOutcome `json:"quarantine"`
	Held       *Held              `json:"held"`
	Users      Tally              `json:"users"`
	Groups     Tally              `json:"groups"`
	Began      time.Time          `json:"began"`
	Judged     time.Time          `json:"judged,omitzero"` // who is in scope was last judged for this moment: that of the last cycle that came to its end
	Warnings   int                `json:"warnings"`        // records with status warning
}

// QuarantineOutcome says why the cycle put the job in quarantine.
type QuarantineOutcome struct {
	Reason  string `json:"reason"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// The kinds of cycle.
const (
	KindInitial     = "initial"
	KindIncremental = "incremental"
)

// Tally counts objects. Each object counts once per word.
type Tally struct {
	Evaluated int `json:"evaluated"`
	Created   int `json:"created"`
	Linked    int `json:"linked"`
	Updated   int `json:"updated"`
	Disabled  int `json:"disabled"`
	Restored  int `json:"restored"`
	Deleted   int `json:"deleted"`
	Unchanged int `json:"unchanged"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
	Staged    int `json:"staged"`
}

func (t Tally) plus(o Tally) Tally {
	return Tally{
		t.Evaluated + o.Evaluated, t.Created + o.Created, t.Linked + o.Linked, t.Updated + o.Updated, t.Disabled + o.Disabled, t.Restored + o.Restored,
		t.Deleted + o.Deleted, t.Unchanged + o.Unchanged, t.Skipped + o.Skipped, t.Failed + o.Failed, t.Staged + o.Staged,
	}
}

// word is a set of the words of a Tally.
type word uint16

const (
	evaluated word = 1 << iota
	created
	linked
	updated
	disabled
	restored
	deleted
	unchanged
	skipped
	failed
	staged
)

// acted are the words that make an object more than unchanged.
const acted = created | linked | updated | disabled | restored | deleted | failed | staged

// counter collects the words of each object over the passes of a cycle. It is safe for concurrent use.
type counter struct {
	mu     sync.Mutex
	words  map[Key]word
	lone   map[string]*Tally // by type: objects that no later pass can come back to need no entry of their own
	health health
	warned int
}

func newCounter() *counter {
	return &counter{words: map[Key]word{}, lone: map[string]*Tally{directory.User: {}, directory.Group: {}}}
}

func (c *counter) add(k Key, w word) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w == evaluated|skipped && c.words[k] == 0 {
		c.lone[k.Type].Evaluated++
		c.lone[k.Type].Skipped++
		return
	}
	c.words[k] |= evaluated | w
}

// ended notes how an object ended, for quarantine.
func (c *counter) ended(ok, reference bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case ok:
		c.health.ok++
	case reference:
		c.health.reference++
	default:
		c.health.failed++
	}
}

func (c *counter) warn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warned++
}

func (c *counter) has(k Key, w word) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.words[k]&w != 0
}

// tallies sums up: an object created in this cycle is not counted as updated for its references too (design/cli.md, "Cycle counts").
func (c *counter) tallies() (users, groups Tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	users, groups = *c.lone[directory.User], *c.lone[directory.Group]
	for k, w := range c.words {
		if k.Type == directory.Group {
			groups = groups.count(w)
		} else {
			users = users.count(w)
		}
	}
	return users, groups
}

func (t Tally) count(w word) Tally {
	if w&created != 0 {
		w &^= updated
	}
	if w&acted != 0 {
		w &^= unchanged | skipped
	}
	for _, f := range []struct {
		word  word
		field *int
	}{
		{evaluated, &t.Evaluated}, {created, &t.Created}, {linked, &t.Linked}, {updated, &t.Updated}, {disabled, &t.Disabled}, {restored, &t.Restored},
		{deleted, &t.Deleted}, {unchanged, &t.Unchanged}, {skipped, &t.Skipped}, {failed, &t.Failed}, {staged, &t.Staged},
	} {
		if w&f.word != 0 {
			*f.field++
		}
	}
	return t
}
