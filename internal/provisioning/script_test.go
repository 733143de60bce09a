package provisioning_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

var update = flag.Bool("update", false, "write the outcome of the cycle scripts into their files")

// TestScripts runs testdata/*.txtar; testdata/README.md describes the format.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d scripts (%v), want at least 40", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			storetest.ForEachDB(t, func(t *testing.T, s *store.Store) { runScript(t, s, file) })
		})
	}
}

func runScript(t *testing.T, s *store.Store, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template := "vault-platform"
	if strings.Contains(string(archive.Comment), "template: scim") {
		template = "scim"
	}
	r := &script{world: newWorld(t, s, template)}
	changed := false
	for i, f := range archive.Files {
		switch {
		case f.Name == "given" || strings.HasPrefix(f.Name, "cycle"):
			r.section(f.Name, string(f.Data))
			continue
		}
		got := r.outcome(t, f.Name)
		if got == string(f.Data) {
			continue
		}
		if *update && !s.Postgres() {
			archive.Files[i].Data, changed = []byte(got), true
			continue
		}
		t.Errorf("%s of %s differs\n--- got\n%s--- want\n%s", f.Name, file, got, f.Data)
	}
	if changed {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// script is a world with the outcome of its last cycle.
type script struct {
	*world
	result provisioning.Result
	err    error
	demand *provisioning.OnDemand
	faults bool
	opts   provisioning.Options
}

// section carries out the commands of a section; that of a cycle ends with the cycle.
func (r *script) section(name, text string) {
	r.t.Helper()
	r.opts = provisioning.Options{Foreground: true}
	r.demand = nil
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r.command(line)
	}
	if !strings.HasPrefix(name, "cycle") {
		return
	}
	r.nameAccounts()
	if r.demand != nil {
		return
	}
	r.wait(time.Minute)
	r.proxy.Forget()
	plan := r.plan()
	r.proxy.Forget()
	r.result, r.err = r.cycle(r.opts)
	r.nameAccounts()
	r.comparePlan(plan)
}

func (r *script) nameAccounts() {
	for _, typ := range []string{"User", "Group"} {
		for _, a := range r.service.All(typ) {
			r.nameAccount(a)
		}
	}
}

func (r *script) command(line string) {
	r.t.Helper()
	words := fields(line)
	args := words[1:]
	pairs := map[string]string{}
	for _, a := range args {
		if k, v, ok := strings.Cut(a, "="); ok {
			pairs[k] = v
		}
	}
	switch words[0] {
	case "user":
		r.user(args[0], pairs)
	case "set":
		r.change(args[0], pairs)
	case "group":
		r.group(args[0], args[1:]...)
	case "join":
		r.members(scim.MemberAdd, args[0], args[1:]...)
	case "leave":
		r.members(scim.MemberRemove, args[0], args[1:]...)
	case "delete", "restore", "purge":
		r.remove(words[0], args[0])
	case "assign", "unassign":
		for _, a := range args {
			if !strings.HasPrefix(a, "role=") {
				r.assign(a, pairs["role"], words[0] == "assign")
			}
		}
	case "account":
		r.account(args[0], strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(line, "account"), " "+args[0])))
	default:
		r.operate(line, words[0], args, pairs)
	}
}

// operate are the commands that concern the application, the job and the service.
func (r *script) operate(line, word string, args []string, pairs map[string]string) {
	r.t.Helper()
	ctx := r.t.Context()
	switch word {
	case "app":
		s, err := r.app.Settings.With(args...)
		r.must(err)
		r.app.SetSettings(s)
		r.save()
	case "role":
		role := application.Role{ID: "role-" + args[0], Value: args[0], DisplayName: cmp.Or(pairs["name"], args[0]), Disabled: pairs["disabled"] == "yes"}
		r.must(r.app.SaveRole(role))
		r.save()
	case "domain":
		r.must(r.store.SetDefaultDomain(ctx, org, args[0]))
		app, err := r.store.ApplicationByID(ctx, r.app.ID)
		r.must(err)
		r.app = app
	case "scope":
		r.must(r.app.SetScope(args[0]))
		r.save()
	case "filter", "filter-groups":
		typ := map[string]string{"filter": directory.User, "filter-groups": directory.Group}[word]
		r.must(r.app.SetFilters(typ, json.RawMessage(strings.TrimPrefix(line, word+" "))))
		r.save()
	case "mapping":
		r.mapping(args, pairs)
	case "row":
		r.row(args[0], strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(line, "row"), " "+args[0])))
	case "wait":
		d, err := time.ParseDuration(args[0])
		r.must(err)
		r.wait(d)
	case "background":
		r.opts.Foreground = false
	case "restart":
		s, err := provisioning.ParseRestartScope(strings.Join(args, ","))
		r.must(err)
		r.must(r.engine.Restart(ctx, r.app, s))
	case "allow", "reject":
		r.must(r.engine.Decide(ctx, r.app, word == "allow"))
	case "dialect":
		r.dialect = target.Dialect(args[0])
	case "fault":
		r.fault(args, pairs)
	case "service":
		r.tamper(line, args, pairs)
	case "provision", "preview":
		r.proxy.Forget()
		o := r.find(args[0])
		d, err := r.engine.ProvisionOnDemand(ctx, r.app, r.target(), provisioning.Subject{Type: o.Type, ID: o.ID}, word == "preview")
		r.must(err)
		r.demand = &d
	default:
		r.t.Fatalf("unknown command %q", line)
	}
}

// fault makes the service misbehave: "fault refuse method=POST path=/Users body=bob status=400 detail=… times=1"; "fault none".
func (r *script) fault(args []string, pairs map[string]string) {
	if args[0] == "none" {
		r.faults = false
		r.proxy.Rules()
		return
	}
	r.faults = true
	rule := scimfake.Rule{Fault: scimfake.Fault(args[0]), Method: pairs["method"], Path: pairs["path"], Body: pairs["body"], Detail: pairs["detail"]}
	rule.Times, _ = strconv.Atoi(pairs["times"])
	rule.Status, _ = strconv.Atoi(pairs["status"])
	rule.Skip, _ = strconv.Atoi(pairs["skip"])
	r.proxy.Rules(rule)
}

// tamper changes the service behind our back: "service delete NAME", "service set NAME title=x", "service set NAME {"title":"x"}".
func (r *script) tamper(line string, args []string, pairs map[string]string) {
	r.t.Helper()
	typ, a := r.accountOf(args[1])
	rt := acme().Type(typ)
	if args[0] == "delete" {
		r.must(r.service.Delete(r.t.Context(), rt, a.ID(), scimserver.Write{}))
		return
	}
	next := a.Clone()
	if body := strings.Join(args[2:], " "); strings.HasPrefix(body, "{") {
		set, err := scim.DecodeStored([]byte(line[strings.IndexByte(line, '{'):]))
		r.must(err)
		maps.Copy(next, set)
	}
	for k, v := range pairs {
		if v == "false" || v == "true" {
			next[k] = v == "true"
		} else {
			next[k] = v
		}
	}
	_, err := r.service.Replace(r.t.Context(), rt, a.ID(), next, scimserver.Write{})
	r.must(err)
}

// plan asks what the cycle will do. Where the service misbehaves, the plan may meet the fault instead of the cycle, so none is asked for.
func (r *script) plan() *provisioning.Plan {
	r.t.Helper()
	if r.faults {
		return nil
	}
	p, err := r.engine.Plan(r.t.Context(), r.app, r.target(), r.opts)
	r.must(err)
	for _, q := range r.proxy.Requests() {
		if q.Method != http.MethodGet {
			r.t.Errorf("the plan wrote to the service: %s", q.Line())
		}
	}
	return &p
}

// comparePlan holds that the plan said what the cycle did.
func (r *script) comparePlan(p *provisioning.Plan) {
	r.t.Helper()
	if p == nil || r.err != nil {
		return
	}
	if p.Users != r.result.Users || p.Groups != r.result.Groups || p.Kind != r.result.Kind || !p.Plan {
		r.t.Errorf("plan %s users %+v groups %+v, but the cycle %s did users %+v groups %+v", p.Kind, p.Users, p.Groups, r.result.Kind, r.result.Users, r.result.Groups)
	}
	if (p.Held == nil) != (r.result.Held == nil) || (p.Quarantine == nil) != (r.result.Quarantine == nil) {
		r.t.Errorf("plan held %v quarantine %v, cycle %v %v", p.Held, p.Quarantine, r.result.Held, r.result.Quarantine)
	}
	var planned, done []string
	for _, rec := range p.Records {
		planned = append(planned, fmt.Sprint(rec.Kind, rec.Source.Name, rec.Action, rec.Status, rec.ErrorCode))
	}
	for _, rec := range r.log(0) {
		if rec.Cycle == r.result.CycleID && (rec.Action != "none" || rec.Status != "skipped") {
			done = append(done, fmt.Sprint(rec.Kind, rec.Name, rec.Action, rec.Status, rec.Code))
		}
	}
	slices.Sort(planned)
	slices.Sort(done)
	if !slices.Equal(planned, done) {
		r.t.Errorf("the plan said\n%s\nand the cycle did\n%s", strings.Join(planned, "\n"), strings.Join(done, "\n"))
	}
}

// outcome renders what a golden section is about.
func (r *script) outcome(t *testing.T, section string) string {
	kind, _, _ := strings.Cut(section, " ")
	switch kind {
	case "log":
		return r.logText()
	case "requests":
		return r.requestsText()
	case "counts":
		return r.countsText()
	case "target":
		return r.targetText()
	case "answer":
		return r.answerText()
	case "status":
		return r.statusText()
	}
	t.Fatalf("unknown section %q", section)
	return ""
}

func (r *script) countsText() string {
	var b strings.Builder
	for _, part := range []struct {
		name string
		t    provisioning.Tally
	}{{r.result.Kind, r.result.Tally}, {"users", r.result.Users}, {"groups", r.result.Groups}} {
		if part.name == "groups" && part.t == (provisioning.Tally{}) || part.name == "users" && part.t == r.result.Tally {
			continue
		}
		fmt.Fprintf(&b, "%s%s\n", part.name, words(part.t))
	}
	if h := r.result.Held; h != nil {
		fmt.Fprintf(&b, "held: %d of at most %d\n", h.Count, h.Threshold)
	}
	if q := r.result.Quarantine; q != nil {
		fmt.Fprintf(&b, "quarantine: %s %s\n", q.Reason, q.Code)
	}
	if r.err != nil {
		fmt.Fprintf(&b, "error: %s\n", meaning(r.err))
	}
	return b.String()
}

func words(t provisioning.Tally) string {
	raw, _ := json.Marshal(t)
	var m map[string]int
	if err := json.Unmarshal(raw, &m); err != nil {
		return err.Error()
	}
	var out string
	for _, k := range []string{"evaluated", "created", "linked", "updated", "disabled", "restored", "deleted", "unchanged", "skipped", "failed", "staged"} {
		if m[k] != 0 {
			out += fmt.Sprintf(" %s=%d", k, m[k])
		}
	}
	return out
}

func (r *script) answerText() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\n", r.demand.Action, r.demand.Status, r.demand.ErrorCode)
	for _, s := range r.demand.Steps {
		fmt.Fprintf(&b, "%s: %s: %s\n", s.Name, s.Status, s.Detail)
	}
	for _, p := range r.demand.Modified {
		fmt.Fprintf(&b, "  %s: %s → %s\n", p.Name, show(p.Old), show(p.New))
	}
	return r.readable(b.String())
}

func (r *script) statusText() string {
	s, err := r.engine.Status(r.t.Context(), r.app)
	r.must(err)
	next := "never"
	if s.NextCycle != nil {
		next = "in " + s.NextCycle.Sub(r.clock()).String()
	}
	return fmt.Sprintf("%s users=%d groups=%d linked=%d disabled=%d failed=%d escrows=%d staged=%d excluded=%d next %s\n", s.State, s.Counts.Users, s.Counts.Groups,
		s.Counts.Linked, s.Counts.Disabled, s.Counts.Failed, s.Escrows, s.Staged, s.Excluded, next)
}

// meaning is the part of an error that does not depend on ports and the like.
func meaning(err error) string {
	var t *provisioning.TargetError
	if errors.As(err, &t) {
		return t.Code
	}
	return err.Error()
}

// fields splits at spaces outside double quotes, and drops the quotes. In JSON nothing is dropped: it is read from the line itself.
func fields(line string) []string {
	var out []string
	var word strings.Builder
	quoted, begun := false, false
	line = strings.ReplaceAll(line, `\"`, "\x00")
	for _, c := range line {
		switch {
		case c == 0:
			word.WriteByte('"')
			begun = true
		case c == '"':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if begun {
		out = append(out, word.String())
	}
	return out
}
