package notify

import (
	"slices"
	"time"
)

const (
	// remindAfter is when held deletions that nobody decided about are told once more.
	remindAfter = 24 * time.Hour
	// digestEvery is the time between two digests of an application that goes on failing.
	digestEvery = 24 * time.Hour
	// digestApart keeps an application that fails and recovers all the time from telling so each time.
	digestApart = time.Hour
	reminders   = 2 // mails about held deletions: the first and one reminder
)

// After says what is told about a cycle, and what was told then. With nobody to tell, everything is forgotten: who is added later is told how it stands.
func After(told Told, c Cycle, newID func() string) (Told, []Mail) {
	if len(c.To) == 0 {
		return Told{}, nil
	}
	c.name = c.Application // commands need all of it
	c.Application, c.Organization = clean(c.Application, maxName), clean(c.Organization, maxName)
	w := writer{cycle: c, newID: newID}
	w.quarantine(&told)
	w.held(&told)
	w.failures(&told)
	return told, w.mails
}

// writer makes the mails of one cycle.
type writer struct {
	cycle Cycle
	newID func() string
	mails []Mail
}

// quarantine tells each reason of an incident once: a job that goes back and forth between two reasons does not write each time.
func (w *writer) quarantine(told *Told) {
	c, q := w.cycle, w.cycle.Quarantine
	switch {
	case q == nil && told.Quarantine != nil && c.Broken == "":
		w.add(told.Quarantine, recovered(c, *told.Quarantine))
		told.Quarantine = nil
	case q != nil:
		t, reason := w.thread(told.Quarantine), q.Reason+" "+q.Code
		if q.Next.IsZero() {
			reason = "over"
		}
		told.Quarantine = t
		if slices.Contains(t.Said, reason) {
			return
		}
		again := len(t.Said) > 0
		t.Said = append(t.Said, reason)
		w.add(t, quarantined(c, *q, again))
	}
}

// held tells once that deletions wait, and reminds once. A cycle that could not come to its end does not know.
func (w *writer) held(told *Told) {
	c := w.cycle
	switch {
	case c.Broken != "" || c.Quarantine != nil:
	case c.Held == nil:
		told.Held = nil
	case told.Held == nil:
		told.Held = w.thread(nil)
		w.add(told.Held, held(c, *c.Held, false))
	case told.Held.Turn < reminders && c.Now.Sub(told.Held.Last) >= remindAfter:
		t := *told.Held
		told.Held = &t
		w.add(told.Held, held(c, *c.Held, true))
	}
}

// failures tells the first failure after everything was well at once, and goes on daily. A job in quarantine has its own mail.
func (w *writer) failures(told *Told) {
	c := w.cycle
	if !c.OnFailure {
		told.Failures = nil
		return
	}
	if c.Quarantine != nil {
		return
	}
	if len(c.Failing) == 0 && c.Broken == "" {
		told.Failures = nil
		return
	}
	t := w.thread(told.Failures)
	told.Failures = t
	wait := digestEvery
	if t.Turn == 0 {
		wait = digestApart
	}
	if c.Now.Sub(told.Digest) < wait {
		return
	}
	told.Digest = c.Now
	w.add(t, digest(c, t.Since))
}

// thread is a copy of an incident, or a new one.
func (w *writer) thread(t *Thread) *Thread {
	if t == nil {
		return &Thread{Incident: w.newID(), Since: w.cycle.Now}
	}
	cp := *t
	cp.Said = slices.Clone(t.Said)
	return &cp
}

// add finishes a mail as the next one of its thread.
func (w *writer) add(t *Thread, m Mail) {
	t.Turn++
	t.Last = w.cycle.Now
	m.Incident, m.Turn, m.Created, m.To = t.Incident, t.Turn, w.cycle.Now, w.cycle.To
	m.Subject = clean("["+w.cycle.Organization+"] "+m.Subject, maxSubject)
	m.Why = why(w.cycle, m)
	w.mails = append(w.mails, m)
}
