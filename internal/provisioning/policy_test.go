package provisioning

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func TestEscrowSchedule(t *testing.T) {
	var e Escrow
	now := noon
	for i, want := range []time.Duration{0, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
		var givenUp bool
		e, givenUp = e.failed(now, "Conflict", "taken")
		if got := e.Next.Sub(now); got != want || givenUp || e.Attempts != i+1 || !e.Since.Equal(noon) {
			t.Errorf("failure %d: next try after %v (given up %t, attempts %d, since %v), want %v", i+1, got, givenUp, e.Attempts, e.Since, want)
		}
		if e.due(e.Next.Add(-time.Second), false) || !e.due(e.Next, false) || !e.due(now, true) {
			t.Errorf("failure %d: due at the wrong time", i+1)
		}
		now = e.Next
	}
	if _, givenUp := e.failed(noon.Add(27*24*time.Hour), "Conflict", ""); givenUp {
		t.Error("given up on day 27")
	}
	if _, givenUp := e.failed(noon.Add(28*24*time.Hour), "Conflict", ""); !givenUp {
		t.Error("not given up on day 28")
	}
}

func TestEscrowKinds(t *testing.T) {
	staged := Escrow{Code: codeStaged, Since: noon}
	if !staged.due(noon, false) || staged.failing() {
		t.Error("a staged deletion is looked at in every cycle, and is no failure")
	}
	rejected := Escrow{Code: codeStaged, Excluded: true}
	if rejected.due(noon, true) || rejected.failing() {
		t.Error("a rejected deletion is not tried, and is no failure")
	}
	if e, _ := staged.failed(noon.Add(time.Hour), "Conflict", ""); !e.Since.Equal(noon.Add(time.Hour)) || e.Attempts != 1 {
		t.Errorf("the series of a failure begins with it, not with the hold: %+v", e)
	}
}

// TestQuarantineThresholds has the worked examples of spec/entra-provisioning.md 1.8, and the edges.
func TestQuarantineThresholds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		health health
		want   string
	}{
		{"45,000 failures", health{failed: 45_000, ok: 1_000_000}, reasonBase},
		{"30,000 failed, 5,000 ok", health{failed: 30_000, ok: 5_000}, reasonProportion},
		{"20,000 failed, 100,000 ok", health{failed: 20_000, ok: 100_000}, ""},
		{"40,000 failed and 21,000 references", health{failed: 40_000, reference: 21_000, ok: 1_000_000}, reasonTotal},
		{"4,000 failed, none ok", health{failed: 4_000}, ""},
		{"5,000 failed, none ok", health{failed: 5_000}, reasonProportion},
		{"exactly 40 %", health{failed: 6_000, ok: 9_000}, ""},
		{"more than 40 %", health{failed: 6_001, ok: 9_000}, reasonProportion},
		{"references alone do not count for the share", health{reference: 30_000, ok: 1}, ""},
		{"nothing", health{}, ""},
	} {
		if got, message := tt.health.verdict(); got != tt.want || (got != "" && message == "") {
			t.Errorf("%s: %q (%s), want %q", tt.name, got, message, tt.want)
		}
	}
}

func TestQuarantineBacksOff(t *testing.T) {
	var q *Quarantine
	now := noon
	for i, want := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
		q = quarantined(q, now, reasonException, "Unauthorized", "no")
		if got := q.NextAttempt.Sub(now); got != want || !q.Began.Equal(noon) || q.SeriesCount != i+1 {
			t.Errorf("attempt %d: next after %v, began %v; want %v, %v", i+1, got, q.Began, want, noon)
		}
		now = q.NextAttempt
	}
	if q.Over(noon.Add(28*24*time.Hour)) || !q.Over(noon.Add(28*24*time.Hour+time.Second)) {
		t.Error("a job is disabled after more than four weeks, neither earlier nor later")
	}
}

func TestNextCycle(t *testing.T) {
	on := application.Application{On: true, TenantURL: "https://x.example/scim", Settings: application.DefaultSettings()}
	off, unconnected := on, on
	off.On, unconnected.TenantURL = false, ""
	for _, tt := range []struct {
		name string
		app  application.Application
		job  Job
		want time.Time
	}{
		{"first", on, Job{}, noon},
		{"off", off, Job{}, time.Time{}},
		{"not connected", unconnected, Job{}, time.Time{}},
		{"interval", on, Job{LastEnd: noon.Add(-10 * time.Minute)}, noon.Add(30 * time.Minute)},
		{"overdue", on, Job{LastEnd: noon.Add(-time.Hour)}, noon},
		{"quarantine", on, Job{LastEnd: noon.Add(-time.Hour), Quarantine: &Quarantine{Began: noon.Add(-time.Hour), NextAttempt: noon.Add(time.Hour)}}, noon.Add(time.Hour)},
		{"quarantine for four weeks", on, Job{Quarantine: &Quarantine{Began: noon.Add(-29 * 24 * time.Hour), NextAttempt: noon}}, time.Time{}},
	} {
		if got := NextCycle(noon, tt.app, tt.job); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if got, want := Due(noon, tt.app, tt.job), tt.want.Equal(noon); got != want {
			t.Errorf("%s: due %t, want %t", tt.name, got, want)
		}
	}
}

func TestParseRestartScope(t *testing.T) {
	for _, tt := range []struct {
		text string
		want RestartScope
	}{
		{"", RestartScope{Escrows: true, Quarantine: true}},
		{"watermark", RestartScope{}},
		{"Watermark, Escrows,quarantine", RestartScope{Escrows: true, Quarantine: true}},
		{"links", RestartScope{Links: true}},
		{"full", RestartScope{Escrows: true, Quarantine: true, Links: true}},
		{"force-deletes", RestartScope{ForceDeletes: true}},
	} {
		if got, err := ParseRestartScope(tt.text); err != nil || got != tt.want {
			t.Errorf("ParseRestartScope(%q) = %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
	}
	if _, err := ParseRestartScope("everything"); err == nil || !strings.Contains(err.Error(), restartWords) {
		t.Errorf("an unknown word must name the known ones: %v", err)
	}
}

func TestTallyCountsEachObjectOncePerWord(t *testing.T) {
	c := newCounter()
	c.add(Key{"User", "a"}, created)
	c.add(Key{"User", "a"}, updated) // the manager, in the second pass
	c.add(Key{"User", "b"}, unchanged)
	c.add(Key{"User", "b"}, updated)
	c.add(Key{"User", "c"}, linked|updated)
	c.add(Key{"User", "d"}, skipped)
	c.add(Key{"User", "e"}, unchanged)
	c.add(Key{"Group", "g"}, updated)
	c.add(Key{"Group", "g"}, updated)
	c.add(Key{"Group", "g"}, failed)
	users, groups := c.tallies()
	if want := (Tally{Evaluated: 5, Created: 1, Linked: 1, Updated: 2, Unchanged: 1, Skipped: 1}); users != want {
		t.Errorf("users %+v, want %+v", users, want)
	}
	if want := (Tally{Evaluated: 1, Updated: 1, Failed: 1}); groups != want {
		t.Errorf("groups %+v, want %+v", groups, want)
	}
	if got := users.plus(groups).Evaluated; got != 6 {
		t.Errorf("sum %d, want 6", got)
	}
}

func TestEntryPath(t *testing.T) {
	r := scim.Resource{
		"userName": "mary", "active": true, "name": map[string]any{"givenName": "Mary"},
		"emails": []any{
			map[string]any{"type": "home", "value": "h@x"}, map[string]any{"type": "Work", "value": "w@x", "primary": true},
		},
		scim.URNEnterpriseUser: map[string]any{"department": "R&D", "manager": map[string]any{"value": "m1", "displayName": "Bob"}},
		"urn:custom:2.0:User":  map[string]any{"color": "red"},
		"roles":                []any{map[string]any{"value": "admin", "primary": "True"}},
		"nickNames":            []any{"a", "b"},
	}
	for path, want := range map[string]any{
		"userName":                                         "mary",
		"USERNAME":                                         "mary",
		"active":                                           true,
		"name.givenName":                                   "Mary",
		"name.familyName":                                  nil,
		`emails[type eq "work"].value`:                     "w@x",
		`emails[type eq "other"].value`:                    nil,
		`emails[type EQ "home"].value`:                     "h@x",
		`emails[primary eq true].value`:                    "w@x",
		"emails.value":                                     "h@x",
		`roles[primary eq "True"].value`:                   "admin",
		scim.URNEnterpriseUser + ":department":             "R&D",
		scim.URNEnterpriseUser + ":manager":                "m1",
		scim.URNUser + ":userName":                         "mary",
		"urn:custom:2.0:User:color":                        "red",
		"urn:other:2.0:User:color":                         nil,
		`emails[type eq "work" and primary eq true].value`: "w@x",
		`emails[type eq "home" and primary eq true].value`: nil,
		`emails[type eq "a \" and b eq \"c"].value`:        nil,
		`emails[type eq "work"`:                            nil,
		`emails[type co "wo"].value`:                       nil,
		"":                                                 nil,
	} {
		if got := parseEntryPath(path).value(r); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
}

func FuzzEntryPath(f *testing.F) {
	for _, s := range []string{"userName", `emails[type eq "work"].value`, "urn:a:b", "[", "]", `x[a eq "\`, "a.b.c", `m[a eq 1 and b eq 2]`} {
		f.Add(s)
	}
	r := scim.Resource{"emails": []any{map[string]any{"type": "work"}}, "name": map[string]any{"a": "b"}}
	f.Fuzz(func(t *testing.T, path string) {
		p := parseEntryPath(path)
		if v := p.value(r); v != nil && p.name == "" {
			t.Errorf("%q has no name and a value %v", path, v)
		}
	})
}

func FuzzRestartScope(f *testing.F) {
	f.Add("watermark,escrows")
	f.Add(",,")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseRestartScope(text); err != nil && s != (RestartScope{}) {
			t.Errorf("%q: %+v with %v", text, s, err)
		}
	})
}

// TestProcess reads a made-up /proc.
func TestProcess(t *testing.T) {
	proc := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(proc, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stat := func(name, state, start string) string {
		return "7 (" + name + ") " + state + " 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + start + " 0 0"
	}
	write("sys/kernel/random/boot_id", "boot-1\n")
	write("7/stat", stat("roll) call", "S", "4711"))
	write("8/stat", stat("other", "S", "9999"))
	write("9/stat", stat("gone", "Z", "1234"))
	p := Process{Proc: proc, PID: 7}
	l := p.lease("holder")
	if l.Started != "4711" || l.PID != 7 || !strings.Contains(l.Host, "boot-1") {
		t.Fatalf("lease = %+v", l)
	}
	with := func(change func(*Lease)) Lease { x := l; change(&x); return x }
	for _, tt := range []struct {
		name  string
		lease Lease
		dead  bool
	}{
		{"alive", l, false},
		{"no such process", with(func(l *Lease) { l.PID = 10 }), true},
		{"id given to another", with(func(l *Lease) { l.PID = 8 }), true},
		{"zombie", with(func(l *Lease) { l.PID, l.Started = 9, "1234" }), true},
		{"other machine", with(func(l *Lease) { l.PID, l.Host = 10, "elsewhere" }), false},
		{"start time unknown", with(func(l *Lease) { l.PID, l.Started = 10, "" }), false},
	} {
		if got := p.dead(tt.lease); got != tt.dead {
			t.Errorf("%s: dead %t, want %t", tt.name, got, tt.dead)
		}
	}
}

func TestSourceAttributes(t *testing.T) {
	o := object{Object: directory.Object{ID: "u1", Type: directory.User, Attributes: scim.Resource{
		"userName": "mary", scim.URNEnterpriseUser: map[string]any{"manager": map[string]any{"value": "m1"}},
	}}, roles: []expression.Object{{Text: "Admin"}}, softDeleted: true}
	for name, want := range map[string]string{
		"objectId": "u1", "userPrincipalName": "mary", "issoftdeleted": "True", "appRoleAssignments": "Admin", "manager": "m1", "accountEnabled": "True", "jobTitle": "",
	} {
		v, known := o.Attribute(name)
		got := v.Text()
		if list := v.List(); len(list) == 1 {
			got = list[0]
		}
		if !known || got != want {
			t.Errorf("%s = %q, known %t; want %q", name, got, known, want)
		}
	}
	if _, known := o.Attribute("shoeSize"); known {
		t.Error("shoeSize is known")
	}
	if !KnownAttribute(directory.Registry(), directory.Group)("members") || KnownAttribute(directory.Registry(), directory.User)("nope") {
		t.Error("KnownAttribute is wrong")
	}
}
