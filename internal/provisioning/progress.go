package provisioning

import (
	"strings"
	"sync"
	"time"
)

// Progress is how far a cycle is.
type Progress struct {
	Phase     string  // users, groups, deprovisioning, references, members
	Done      int     // objects of the phase
	Total     int     // 0: not known
	PerSecond float64 // objects, since the phase began
}

// progressEvery is the shortest time between two reports.
const progressEvery = 100 * time.Millisecond

// meter counts objects and reports now and then. It measures real time: a rate is for people.
type meter struct {
	mu     sync.Mutex
	report func(Progress)
	now    Progress
	began  time.Time
	last   time.Time
}

func newMeter(report func(Progress)) *meter { return &meter{report: report} }

// phase begins a phase.
func (m *meter) phase(name string, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if name == "User" || name == "Group" {
		name = strings.ToLower(name) + "s"
	}
	m.now = Progress{Phase: name, Total: total}
	m.began = time.Now()
	m.tell()
}

// add counts objects that were handled.
func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now.Done += n
	m.now.Total = max(m.now.Total, m.now.Done)
	if time.Since(m.last) >= progressEvery || m.now.Done == m.now.Total {
		m.tell()
	}
}

func (m *meter) tell() {
	if m.report == nil {
		return
	}
	m.last = time.Now()
	if d := m.last.Sub(m.began).Seconds(); d > 0 {
		m.now.PerSecond = float64(m.now.Done) / d
	}
	m.report(m.now)
}
