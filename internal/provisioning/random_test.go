package provisioning_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestRandom does random things to a small company, runs incremental cycles, and compares the accounts with what the directory says, worked out here in the
// plainest way. Each plan must say what the cycle does (script.section), and a cycle after a cycle must have nothing to write.
func TestRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, storetest.SQLite(t))
			r := &script{world: newWorld(t, s, "scim")}
			c := &chaos{script: r, random: rand.New(rand.NewPCG(seed, 7)), assigned: map[string]bool{}}
			c.begin()
			for step := range 12 {
				var did []string
				for range 1 + c.random.IntN(4) {
					if line := c.next(); line != "" {
						r.command(line)
						did = append(did, line)
					}
				}
				r.section("cycle", "")
				if r.err != nil || r.result.Failed > 0 {
					t.Fatalf("step %d, after %q: %+v, %v", step, did, r.result.Tally, r.err)
				}
				if wrong := c.check(); len(wrong) > 0 {
					t.Fatalf("step %d, after %q:\n%s\n%s", step, did, strings.Join(wrong, "\n"), r.logText())
				}
				r.section("cycle", "")
				if w := r.result.Tally; w.Created+w.Updated+w.Disabled+w.Restored+w.Deleted+w.Linked+w.Failed > 0 {
					t.Fatalf("step %d, after %q: a second cycle still wrote: %+v\n%s", step, did, w, r.logText())
				}
			}
		})
	}
}

type chaos struct {
	*script
	random   *rand.Rand
	users    []string
	groups   []string
	assigned map[string]bool
	hired    int
	title    string                      // the source attribute of title; empty: jobTitle
	spared   func(directory.Object) bool // by a scoping filter; nil: there is none
}

func (c *chaos) begin() {
	c.opts = provisioning.Options{Foreground: true}
	for range 6 {
		c.command(c.hire())
	}
	for _, g := range []string{"red", "blue"} {
		c.groups = append(c.groups, g)
		c.command("group " + g)
	}
}

func (c *chaos) hire() string {
	c.hired++
	name := fmt.Sprintf("p%d@x.example", c.hired)
	c.users = append(c.users, name)
	return fmt.Sprintf("user %s displayName=%d jobTitle=t%d mailNickname=p%d", name, c.hired, c.hired, c.hired)
}

// next is a command that is possible now; empty: none was found.
func (c *chaos) next() string {
	user, group := c.users[c.random.IntN(len(c.users))], c.groups[c.random.IntN(len(c.groups))]
	who := user
	if c.random.IntN(3) == 0 {
		who = group
	}
	live := c.find(user).Live()
	switch c.random.IntN(11) {
	case 0, 1:
		c.assigned[who] = !c.assigned[who]
		if c.assigned[who] {
			return "assign " + who
		}
		return "unassign " + who
	case 2:
		if live {
			return "join " + group + " " + user
		}
	case 3:
		return "leave " + group + " " + user
	case 4:
		if live {
			return fmt.Sprintf("set %s jobTitle=t%d", user, c.random.IntN(100))
		}
	case 5:
		if live {
			return "set " + user + " manager=" + c.users[c.random.IntN(len(c.users))]
		}
	case 6:
		if live {
			return fmt.Sprintf("set %s accountEnabled=%t", user, !c.find(user).Active())
		}
	case 7:
		if live {
			return "delete " + user
		}
		return "restore " + user
	case 8:
		if c.random.IntN(3) == 0 && len(c.users) > 3 {
			c.users = slices.DeleteFunc(c.users, func(n string) bool { return n == user })
			delete(c.assigned, user)
			return "purge " + user
		}
	case 9:
		return c.hire()
	case 10:
		if live {
			return fmt.Sprintf("set %s displayName=d%d", user, c.random.IntN(100))
		}
	}
	return ""
}

// entitled reports whether the person is assigned, directly or through a group, and what the directory says of them.
func (c *chaos) entitled(o directory.Object) bool {
	e, err := c.store.Entitlements(c.t.Context(), org, c.app.ID, directory.User, []string{o.ID}, false)
	c.must(err)
	return e[o.ID].Assigned() && (c.spared == nil || !c.spared(o))
}

func (c *chaos) check() []string {
	var wrong []string
	accounts := map[string]scim.Resource{}
	for _, a := range c.service.All("User") {
		name, _ := a["userName"].(string)
		if _, twice := accounts[name]; twice {
			wrong = append(wrong, name+" has two accounts")
		}
		accounts[name] = a
	}
	for _, name := range c.users {
		o := c.find(name)
		a, exists := accounts[name]
		on, _ := a["active"].(bool)
		in := o.Live() && o.Active() && c.entitled(o)
		switch {
		case in && !exists:
			wrong = append(wrong, name+" is in scope and has no account")
		case in != on:
			wrong = append(wrong, fmt.Sprintf("%s: in scope %t, account active %t", name, in, on))
		case in:
			wrong = append(wrong, c.compare(o, a, accounts)...)
		}
	}
	return append(wrong, c.checkGroups(accounts)...)
}

// compare holds an account against its person: the title, and the manager where the manager has an account.
func (c *chaos) compare(o directory.Object, a scim.Resource, accounts map[string]scim.Resource) []string {
	var wrong []string
	if title, _ := directory.Attribute(o, cmp.Or(c.title, "jobTitle")); title != a["title"] {
		wrong = append(wrong, fmt.Sprintf("%s: title %v, want %v", o.Name(), a["title"], title))
	}
	want := ""
	if id, _ := directory.Attribute(o, "manager"); id != nil {
		if m, err := c.store.Object(c.t.Context(), org, directory.User, managerID(id)); err == nil {
			want = c.idOf(m, accounts)
		}
	}
	got := ""
	if e, ok := a[scim.URNEnterpriseUser].(map[string]any); ok {
		got = managerID(e["manager"])
	}
	if got != want {
		wrong = append(wrong, fmt.Sprintf("%s: manager %q, want %q", o.Name(), got, want))
	}
	return wrong
}

// idOf is the account's id; empty: there is none. Who was renamed after leaving has an account with the old name.
func (c *chaos) idOf(o directory.Object, accounts map[string]scim.Resource) string {
	if a, ok := accounts[o.Name()]; ok {
		return a.ID()
	}
	links, err := c.store.Links(c.t.Context(), c.app.ID, directory.User, []string{o.ID})
	c.must(err)
	return links[o.ID].Target
}

func managerID(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		return managerID(v["value"])
	}
	return ""
}

func (c *chaos) checkGroups(accounts map[string]scim.Resource) []string {
	var wrong []string
	groups := map[string]scim.Resource{}
	for _, g := range c.service.All("Group") {
		groups[g["displayName"].(string)] = g
	}
	for _, name := range c.groups {
		g, exists := groups[name]
		if exists != c.assigned[name] {
			wrong = append(wrong, fmt.Sprintf("group %s: assigned %t, at the target %t", name, c.assigned[name], exists))
		}
		if !exists {
			continue
		}
		var want, got []string
		rows, err := c.store.Members(c.t.Context(), org, c.find(name).ID, "", 500)
		c.must(err)
		for _, m := range rows {
			o, err := c.store.Object(c.t.Context(), org, directory.User, m.Member)
			c.must(err)
			if id := c.idOf(o, accounts); id != "" {
				want = append(want, id)
			}
		}
		members, _ := g["members"].([]any)
		for _, m := range members {
			got = append(got, managerID(m))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			wrong = append(wrong, fmt.Sprintf("group %s has members %v, want %v", name, got, want))
		}
	}
	return wrong
}
