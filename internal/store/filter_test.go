package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// world is some users and groups, in a store and as the resources that clients see.
type world struct {
	org    string
	users  []scim.Resource
	groups []scim.Resource
}

// words are the values of strings: few, so that filters hit, with everything that goes wrong in SQL.
var words = []string{
	"", "a", "A", "ab", "Ab", "abc", "ba", "x y", "%", "_", "a%", "a_b", "'", `"`, `\`, "$1", "Straße", "STRASSE", "é", "e\u0301", "É", "ß",
	"日本", "\u00a0",
	"2026-01-02T03:04:05Z", "0", "1", "true", "null", "W/\"1\"", "User", "user", "direct", "work", "Work", "home", strings.Repeat("z", 600),
}

var times = []string{
	"2026-03-04T12:00:00.123Z", "2026-03-04T12:00:00.123456Z", "2026-03-04T13:00:00.124+01:00", "2025-01-01T00:00:00Z", "2026-03-04T12:00:00.125Z",
}

func word(t *rapid.T) string { return rapid.SampledFrom(words).Draw(t, "word") }

// someUser draws attributes of a user.
func someUser(t *rapid.T, org string, n int, boss string) directory.Object {
	o := user(org, fmt.Sprintf("%s-u%d", org, n), fmt.Sprintf("%s-%d", word(t), n))
	maybe := func() bool { return rapid.Bool().Draw(t, "there") }
	set := func(into map[string]any, name string) {
		if w := word(t); maybe() && w != "" {
			into[name] = w
		}
	}
	for _, name := range []string{"displayName", "title", "externalId", "userType", "profileUrl", "preferredLanguage"} {
		set(o.Attributes, name)
	}
	if maybe() {
		o.Attributes["active"] = maybe()
	}
	if name := map[string]any{}; maybe() {
		set(name, "givenName")
		set(name, "familyName")
		if len(name) > 0 {
			o.Attributes["name"] = name
		}
	}
	for _, list := range []string{"emails", "roles", "addresses", "x509Certificates"} {
		if elements := someElements(t, list); len(elements) > 0 {
			o.Attributes[list] = elements
		}
	}
	enterprise := map[string]any{}
	set(enterprise, "department")
	set(enterprise, "employeeNumber")
	if maybe() {
		enterprise["manager"] = map[string]any{"value": rapid.SampledFrom([]string{boss, "nobody", "A"}).Draw(t, "manager")}
	}
	if len(enterprise) > 0 {
		o.Attributes[scim.URNEnterpriseUser] = enterprise
	}
	o.Created = noon.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "created")) * time.Microsecond)
	o.Modified = o.Created.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "modified")) * time.Microsecond)
	o.Version = int64(rapid.IntRange(1, 12).Draw(t, "version"))
	return o
}

func someElements(t *rapid.T, list string) []any {
	var out []any
	primary := rapid.IntRange(-1, 2).Draw(t, "primary")
	for i := range rapid.IntRange(0, 3).Draw(t, "elements") {
		e := map[string]any{}
		names := []string{"value", "type", "display"}
		if list == "addresses" {
			names = []string{"locality", "country", "type"}
		}
		if list == "x509Certificates" {
			names = []string{"type", "display"}
			e["value"] = rapid.SampledFrom([]string{"YQ==", "YWI=", "+/+/"}).Draw(t, "binary")
		}
		for _, name := range names {
			if w := word(t); w != "" && rapid.Bool().Draw(t, "there") {
				e[name] = w
			}
		}
		if i == primary {
			e["primary"] = true
		} else if rapid.Bool().Draw(t, "said") {
			e["primary"] = false
		}
		if len(e) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// someWorld stores some users and groups and returns what clients see of them.
func someWorld(t *rapid.T, tb testing.TB, s *store.Store, n int) world {
	w := world{org: storetest.Organization(tb, s, fmt.Sprintf("w%d", n))}
	var objects []directory.Object
	for i := range rapid.IntRange(1, 7).Draw(t, "users") {
		objects = append(objects, someUser(t, w.org, i, w.org+"-u0"))
	}
	users := len(objects)
	for i := range rapid.IntRange(0, 3).Draw(t, "groups") {
		g := group(w.org, fmt.Sprintf("%s-g%d", w.org, i), fmt.Sprintf("%s %d", word(t), i))
		if x := word(t); x != "" {
			g.Attributes["externalId"] = x
		}
		objects = append(objects, g)
	}
	gone := rapid.SampledFrom([]int{-1, -1, 0, len(objects) - 1}).Draw(t, "soft-deleted")
	resources := make([]scim.Resource, len(objects))
	for i := range objects {
		if i == gone {
			objects[i].Deleted = noon
		}
		resources[i] = view(objects[i])
	}
	insert(tb, s, objects...)
	inside := map[int][]int{} // member → groups
	for g := users; g < len(objects); g++ {
		for m := range objects {
			if m == g || !rapid.Bool().Draw(t, "member") {
				continue
			}
			join(tb, s, w.org, objects[g].ID, directory.Membership{Member: objects[m].ID, MemberType: objects[m].Type})
			if m != gone {
				add(resources[g], "members", objects[m], objects[m].Type)
			}
			if g != gone && m != gone {
				inside[m] = append(inside[m], g)
			}
		}
	}
	for m := range users {
		addGroups(resources[m], objects, inside, m)
	}
	for i, r := range resources {
		switch {
		case i == gone:
		case i < users:
			w.users = append(w.users, r)
		default:
			w.groups = append(w.groups, r)
		}
	}
	return w
}

// addGroups adds the groups above an object: the direct ones, and those that hold them.
func addGroups(r scim.Resource, objects []directory.Object, inside map[int][]int, m int) {
	seen := map[int]bool{}
	for _, g := range inside[m] {
		seen[g] = true
		add(r, "groups", objects[g], "direct")
	}
	for queue := inside[m]; len(queue) > 0; queue = queue[1:] {
		for _, g := range inside[queue[0]] {
			if !seen[g] {
				seen[g] = true
				add(r, "groups", objects[g], "indirect")
				queue = append(queue[:len(queue):len(queue)], g)
			}
		}
	}
}

// view is an object as clients see it: what the SCIM endpoint adds to the attributes.
func view(o directory.Object) scim.Resource {
	r := o.Attributes.Clone()
	r["id"] = o.ID
	r["meta"] = map[string]any{
		"resourceType": o.Type, "created": scim.FormatTime(o.Created), "lastModified": scim.FormatTime(o.Modified),
		"version": fmt.Sprintf(`W/"%d"`, o.Version),
	}
	return r
}

func add(r scim.Resource, attribute string, other directory.Object, typ string) {
	name, _ := other.Attributes["displayName"].(string)
	if name == "" {
		name = other.Name()
	}
	list, _ := r[attribute].([]any)
	r[attribute] = append(list, map[string]any{"value": other.ID, "type": typ, "display": name})
}

// someFilter draws the text of a filter on users or groups.
func someFilter(t *rapid.T, typ string, org string, depth int) string {
	kinds := []string{"compare", "compare", "compare", "present", "element"}
	if depth > 0 {
		kinds = append(kinds, "and", "or", "not")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "and", "or":
		return "(" + someFilter(t, typ, org, depth-1) + ") " + kind + " (" + someFilter(t, typ, org, depth-1) + ")"
	case "not":
		return "not (" + someFilter(t, typ, org, depth-1) + ")"
	case "present":
		whole := []string{"meta", "id", "schemas", "emails", "name", "members", "groups"}
		return rapid.SampledFrom(slices.Concat(textPaths(typ), whole)).Draw(t, "path") + " pr"
	case "element":
		return someElementFilter(t, typ, org)
	}
	switch rapid.IntRange(0, 5).Draw(t, "type") {
	case 0:
		return rapid.SampledFrom([]string{"meta.created", "meta.lastModified"}).Draw(t, "time") +
			rapid.SampledFrom([]string{" eq ", " ne ", " gt ", " ge ", " lt ", " le "}).Draw(t, "op") + quote(rapid.SampledFrom(times).Draw(t, "instant"))
	case 1:
		return rapid.SampledFrom([]string{"active", "emails.primary", "roles.primary"}).Draw(t, "boolean") +
			rapid.SampledFrom([]string{" eq ", " ne "}).Draw(t, "op") + rapid.SampledFrom([]string{"true", "false", `"True"`}).Draw(t, "literal")
	case 2:
		references := []string{"id", "members", "groups", "members.value", "groups.value", scim.URNEnterpriseUser + ":manager"}
		return rapid.SampledFrom(references).Draw(t, "reference") +
			rapid.SampledFrom([]string{" eq ", " ne ", " sw "}).Draw(t, "op") + quote(someID(t, org))
	}
	return rapid.SampledFrom(textPaths(typ)).Draw(t, "path") + someOp(t) + literal(t)
}

func someID(t *rapid.T, org string) string {
	return rapid.SampledFrom([]string{org + "-u0", org + "-u1", org + "-g0", org, "nobody"}).Draw(t, "id")
}

func someOp(t *rapid.T) string {
	return rapid.SampledFrom([]string{" eq ", " eq ", " ne ", " co ", " sw ", " ew ", " gt ", " ge ", " lt ", " le "}).Draw(t, "op")
}

func literal(t *rapid.T) string {
	w := word(t)
	if rapid.IntRange(0, 4).Draw(t, "numbered") == 0 {
		w += fmt.Sprintf("-%d", rapid.IntRange(0, 3).Draw(t, "number"))
	}
	if w == "null" {
		return w
	}
	return quote(w)
}

func quote(s string) string { return string(scim.AppendJSON(nil, s)) }

func textPaths(typ string) []string {
	if typ == directory.Group {
		return []string{"displayName", "externalId", "id", "members.type", "members.display", "meta.version", "meta.resourceType", "schemas"}
	}
	return []string{
		"userName", "displayName", "title", "externalId", "userType", "profileUrl", "name.givenName", "name.familyName", "emails", "emails.value",
		"emails.type", "roles.value", "addresses.locality", scim.URNEnterpriseUser + ":department", scim.URNEnterpriseUser + ":manager.value", "schemas",
		"meta.version", "meta.resourceType", "groups.display", "groups.type", "id", "preferredLanguage",
	}
}

func someElementFilter(t *rapid.T, typ, org string) string {
	if typ == directory.Group || rapid.IntRange(0, 3).Draw(t, "list") == 0 {
		list := "members"
		if typ == directory.User {
			list = "groups"
		}
		inner := rapid.SampledFrom([]string{
			"value eq " + quote(someID(t, org)), `type eq "user"`, "not (value eq " + quote(someID(t, org)) + ")", "display" + someOp(t) + literal(t), "value pr",
		})
		more := rapid.SampledFrom([]string{"", ` and type ne "Group"`, ` or display sw "a"`})
		return list + "[" + inner.Draw(t, "inner") + more.Draw(t, "more") + "]"
	}
	list := rapid.SampledFrom([]string{"emails", "roles", "addresses", "name"}).Draw(t, "list")
	subs := map[string][]string{
		"emails": {"value", "type", "display"}, "roles": {"value", "type"}, "addresses": {"locality", "country", "type"}, "name": {"givenName", "familyName"},
	}[list]
	term := func() string {
		sub := rapid.SampledFrom(subs).Draw(t, "sub")
		switch rapid.IntRange(0, 5).Draw(t, "term") {
		case 0:
			return sub + " pr"
		case 1:
			return "not (" + sub + someOp(t) + literal(t) + ")"
		}
		return sub + someOp(t) + literal(t)
	}
	return list + "[" + term() + rapid.SampledFrom([]string{" and ", " or "}).Draw(t, "joint") + term() + "]"
}

// The SQL of a filter selects exactly the resources that Filter.Match accepts, on every database.
func TestFilterEqualsOracle(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		worlds := 0
		checks := 0
		rapid.Check(t, func(rt *rapid.T) {
			worlds++
			w := someWorld(rt, t, s, worlds)
			for range 12 {
				typ, resources := directory.User, w.users
				if rapid.IntRange(0, 3).Draw(rt, "of groups") == 0 {
					typ, resources = directory.Group, w.groups
				}
				text := someFilter(rt, typ, w.org, 2)
				filter, err := directory.Registry().Type(typ).ParseFilter(text)
				var invalid *scim.Error
				if errors.As(err, &invalid) {
					continue // an attribute of the other type, a literal of another type
				}
				if err != nil {
					rt.Fatalf("parse %s: %v", text, err)
				}
				checks++
				want := []string{}
				for _, r := range resources {
					if filter.Match(r) {
						want = append(want, r.ID())
					}
				}
				page, err := s.Search(t.Context(), w.org, typ, directory.Query{Filter: filter, Count: 100})
				if err != nil {
					rt.Fatalf("search %s: %v", text, err)
				}
				got := ids(page.Objects)
				slices.Sort(got)
				slices.Sort(want)
				if d := cmp.Diff(want, got); d != "" {
					rt.Fatalf("filter %s\n(-match +sql):\n%s\nresources: %v", text, d, resources)
				}
				if page.Total != len(want) {
					rt.Fatalf("filter %s: total %d, want %d", text, page.Total, len(want))
				}
			}
		})
		if checks < 200 {
			t.Errorf("only %d filters were compared", checks)
		}
	})
}

// Sorting and paging agree with Path.CompareSort.
func TestSortEqualsOracle(t *testing.T) {
	paths := []string{
		"userName", "displayName", "title", "externalId", "id", "active", "meta.created", "meta.lastModified", "meta.version", "emails", "emails.type",
		"addresses.locality", "name.familyName", "roles.value", scim.URNEnterpriseUser + ":manager", "emails.primary", "profileUrl", "x509Certificates",
	}
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		worlds := 0
		rapid.Check(t, func(rt *rapid.T) {
			worlds++
			w := someWorld(rt, t, s, worlds)
			for range 4 {
				text := rapid.SampledFrom(paths).Draw(rt, "sort")
				path, err := directory.Registry().Type(directory.User).ParseSortPath(text)
				if err != nil {
					rt.Fatalf("parse %s: %v", text, err)
				}
				descending := rapid.Bool().Draw(rt, "descending")
				want := slices.Clone(w.users)
				slices.SortFunc(want, func(a, b scim.Resource) int { return path.CompareSort(a, b, descending) })
				start, count := rapid.IntRange(0, 4).Draw(rt, "start"), rapid.IntRange(0, 5).Draw(rt, "count")
				page, err := s.Search(t.Context(), w.org, directory.User, directory.Query{SortBy: path, Descending: descending, Start: start, Count: count})
				if err != nil {
					rt.Fatalf("sort by %s: %v", text, err)
				}
				wantIDs := []string{}
				for _, r := range want[min(start, len(want)):min(start+count, len(want))] {
					wantIDs = append(wantIDs, r.ID())
				}
				if d := cmp.Diff(wantIDs, ids(page.Objects)); d != "" || page.Total != len(want) {
					rt.Fatalf("sort by %s, descending %v, from %d, %d; total %d of %d\n(-want +got):\n%s\n%v",
						text, descending, start, count, page.Total, len(want), d, want)
				}
				q := directory.Query{SortBy: path, Descending: descending, Count: max(1, count), Keyset: true, Backward: rapid.Bool().Draw(rt, "backward")}
				if d := cmp.Diff(all(want), walkPositions(rt, t, s, w.org, q)); d != "" {
					rt.Fatalf("walk by %s, descending %v, backward %v, by %d\n(-want +got):\n%s\n%v", text, descending, q.Backward, q.Count, d, want)
				}
			}
		})
	})
}

func all(users []scim.Resource) []string {
	out := []string{}
	for _, r := range users {
		out = append(out, r.ID())
	}
	return out
}

// walkPositions reads all pages by position, in the order of the query.
func walkPositions(rt *rapid.T, t *testing.T, s *store.Store, org string, q directory.Query) []string {
	out := []string{}
	for {
		page, err := s.Search(t.Context(), org, directory.User, q)
		if err != nil {
			rt.Fatalf("from %+v: %v", q.From, err)
		}
		n := len(page.Objects)
		if n > q.Count || page.More && n != q.Count || len(page.Keys) != n {
			rt.Fatalf("from %+v: %d objects with %d keys on a page of %d, more %v", q.From, n, len(page.Keys), q.Count, page.More)
		}
		if q.Backward {
			out = append(ids(page.Objects), out...)
		} else {
			out = append(out, ids(page.Objects)...)
		}
		if !page.More {
			return out
		}
		at := n - 1
		if q.Backward {
			at = 0
		}
		q.From = &scim.Position{Key: page.Keys[at], ID: page.Objects[at].ID}
	}
}

// Filters that an index can answer use it.
func TestFiltersUseIndexes(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	org := storetest.Organization(t, s, "acme")
	for _, c := range []struct{ typ, filter, index string }{
		{directory.User, `id eq "u1"`, "sqlite_autoindex_resource_1"},
		{directory.User, `userName eq "ada"`, "resource_name"},
		{directory.User, `userName eq "ada" and active eq true`, "resource_name"},
		{directory.User, `externalId eq "e1"`, "resource_external"},
		{directory.User, `displayName eq "Ada"`, "resource_display"},
		{directory.Group, `displayName eq "All"`, "resource_name"},
		{directory.User, `title eq "x"`, "resource_scim"},
	} {
		filter, err := directory.Registry().Type(c.typ).ParseFilter(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Explain(t.Context(), org, c.typ, filter)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan[0], c.index) {
			t.Errorf("%s: plan %q, want the index %s", c.filter, plan, c.index)
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		rt := directory.Registry().Type(directory.Group)
		for _, text := range []string{`members.$ref eq "x"`, `members[$ref eq "x"]`, `meta.location pr`} {
			filter, err := rt.ParseFilter(text)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Search(t.Context(), org, directory.Group, directory.Query{Filter: filter, Count: 1})
			if !errors.Is(err, scim.Errorf(400, scim.InvalidFilter, "")) {
				t.Errorf("%s: got %v, want 400 invalidFilter", text, err)
			}
		}
		path, err := rt.ParseSortPath("members.value")
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Search(t.Context(), org, directory.Group, directory.Query{SortBy: path, Count: 1})
		if !errors.Is(err, scim.Errorf(400, scim.InvalidValue, "")) {
			t.Errorf("sort by members: got %v, want 400 invalidValue", err)
		}
		if _, err = s.Search(t.Context(), org, directory.Group, directory.Query{Start: -1}); err == nil {
			t.Error("a negative start was accepted")
		}
	})
}

// FuzzRender: whatever filter the parser accepts becomes SQL that the database accepts, with every literal as a parameter.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		`userName eq "a"`, `emails[type eq "work" and value co "x"]`, `not (title pr) or groups.value eq "g"`, `members[value eq "x"].type pr`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value ne "x'y"`, `meta.created gt "2026-01-01T00:00:00Z"`, `active eq "True"`,
	} {
		f.Add(seed)
	}
	s, err := store.Open(f.Context(), store.Config{Dir: f.TempDir(), Keys: storetest.Key})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range []string{directory.User, directory.Group} {
			filter, err := directory.Registry().Type(typ).ParseFilter(text)
			if err != nil {
				continue
			}
			condition, _, err := store.Render(false, typ, filter)
			if err != nil {
				var refused *scim.Error
				if !errors.As(err, &refused) {
					t.Fatalf("%s: %v", text, err)
				}
				continue
			}
			if err := s.Prepare(t.Context(), "select 1 from resource r where "+condition); err != nil {
				t.Fatalf("%s\nbecame %s\n%v", text, condition, err)
			}
			if _, _, err := store.Render(true, typ, filter); err != nil {
				t.Fatalf("%s: PostgreSQL refuses what SQLite accepts: %v", text, err)
			}
		}
	})
}
