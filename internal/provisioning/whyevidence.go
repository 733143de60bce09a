package provisioning

import (
	"encoding/json"
	"time"

	"github.com/rollcall-id/rollcall/internal/record"
)

// Why is the JSON of `rollcall why`: the answer with its evidence.
type Why struct {
	Answer
	Kind        string          `json:"kind"` // user or group
	Source      record.Identity `json:"source"`
	InDirectory bool            `json:"inDirectory"`
	Left        *time.Time      `json:"left"`    // nil: has not
	Nearest     []string        `json:"nearest"` // names that are like it, where nobody has the name
	Scope       *WhyScope       `json:"scope"`   // nil: not in the directory
	Account     *WhyAccount     `json:"account"` // nil: none is linked
	Escrow      *WhyEscrow      `json:"escrow"`  // nil: it waits for no other try
	Job         WhyJob          `json:"job"`
	Pending     *PendingChange  `json:"pending"`    // nil: no change waits
	Last        *record.Record  `json:"lastRecord"` // nil: the log has none
	Done        *record.Record  `json:"lastAction"` // the newest record that did something, or failed to
	Verify      *OnDemand       `json:"verify,omitempty"`
	VerifyError string          `json:"verifyError,omitempty"` // why the target could not be asked
}

// WhyScope is what assignment and filters say.
type WhyScope struct {
	In     bool            `json:"in"`
	Reason string          `json:"reason"`
	Filter json.RawMessage `json:"filter,omitempty"` // clause by clause; nil: no filter was asked
}

// WhyAccount is the account that we know of.
type WhyAccount struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	State   LinkState `json:"state"`
	Updated time.Time `json:"updated"` // when we last wrote to it or took note of it
}

// WhyEscrow is a failure, or a deletion that is held or rejected.
type WhyEscrow struct {
	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next"`
	Code     string    `json:"code"`
	Message  string    `json:"message"`
	Rejected bool      `json:"rejected"`
}

// WhyJob is how the application's provisioning stands.
type WhyJob struct {
	State      string      `json:"state"`
	Connected  bool        `json:"connected"`
	On         bool        `json:"on"`
	Running    bool        `json:"running"`
	LastEnd    *time.Time  `json:"lastEnd"`
	NextCycle  *time.Time  `json:"nextCycle"`
	Watermark  int64       `json:"watermark"`
	Head       int64       `json:"head"` // the newest change of the directory
	Everybody  string      `json:"looksAtEverybody,omitempty"`
	Quarantine *Quarantine `json:"quarantine"`
}

func (w *whyReader) why() Why {
	f := w.facts
	out := Why{
		Answer: Explain(f), Kind: kindOf(w.typ), Source: record.Identity{ID: w.id, Name: f.Name}, InDirectory: f.Found, Left: instant(f.Left),
		Nearest: append([]string{}, f.Nearest...), Pending: f.Pending, Last: f.Last, Done: f.Done,
		Job: WhyJob{
			State: w.state, Connected: f.Connected, On: f.On, Running: f.Running, LastEnd: instant(f.Job.LastEnd), NextCycle: instant(f.Next),
			Watermark: f.Job.Watermark, Head: w.head, Everybody: f.Everybody, Quarantine: f.Job.Quarantine,
		},
	}
	if s := f.Situation.Scope; f.Found && f.Provisioned && f.Broken == "" && f.Left.IsZero() {
		out.Scope = &WhyScope{In: s.In, Reason: s.Reason, Filter: s.Data}
	}
	if l := f.Link; l != nil {
		out.Account = &WhyAccount{ID: l.Target, Name: l.TargetName, State: l.State, Updated: l.Updated}
	}
	if x := f.Escrow; x != nil {
		out.Escrow = &WhyEscrow{Since: x.Since, Attempts: x.Attempts, Next: x.Next, Code: x.Code, Message: x.Message, Rejected: x.Excluded}
	}
	return out
}

// instant is a time for JSON: null when there is none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
