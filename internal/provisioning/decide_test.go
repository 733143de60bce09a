package provisioning

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

// The mapping rows of the decide tests.
var (
	rowUserName = mapping.AttributeMapping{Target: "userName", Kind: mapping.Direct, Value: "userPrincipalName", Matching: 1, Apply: mapping.Always, Type: mapping.String}
	rowExternal = mapping.AttributeMapping{Target: "externalId", Kind: mapping.Direct, Value: "objectId", Matching: 2, Apply: mapping.Always, Type: mapping.String, CaseExact: true}
	rowActive   = mapping.AttributeMapping{Target: "active", Kind: mapping.Expression, Value: "…", Apply: mapping.Always, Type: mapping.Boolean}
	rowTitle    = mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Value: "jobTitle", Apply: mapping.Always, Type: mapping.String, Required: true}
	rowCity     = mapping.AttributeMapping{Target: `addresses[type eq "work"].locality`, Kind: mapping.Direct, Value: "city", Apply: mapping.Always, Type: mapping.String}
)

func val(m mapping.AttributeMapping, v any) mapping.Value {
	return mapping.Value{Path: m.Target, Mapping: &m, Value: v, Flow: true}
}

// mapped are those of a person with the given active.
func mapped(active bool, more ...mapping.Value) []mapping.Value {
	return append([]mapping.Value{val(rowUserName, "mary@x.example"), val(rowExternal, "u1"), val(rowActive, active), val(rowTitle, "Engineer")}, more...)
}

func has(active bool) map[string]any {
	return map[string]any{"userName": "mary@x.example", "externalId": "u1", "active": active, "title": "Engineer"}
}

// person is the situation of somebody in scope who has no account yet; options change it.
func person(options ...func(*Situation)) Situation {
	s := Situation{
		Source:   Source{Type: "User", ID: "u1", Name: "mary@x.example", Enabled: true},
		Scope:    Scope{In: true, Reason: "assigned to the application"},
		Updating: mapped(true), Creating: mapped(true),
		Policy: Policy{Create: true, Update: true, Delete: true, SoftDelete: true, WhenEmpty: mapping.Clear},
	}
	for _, o := range options {
		o(&s)
	}
	return s
}

type option = func(*Situation)

func hasLink(state LinkState, managed bool) option {
	return func(s *Situation) {
		s.Link = &Link{Type: "User", Source: "u1", SourceName: "mary@x.example", Target: "t1", State: state, Managed: managed, Written: has(state == LinkActive)}
	}
}
func yields(v ...mapping.Value) option { return func(s *Situation) { s.Updating, s.Creating = v, v } }
func policy(change func(*Policy)) option {
	return func(s *Situation) { change(&s.Policy) }
}

var (
	linkedActive   = hasLink(LinkActive, true)
	linkedDisabled = hasLink(LinkDisabled, true)
	unmanaged      = hasLink(LinkDisabled, false)
	leaves         = yields(mapped(false)...)
	noneFound      = func(s *Situation) { s.Target = Found{Known: Missing} }
	oneFound       = func(s *Situation) {
		s.Target = Found{Known: Present, Entry: Entry{ID: "t9", Name: "mary@x.example"}, Values: has(true), By: `userName "mary@x.example"`, Count: 1}
	}
	severalFound = func(s *Situation) { s.Target = Found{Known: Several, By: `userName "mary@x.example"`, Count: 2} }
	unassigned   = func(s *Situation) { s.Scope = Scope{Reason: "not assigned to the application"}; leaves(s) }
	filteredOut  = func(s *Situation) { s.Scope = Scope{Reason: "no scoping filter passes"}; leaves(s) }
	ignored      = func(s *Situation) { s.Scope = Scope{Ignored: true, Reason: "ignored"} }
	softDeleted  = func(s *Situation) { s.Source.Presence = SoftDeleted; s.Scope = Scope{}; leaves(s) }
	purged       = func(s *Situation) { s.Source.Presence = Purged; s.Scope = Scope{}; s.Updating, s.Creating = nil, nil }
	switchedOff  = func(s *Situation) { s.Source.Enabled = false; leaves(s) }
	noSoftDelete = policy(func(p *Policy) { p.SoftDelete = false })
	skipScope    = policy(func(p *Policy) { p.SkipOutOfScope = true })
	appendOnly   = policy(func(p *Policy) { p.AppendOnly = true })
	noUpdate     = policy(func(p *Policy) { p.Update = false })
	noDelete     = policy(func(p *Policy) { p.Delete = false })
	noCreate     = policy(func(p *Policy) { p.Create = false })
	initial      = func(s *Situation) { s.Initial = true }
	gone         = func(s *Situation) { s.Target = Found{Known: Missing} }
)

// TestDecide has a row for every rule of Decide; the first block is the table of spec/entra-provisioning.md 1.9, left column first.
func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in      []option
		action  record.Action
		status  record.Status
		code    string
		reason  string // contained
		managed bool
		forget  bool
		changes string // paths
	}{
		{"unassigned", []option{linkedActive, unassigned}, record.Disable, record.Success, "", "not assigned", false, false, "active"},
		{"fails the filter", []option{linkedActive, filteredOut}, record.Disable, record.Success, "", "no scoping filter", false, false, "active"},
		{"accountEnabled=false", []option{linkedActive, switchedOff}, record.Disable, record.Success, "", "disabled in the directory", true, false, "active"},
		{"soft-deleted", []option{linkedActive, softDeleted}, record.Disable, record.Success, "", "deleted from the directory", true, false, "active"},
		{"purged while managed", []option{linkedDisabled, purged}, record.Delete, record.Success, "", "for good", false, false, ""},
		{"purged without a stop before", []option{linkedActive, purged}, record.Delete, record.Success, "", "for good", false, false, ""},
		{"purged after unassignment", []option{unmanaged, purged}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "no longer managed", false, true, ""},
		{"restored", []option{linkedDisabled}, record.Restore, record.Success, "", "again", true, false, "active"},
		{"assigned again", []option{unmanaged}, record.Restore, record.Success, "", "again", true, false, "active"},
		{"disabled, never provisioned", []option{switchedOff}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "no account of", false, false, ""},
		{"deleted, never provisioned", []option{softDeleted}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "no account of", false, false, ""},
		{"purged, never provisioned", []option{purged}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "no account of", false, false, ""},
		{"not assigned, never provisioned", []option{unassigned}, record.NoAction, record.Skipped, "NotEffectivelyEntitled", "not assigned", false, false, ""},

		{"unassigned, no soft delete", []option{linkedActive, unassigned, noSoftDelete}, record.Delete, record.Success, "", "not assigned", false, false, ""},
		{"fails the filter, no soft delete", []option{linkedActive, filteredOut, noSoftDelete}, record.Delete, record.Success, "", "filter", false, false, ""},
		{"accountEnabled=false, no soft delete", []option{linkedActive, switchedOff, noSoftDelete}, record.Delete, record.Success, "", "disabled", false, false, ""},
		{"soft-deleted, no soft delete", []option{linkedActive, softDeleted, noSoftDelete}, record.Delete, record.Success, "", "deleted", false, false, ""},
		{"restored, no soft delete: no account", []option{noSoftDelete, noneFound}, record.Create, record.Success, "", "no account matches", true, false, "userName, externalId, active, title"},

		{"unassigned, disabled already", []option{linkedDisabled, unassigned}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "already", false, false, ""},
		{"deleted, disabled already", []option{linkedDisabled, softDeleted}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "already", true, false, ""},
		{"deleted after unassignment", []option{unmanaged, softDeleted}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "already", false, false, ""},
		{"unassigned while disabled in the directory", []option{linkedDisabled, switchedOff, unassigned}, record.NoAction, record.Skipped, "EntrySynchronizationSkipped", "already", false, false, ""},

		{"skip: unassigned", []option{linkedActive, unassigned, skipScope}, record.NoAction, record.Skipped, "SkipOutOfScopeDeletions", "leave", true, false, ""},
		{"skip: fails the filter", []option{linkedActive, filteredOut, skipScope, noSoftDelete}, record.NoAction, record.Skipped, "SkipOutOfScopeDeletions", "leave", true, false, ""},
		{"skip: soft-deleted all the same", []option{linkedActive, softDeleted, skipScope}, record.Disable, record.Success, "", "deleted", true, false, "active"},
		{"skip: disabled all the same", []option{linkedActive, switchedOff, unassigned, skipScope}, record.Disable, record.Success, "", "disabled", true, false, "active"},
		{"skip: purged all the same", []option{linkedActive, purged, skipScope}, record.Delete, record.Success, "", "for good", false, false, ""},

		{"append only: unassigned", []option{linkedActive, unassigned, appendOnly}, record.NoAction, record.Skipped, "AppendOnly", "never take", true, false, ""},
		{"append only: disabled", []option{linkedActive, switchedOff, appendOnly}, record.NoAction, record.Skipped, "RedundantExport", "nothing differs", true, false, ""},
		{"append only: purged", []option{linkedActive, purged, appendOnly}, record.NoAction, record.Skipped, "AppendOnly", "never take", true, true, ""},

		{"update off: disable is an update", []option{linkedActive, unassigned, noUpdate}, record.NoAction, record.Skipped, "UpdateDisabled", "disabling is an update", true, false, ""},
		{"update off: difference", []option{linkedActive, noUpdate, yields(val(rowTitle, "Chief"))}, record.NoAction, record.Skipped, "UpdateDisabled", "title", true, false, ""},
		{"update off: delete goes on", []option{linkedActive, purged, noUpdate}, record.Delete, record.Success, "", "for good", false, false, ""},
		{"delete off: purged", []option{linkedActive, purged, noDelete}, record.NoAction, record.Skipped, "DeleteDisabled", "does not delete", true, true, ""},
		{"delete off: disable goes on", []option{linkedActive, unassigned, noDelete}, record.Disable, record.Success, "", "not assigned", false, false, "active"},
		{"create off", []option{noCreate, noneFound}, record.NoAction, record.Skipped, "CreateDisabled", "does not create", false, false, ""},
		{"create off: link only", []option{noCreate, oneFound}, record.Link, record.Success, "", "is theirs", true, false, ""},
		{"update off: link only", []option{noUpdate, oneFound, yields(val(rowUserName, "mary@x.example"), val(rowTitle, "Chief"))}, record.Link, record.Success, "", "is theirs", true, false, ""},

		{"found", []option{oneFound}, record.Link, record.Success, "", `userName "mary@x.example"`, true, false, ""},
		{"found with a difference", []option{oneFound, yields(val(rowUserName, "mary@x.example"), val(rowTitle, "Chief"))}, record.Link, record.Success, "", "is theirs", true, false, "title"},
		{"several found", []option{severalFound}, record.NoAction, record.Failure, "DuplicateTargetEntries", "2 accounts", false, false, ""},
		{"no matching value", []option{yields(val(rowUserName, nil), val(rowExternal, ""), val(rowTitle, "x"))}, record.NoAction, record.Skipped, "ImportSkipped", "userName, externalId", false, false, ""},
		{"rival", []option{noneFound, func(s *Situation) { s.Rival = "bob@x.example" }}, record.NoAction, record.Failure, "DuplicateSourceEntries", "bob@x.example", false, false, ""},
		{"refused", []option{noneFound, func(s *Situation) { s.Refused = &TargetError{Code: "Conflict", Detail: "externalId is taken"} }}, record.Create, record.Failure, "Conflict", "externalId is taken", false, false, ""},
		{"made again", []option{noneFound, func(s *Situation) { s.Lost = "t0" }}, record.Create, record.Success, "", "t0 is gone", true, false, "userName, externalId, active, title"},

		{"no difference", []option{linkedActive}, record.NoAction, record.Skipped, "RedundantExport", "nothing differs", true, false, ""},
		{"a difference", []option{linkedActive, yields(mapped(true, val(rowCity, "Oslo"))...)}, record.Update, record.Success, "", "locality", true, false, rowCity.Target},
		{"renamed: same account", []option{linkedActive, yields(val(rowUserName, "mary.jones@x.example"), val(rowExternal, "u1"))}, record.Update, record.Success, "", "userName", true, false, "userName"},
		{"required and empty", []option{linkedActive, yields(val(rowUserName, "new@x.example"), val(rowTitle, nil))}, record.Update, record.Warning, "MissingValues", "differs", true, false, "userName, title"},
		{"created without a required value", []option{noneFound, yields(val(rowUserName, "a@x.example"), val(rowTitle, nil))}, record.Create, record.Warning, "MissingValues", "no account", true, false, "userName"},
		{"input filter", []option{linkedActive, ignored}, record.NoAction, record.Skipped, "InputFilter", "left alone", false, false, ""},
		{"input filter without account", []option{ignored}, record.NoAction, record.Skipped, "InputFilter", "left alone", false, false, ""},
		{"filter cannot judge", []option{linkedActive, func(s *Situation) { s.Scope = Scope{Broken: true, Reason: "two values"} }}, record.NoAction, record.Failure, "InvalidScopingFilter", "two values", true, false, ""},
		{"active not mapped to leaving", []option{linkedActive, unassigned, yields(mapped(true)...)}, record.NoAction, record.Warning, "EntrySynchronizationSkipped", "IsSoftDeleted", true, false, ""},
		{"mapping row broken, nothing else", []option{linkedActive, func(s *Situation) { s.Problems = []Problem{{"title", "too long"}} }}, record.NoAction, record.Warning, "InvalidMapping", "too long", true, false, ""},
		{"matching row broken at creation", []option{noneFound, func(s *Situation) { s.Problems = []Problem{{"userName", "not a text"}} }}, record.NoAction, record.Failure, "InvalidMapping", "not a text", false, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Decide(person(tt.in...))
			if d.Need != NeedNothing {
				t.Fatalf("Decide needs %d, want a decision", d.Need)
			}
			if d.Action != tt.action || d.Status != tt.status || d.Code != tt.code {
				t.Errorf("Decide = %s %s %q (%s), want %s %s %q", d.Action, d.Status, d.Code, d.Reason, tt.action, tt.status, tt.code)
			}
			if !strings.Contains(d.Reason, tt.reason) {
				t.Errorf("reason %q does not say %q", d.Reason, tt.reason)
			}
			if d.Managed != tt.managed || d.Forget != tt.forget {
				t.Errorf("managed %t, forget %t; want %t, %t", d.Managed, d.Forget, tt.managed, tt.forget)
			}
			if got := paths(d.Changes); got != tt.changes {
				t.Errorf("changes %q, want %q", got, tt.changes)
			}
		})
	}
}

// TestDecideNeeds says when a decision has to look at the target first.
func TestDecideNeeds(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []option
		need Need
		drop bool
	}{
		{"no link", nil, NeedMatch, false},
		{"linked, incremental: no read", []option{linkedActive}, NeedNothing, false},
		{"linked, initial", []option{linkedActive, initial}, NeedEntry, false},
		{"linked, initial, read", []option{linkedActive, initial, oneFound}, NeedNothing, false},
		{"linked, gone at the target", []option{linkedActive, gone}, NeedMatch, true},
		{"leaving, initial: no read", []option{linkedActive, initial, unassigned}, NeedNothing, false},
		{"nobody to match", []option{unassigned}, NeedNothing, false},
	} {
		d := Decide(person(tt.in...))
		if d.Need != tt.need || d.DropLink != tt.drop {
			t.Errorf("%s: need %d, drop %t; want %d, %t", tt.name, d.Need, d.DropLink, tt.need, tt.drop)
		}
	}
}

// TestDecideOwner says when a found account may be taken.
func TestDecideOwner(t *testing.T) {
	owned := func(gone bool) option {
		return func(s *Situation) {
			oneFound(s)
			s.Target.Owner, s.Target.OwnerGone = &Link{Type: "User", Source: "u0", SourceName: "old mary"}, gone
		}
	}
	if d := Decide(person(owned(false))); d.Code != "DuplicateSourceEntries" || !strings.Contains(d.Reason, "old mary") {
		t.Errorf("somebody else's account: %+v", d)
	}
	d := Decide(person(owned(true)))
	if d.Action != record.Link || d.TakeOver == nil || d.TakeOver.Source != "u0" {
		t.Errorf("account of somebody who is gone: %+v", d)
	}
}

// TestWhenEmpty is about a source value that is empty while the account has one.
func TestWhenEmpty(t *testing.T) {
	row := func(rule mapping.WhenEmpty, change func(*mapping.AttributeMapping)) mapping.Value {
		m := mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Apply: mapping.Always, Type: mapping.String, WhenEmpty: rule}
		if change != nil {
			change(&m)
		}
		v := mapping.Value{Path: "title", Mapping: &m, Flow: true}
		if m.Default != "" {
			v.Default = m.Default
		}
		return v
	}
	withDefault := func(m *mapping.AttributeMapping) { m.Default = "Staff" }
	for _, tt := range []struct {
		name    string
		v       mapping.Value
		setting mapping.WhenEmpty
		append  bool
		old     any
		want    string // "": nothing is written; "-": removed
	}{
		{"setting leave", row("", nil), mapping.Leave, false, "Engineer", ""},
		{"setting clear", row("", nil), mapping.Clear, false, "Engineer", "-"},
		{"setting default", row("", withDefault), mapping.UseDefault, false, "Engineer", "Staff"},
		{"setting default, none given", row("", nil), mapping.UseDefault, false, "Engineer", ""},
		{"row leave beats setting", row(mapping.Leave, nil), mapping.Clear, false, "Engineer", ""},
		{"row clear beats setting", row(mapping.Clear, nil), mapping.Leave, false, "Engineer", "-"},
		{"row default, same already", row(mapping.UseDefault, withDefault), mapping.Leave, false, "staff", ""},
		{"row default fills an empty one", row(mapping.UseDefault, withDefault), mapping.Leave, false, nil, "Staff"},
		{"default if null is not for updates", row("", withDefault), mapping.Leave, false, nil, ""},
		{"clear, empty already", row("", nil), mapping.Clear, false, nil, ""},
		{"clear, append only", row("", nil), mapping.Clear, true, "Engineer", ""},
		{"clear a matching attribute", row("", func(m *mapping.AttributeMapping) { m.Matching = 1 }), mapping.Clear, false, "Engineer", ""},
		{"clear a required attribute", row("", func(m *mapping.AttributeMapping) { m.Required = true }), mapping.Clear, false, "Engineer", "-"},
		{"only on create", row(mapping.Clear, func(m *mapping.AttributeMapping) { m.Apply = mapping.OnlyOnCreate }), mapping.Clear, false, "Engineer", ""},
		{"kind none", row(mapping.Clear, func(m *mapping.AttributeMapping) { m.Kind = mapping.None }), mapping.Clear, false, "Engineer", ""},
	} {
		c, changed := attributeChange(tt.v, tt.old, Policy{WhenEmpty: tt.setting, AppendOnly: tt.append})
		got := ""
		if changed {
			got = text(c.New)
			if c.New == nil {
				got = "-"
			}
		}
		if got != tt.want {
			t.Errorf("%s: wrote %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSame(t *testing.T) {
	for _, tt := range []struct {
		want, have any
		m          mapping.AttributeMapping
		same       bool
	}{
		{"Engineer", "engineer", rowTitle, true},
		{"U1", "u1", rowExternal, false},
		{"STRASSE", "straße", rowTitle, true},
		{true, "True", rowActive, true},
		{true, "false", rowActive, false},
		{false, false, rowActive, true},
		{false, nil, rowActive, false},
		{int64(3), float64(3), rowTitle, true},
		{int64(3), "3", rowTitle, true},
		{int64(3), "4", rowTitle, false},
		{nil, "", rowTitle, true},
		{"", nil, rowTitle, true},
		{"2026-03-01T08:00:00Z", "2026-03-01T09:00:00+01:00", mapping.AttributeMapping{Type: mapping.DateTime}, true},
		{"2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z", mapping.AttributeMapping{Type: mapping.DateTime}, false},
		{int64(12), "012", mapping.AttributeMapping{Type: mapping.Integer}, true},
		{int64(12), "12a", mapping.AttributeMapping{Type: mapping.Integer}, false},
		{"+/8=", "-_8=", mapping.AttributeMapping{Type: mapping.Binary}, true},
		{"SGVsbG8=", "sgvsbg8=", mapping.AttributeMapping{Type: mapping.Binary}, false},
		{[]any{"a", "b"}, []any{"B", "a"}, rowTitle, true},
		{[]any{"a", "b"}, []any{"B", "a"}, rowExternal, false},
		{[]any{"a", "b"}, []any{"a"}, rowTitle, false},
		{[]any{"a"}, []any{"a", "b"}, rowTitle, false},
		{[]any{"a"}, "a", rowTitle, true},
		{[]any{"a"}, []any{"a", "A"}, rowTitle, true},
		{[]any{int64(1), int64(2)}, []any{float64(2), "1"}, mapping.AttributeMapping{Type: mapping.Integer}, true},
		{[]any{true}, []any{"True"}, rowActive, true},
		{[]any{"a"}, []any{map[string]any{"value": "A", "type": "work"}}, rowTitle, true},
		{[]any{map[string]any{"value": "a", "primary": false}}, []any{map[string]any{"value": "A", "$ref": "x"}}, rowTitle, true},
		{[]any{map[string]any{"value": "a", "primary": true}}, []any{map[string]any{"value": "a", "primary": "true"}}, rowTitle, true},
		{[]any{map[string]any{"value": "a", "primary": false}}, []any{map[string]any{"value": "a", "primary": true}}, rowTitle, false},
		{[]any{map[string]any{"value": "a"}}, []any{map[string]any{"value": "a"}, map[string]any{"value": "b"}}, rowTitle, false},
		{[]any{map[string]any{"value": "a"}}, []any{"a"}, rowTitle, true},
	} {
		if got := same(tt.want, tt.have, &tt.m); got != tt.same {
			t.Errorf("same(%v, %v) = %t, want %t", tt.want, tt.have, got, tt.same)
		}
	}
}

func TestMatchingValuesByPrecedence(t *testing.T) {
	got := MatchingValues([]mapping.Value{val(rowTitle, "x"), val(rowExternal, "u1"), val(rowUserName, "mary")})
	if len(got) != 2 || got[0].Path != "userName" || got[1].Path != "externalId" {
		t.Errorf("MatchingValues = %v", got)
	}
	if got := MatchingValues([]mapping.Value{val(rowExternal, "u1"), val(rowUserName, nil)}); len(got) != 1 || got[0].Path != "externalId" {
		t.Errorf("an empty value must fall to the next: %v", got)
	}
}
