package scim_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// provider maps the folders of testdata to the provider of the data integration that such requests come through.
func provider(folder string) string {
	switch folder {
	case "entra", "entra-flag":
		return "azure"
	}
	return folder
}

// TestRecorded replays the requests of real identity providers, one file after the other, each into an organization of its own. testdata/README.md
// describes the format.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.http")
	if err != nil || len(files) < 22 {
		t.Fatalf("%d recorded files (%v); want at least 22", len(files), err)
	}
	for _, folder := range []string{"authentik", "entra", "entra-flag", "jumpcloud", "keycloak", "okta", "onelogin", "ping", "rippling", "sailpoint"} {
		if !slices.ContainsFunc(files, func(f string) bool { return filepath.Base(filepath.Dir(f)) == folder }) {
			t.Errorf("there are no recorded requests of %s", folder)
		}
	}
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		for _, file := range files {
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "testdata/"), ".http")
			t.Run(name, func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				folder, _, _ := strings.Cut(name, "/")
				b := newBackend(t, s)
				b.Profile = source.ProfileOf(provider(folder))
				replay(t, b, string(text))
			})
		}
	})
}

// recording is a file in replay.
type recording struct {
	t       *testing.T
	backend source.Backend
	handler http.Handler
	saved   map[string]string // by name in braces
}

func replay(t *testing.T, b source.Backend, text string) {
	r := &recording{t: t, backend: b, saved: map[string]string{"{{base}}": "https://app.example/api/scim/acme"}}
	r.handler = scimserver.New(scimserver.Config{
		Registry: registry(), Backend: b, Profile: b.Profile,
		BaseURL: func(*http.Request) string { return r.saved["{{base}}"] },
	})
	for i, part := range strings.Split("\n"+text, "\n### ")[1:] {
		title, rest, _ := strings.Cut(part, "\n")
		ok := t.Run(fmt.Sprintf("%02d %s", i+1, title), func(t *testing.T) {
			r.t = t
			if title == "state" {
				r.state(rest)
				return
			}
			r.exchange(rest)
		})
		if !ok {
			t.Fatal("what follows depends on this")
		}
	}
}

// fill puts saved values in the place of {{NAME}}.
func (r *recording) fill(text string) string {
	for name, value := range r.saved {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// exchange sends one request and checks the answer.
func (r *recording) exchange(text string) {
	r.t.Helper()
	sent, wanted, found := strings.Cut(text, "\n< ")
	if !found {
		r.t.Fatalf("no line with the expected status in\n%s", text)
	}
	head, body, _ := strings.Cut(sent, "\n\n")
	headLines := strings.Split(strings.TrimSpace(head), "\n")
	method, target, _ := strings.Cut(r.fill(headLines[0]), " ")
	req := httptest.NewRequest(method, target, strings.NewReader(r.fill(strings.TrimSpace(body))))
	for _, line := range headLines[1:] {
		name, value, _ := strings.Cut(line, ":")
		req.Header.Set(name, strings.TrimSpace(r.fill(value)))
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	status, facts, _ := strings.Cut(wanted, "\n")
	if fmt.Sprint(w.Code) != strings.TrimSpace(status) {
		r.t.Fatalf("status %d, want %s\n%s", w.Code, status, w.Body)
	}
	var answer any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			r.t.Fatalf("the answer is not JSON: %v\n%s", err, w.Body)
		}
	}
	r.answered(req, w, answer)
	checked := 0
	for _, fact := range lines(facts) {
		r.fact(fact, w, answer)
		if !strings.HasPrefix(fact, "$") {
			checked++
		}
	}
	if checked == 0 && w.Body.Len() > 0 {
		r.t.Errorf("nothing is said about what is in the answer:\n%s", w.Body)
	}
}

// lines splits lines, without empty ones and comments.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// fact checks one line: = POINTER JSON, ! POINTER, members IDS, $NAME POINTER, or a header.
func (r *recording) fact(line string, w *httptest.ResponseRecorder, answer any) {
	r.t.Helper()
	kind, rest, _ := strings.Cut(line, " ")
	switch {
	case kind == "=":
		pointer, want, _ := strings.Cut(rest, " ")
		if got, _ := lookup(answer, pointer); !equalJSON(r.t, got, r.fill(want)) {
			r.t.Errorf("%s is %s, want %s\n%s", pointer, text(got), r.fill(want), w.Body)
		}
	case kind == "!":
		if got, ok := lookup(answer, rest); ok {
			r.t.Errorf("%s is %s, want nothing there", rest, text(got))
		}
	case strings.HasPrefix(kind, "$"):
		got, _ := lookup(answer, rest)
		value, ok := got.(string)
		if !ok {
			r.t.Fatalf("%s is %s, want a string to keep", rest, text(got))
		}
		r.saved["{{"+kind[1:]+"}}"] = value
	case kind == "members":
		r.answersMembers(rest, answer)
	case strings.HasSuffix(kind, ":"):
		if got, want := w.Header().Get(strings.TrimSuffix(kind, ":")), r.fill(rest); got != want {
			r.t.Errorf("%s %q, want %q", kind, got, want)
		}
	default:
		r.t.Fatalf("cannot read the line %q", line)
	}
}

// lookup follows a JSON pointer (RFC 6901) without escapes.
func lookup(v any, pointer string) (any, bool) {
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			var i int
			if _, err := fmt.Sscanf(step, "%d", &i); err != nil || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func equalJSON(t *testing.T, got any, want string) bool {
	t.Helper()
	var w any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%q is not JSON: %v", want, err)
	}
	return reflect.DeepEqual(got, w)
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// state checks what the directory holds after the requests.
func (r *recording) state(text string) {
	s := bufio.NewScanner(strings.NewReader(text))
	for s.Scan() {
		words := strings.Fields(r.fill(s.Text()))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		switch words[0] {
		case "count":
			got, err := r.backend.Directory.Store.CountObjects(r.t.Context(), r.backend.Organization, words[1])
			if err != nil || fmt.Sprint(got) != words[2] {
				r.t.Errorf("%d objects of type %s (%v), want %s", got, words[1], err, words[2])
			}
		case "members":
			r.members(strings.TrimSpace(strings.TrimPrefix(r.fill(s.Text()), "members ")))
		case "feed":
			if got, want := r.feed(), strings.Join(words[1:], " "); got != want {
				r.t.Errorf("change feed is\n%s\nwant\n%s", got, want)
			}
		default:
			r.t.Fatalf("cannot read the line %q", s.Text())
		}
	}
}

// members checks "GROUP: userName, userName".
func (r *recording) members(line string) {
	name, list, _ := strings.Cut(line, ":")
	reader := r.backend.Directory.Store
	group, err := reader.ObjectByName(r.t.Context(), r.backend.Organization, directory.Group, name)
	if err != nil {
		r.t.Fatalf("group %q: %v", name, err)
	}
	rows, err := reader.Members(r.t.Context(), r.backend.Organization, group.ID, "", 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	got := map[string]bool{}
	for _, m := range rows {
		o, err := reader.Object(r.t.Context(), r.backend.Organization, m.MemberType, m.Member)
		if err != nil {
			r.t.Fatal(err)
		}
		got[o.Name()] = true
	}
	want := map[string]bool{}
	for member := range strings.SplitSeq(list, ",") {
		if member = strings.TrimSpace(member); member != "" {
			want[member] = true
		}
	}
	if !reflect.DeepEqual(got, want) {
		r.t.Errorf("members of %s are %v, want %v", name, got, want)
	}
}

// feed is the organization's change feed in words: create:User update:User member-add:Group …
func (r *recording) feed() string {
	changes, err := r.backend.Directory.Store.Changes(r.t.Context(), r.backend.Organization, 0, 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	var words []string
	for _, c := range changes {
		words = append(words, fmt.Sprintf("%s:%s", c.Kind, c.Type))
	}
	return strings.Join(words, " ")
}
