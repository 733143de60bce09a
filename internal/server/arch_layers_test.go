package server_test

import (
	"fmt"
	"slices"
	"strings"
)

// layer is what kind of package a folder holds; it decides what the package may import.
type layer string

const (
	protocol layer = "protocol library" // anyone may import it; knows nothing of ours
	domain   layer = "domain"           // types, rules, and the interfaces they need
	adapter  layer = "adapter"          // implements a domain's interfaces against the world
	sample   layer = "sample"           // sample data and measurements: uses the rest as a stranger would
	wiring   layer = "wiring"           // sees everything
	command  layer = "command"          // main
)

// layerOf lists every folder of the module. A folder below a listed one belongs to it (internal/store/storetest is part of the store). A folder that
// is not listed fails the test: somebody has to decide what it is.
func layerOf() map[string]layer {
	return map[string]layer{
		"scim": protocol, "saml": protocol, "expression": protocol,

		"internal/fault": domain, "internal/organization": domain, "internal/directory": domain, "internal/gallery": domain,
		"internal/application": domain, "internal/mapping": domain, "internal/scope": domain, "internal/provisioning": domain,
		"internal/record": domain, "internal/notify": domain,

		"internal/source/csv": adapter, "internal/source/ldap": adapter, "internal/source/graph": adapter, "internal/source/scim": adapter,
		"internal/target/scim": adapter, "internal/signin": adapter, "internal/console": adapter, "internal/store": adapter,
		"internal/schedule": adapter, "internal/mail": adapter,

		"internal/demo": sample, "internal/bench": sample,
		"internal/server": wiring, "internal/cli": wiring,
		"cmd/rollcall": command,
	}
}

// domainEdges are the domain packages that a domain package may import, besides fault, which all may.
func domainEdges() map[string][]string {
	return map[string][]string{
		"internal/gallery":      {"internal/mapping"},
		"internal/application":  {"internal/directory", "internal/mapping", "internal/scope", "internal/gallery"},
		"internal/provisioning": {"internal/directory", "internal/application", "internal/mapping", "internal/scope", "internal/record", "internal/notify"},
	}
}

// owners lists what only some packages may import: a prefix of import paths, and who.
func owners() []struct {
	what   string
	paths  []string
	owners []string
} {
	return []struct {
		what   string
		paths  []string
		owners []string
	}{
		{
			"a database driver",
			[]string{"github.com/jackc/pgx", "github.com/lib/pq", "github.com/ncruces/go-sqlite3", "modernc.org/sqlite", "github.com/mattn/go-sqlite3"},
			[]string{"internal/store"},
		},
		{"goose", []string{"github.com/pressly/goose"}, []string{"internal/store"}},
		{"River", []string{"github.com/riverqueue"}, []string{"internal/schedule"}},
		{"the mail library", []string{"github.com/wneessen"}, []string{"internal/mail"}},
		{"cobra", []string{"github.com/spf13"}, []string{"internal/cli"}},
	}
}

// unknownToDomain are packages of the world outside that rules about people must not know.
func unknownToDomain() []string {
	return []string{"database/sql", "net/http", "html/template", "text/template"}
}

// home is the listed folder that dir belongs to, and its layer; "" when there is none.
func home(dir string) (string, layer) {
	layers := layerOf()
	for at := dir; at != ""; at = parent(at) {
		if l, ok := layers[at]; ok {
			return at, l
		}
	}
	return "", ""
}

func parent(dir string) string {
	i := strings.LastIndexByte(dir, '/')
	return dir[:max(i, 0)]
}

// below reports whether an import path is prefix or below it.
func below(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func layerRules() []archRule {
	return []archRule{
		{
			"every package has a layer",
			"the rules below know only packages that are listed; add the folder to layerOf in internal/server/arch_layers_test.go",
			unlisted,
		},
		{
			"the guide names every package",
			"a newcomer finds the way by the table in docs/architecture.md: give the package a row with what it owns and refuses",
			unguided,
		},
		{
			"protocol libraries stand alone",
			"anyone may import scim, saml and expression without our database, our web or our idea of an organization; their tests too must run without them",
			eachImport(true, func(f *archFile, from string, l layer, imp archImport) string {
				if l == protocol && below(imp.ours, "internal") {
					return fmt.Sprintf("%s imports %s", from, imp.ours)
				}
				return ""
			}),
		},
		{
			"domain packages know no technology",
			"a rule about people must read and test without a database, a socket or a template; declare an interface in the domain and implement it in an adapter",
			eachImport(false, domainTechnology),
		},
		{
			"domain packages import only what they build on",
			"the domain has few, agreed edges, so that each package can be understood with the ones named in domainEdges and no more",
			eachImport(false, domainDirection),
		},
		{
			"adapters never import one another",
			"an adapter that knows another can no longer be swapped or tested alone; let internal/server hand one to the other through an interface of the domain",
			eachImport(false, func(_ *archFile, from string, l layer, imp archImport) string {
				to, other := home(imp.ours)
				if l == adapter && other == adapter && to != from {
					return fmt.Sprintf("%s imports %s", from, imp.ours)
				}
				return ""
			}),
		},
		{
			"only the wiring imports adapters",
			"what is connected with what is decided in one place, internal/server (and the commands of internal/cli that drive it)",
			eachImport(false, func(_ *archFile, from string, l layer, imp archImport) string {
				if _, other := home(imp.ours); other == adapter && l != adapter && l != wiring {
					return fmt.Sprintf("%s imports %s", from, imp.ours)
				}
				return ""
			}),
		},
		{
			"the top stays on top",
			"internal/server sees everything; whoever imports it sees everything too, and the layers below would mean nothing",
			eachImport(false, wiringDirection),
		},
		{
			"technology has one owner",
			"a driver, a queue or a flag library that is imported in one place can be replaced in one place",
			eachImport(false, ownedTechnology),
		},
	}
}

// unlisted finds packages that layerOf does not know.
func unlisted(tree *archTree) []finding {
	var found []finding
	var seen []string
	for _, f := range tree.files {
		if at, _ := home(f.dir); at == "" && !slices.Contains(seen, f.dir) {
			seen = append(seen, f.dir)
			found = append(found, finding{f.path, fmt.Sprintf("the folder %q belongs to no layer", f.dir)})
		}
	}
	return found
}

// unguided finds packages that the table of docs/architecture.md leaves out.
func unguided(tree *archTree) []finding {
	var found []finding
	var seen []string
	for _, f := range tree.files {
		at, _ := home(f.dir)
		if at == "" || slices.Contains(seen, at) || strings.Contains(tree.guide, "| `"+at+"` |") {
			continue
		}
		seen = append(seen, at)
		found = append(found, finding{at, "has no row in docs/architecture.md"})
	}
	return found
}

// eachImport makes a rule of a question about one import. Test files may reach across layers (a test of the cycle needs a real database and a real
// target), so most rules leave them out.
func eachImport(tests bool, ask func(f *archFile, from string, l layer, imp archImport) string) func(*archTree) []finding {
	return func(tree *archTree) []finding {
		var found []finding
		for _, f := range tree.files {
			if f.test && !tests {
				continue
			}
			from, l := home(f.dir)
			for _, imp := range f.imports {
				if what := ask(f, from, l, imp); what != "" {
					found = append(found, finding{tree.at(imp.pos), what})
				}
			}
		}
		return found
	}
}

func domainTechnology(_ *archFile, from string, l layer, imp archImport) string {
	if l != domain {
		return ""
	}
	for _, forbidden := range unknownToDomain() {
		if below(imp.path, forbidden) {
			return fmt.Sprintf("%s imports %s", from, imp.path)
		}
	}
	return ""
}

func domainDirection(_ *archFile, from string, l layer, imp archImport) string {
	to, other := home(imp.ours)
	switch {
	case l != domain || imp.ours == "" || to == from || other == protocol || to == "internal/fault":
		return ""
	case other == domain && slices.Contains(domainEdges()[from], to):
		return ""
	case other == domain:
		return fmt.Sprintf("%s imports %s; it may import: fault %s", from, imp.ours, strings.Join(domainEdges()[from], " "))
	}
	return fmt.Sprintf("%s imports %s, which is %s", from, imp.ours, other)
}

// topImporters lists the packages at the top and who may import them.
func topImporters() map[string][]string {
	return map[string][]string{
		"internal/server": {"internal/cli", "internal/bench"},
		"internal/bench":  {"internal/cli"},
		"internal/cli":    {"cmd/rollcall"},
		"cmd/rollcall":    {},
	}
}

func wiringDirection(_ *archFile, from string, _ layer, imp archImport) string {
	to, _ := home(imp.ours)
	if importers, top := topImporters()[to]; top && to != from && !slices.Contains(importers, from) {
		return fmt.Sprintf("%s imports %s", from, imp.ours)
	}
	return ""
}

func ownedTechnology(_ *archFile, from string, _ layer, imp archImport) string {
	for _, o := range owners() {
		for _, p := range o.paths {
			if below(imp.path, p) && !slices.Contains(o.owners, from) {
				return fmt.Sprintf("%s imports %s (%s), which only %s may", from, imp.path, o.what, strings.Join(o.owners, ", "))
			}
		}
	}
	return ""
}
