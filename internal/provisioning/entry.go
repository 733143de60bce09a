package provisioning

import (
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

// entryPath is a mapping's target path taken apart, for reading what an entry of the target has there. It is more tolerant than the schema's paths: targets
// answer with extension schemas that nobody registered, and in any letter case.
type entryPath struct {
	urn   string // extension, empty: core
	name  string
	terms []term // of a value filter, all must hold
	sub   string
}

type term struct{ name, value string }

// parseEntryPath reads userName, name.givenName, emails[type eq "work"].value, and each after an extension's URN and a colon. Anything else is a path that
// no entry has.
func parseEntryPath(path string) entryPath {
	var p entryPath
	head, filter, filtered := strings.Cut(path, "[")
	if len(head) >= 4 && strings.EqualFold(head[:4], "urn:") {
		if i := strings.LastIndexByte(head, ':'); i > 0 {
			p.urn, head = head[:i], head[i+1:]
		}
	}
	if !filtered {
		p.name, p.sub, _ = strings.Cut(head, ".")
		return p
	}
	p.name = head
	end := strings.LastIndexByte(filter, ']')
	if end < 0 {
		return entryPath{}
	}
	p.sub = strings.TrimPrefix(filter[end+1:], ".")
	for _, part := range splitAnd(filter[:end]) {
		words := strings.SplitN(strings.TrimSpace(part), " ", 3)
		if len(words) != 3 || !strings.EqualFold(words[1], "eq") {
			return entryPath{}
		}
		p.terms = append(p.terms, term{words[0], unquote(strings.TrimSpace(words[2]))})
	}
	return p
}

// splitAnd splits at " and " outside quotes.
func splitAnd(s string) []string {
	var parts []string
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && len(s)-i >= 5 && strings.EqualFold(s[i:i+5], " and "):
			parts = append(parts, s[start:i])
			start = i + 5
		}
	}
	return append(parts, s[start:])
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s[1 : len(s)-1])
	}
	return s
}

// value is what the resource has at the path; nil: nothing.
func (p entryPath) value(r scim.Resource) any {
	if p.name == "" {
		return nil
	}
	object := map[string]any(r)
	if p.urn != "" {
		if inner, ok := member(object, p.urn).(map[string]any); ok {
			object = inner
		} else if !coreSchema(p.urn) {
			return nil
		}
	}
	v := member(object, p.name)
	if list, ok := v.([]any); ok && (len(p.terms) > 0 || p.sub != "") {
		v = p.element(list)
	}
	m, nested := v.(map[string]any)
	switch {
	case !nested && p.sub == "":
		return v
	case !nested:
		return nil
	case p.sub == "":
		return member(m, "value")
	}
	return member(m, p.sub)
}

// coreSchema reports a URN whose attributes stand at the top of a resource.
func coreSchema(urn string) bool {
	return strings.EqualFold(urn, scim.URNUser) || strings.EqualFold(urn, scim.URNGroup)
}

func (p entryPath) element(list []any) any {
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			continue
		}
		if p.matches(m) {
			return m
		}
	}
	return nil
}

func (p entryPath) matches(m map[string]any) bool {
	for _, t := range p.terms {
		if !strings.EqualFold(text(member(m, t.name)), t.value) {
			return false
		}
	}
	return true
}

// member is a field of an object, in any letter case. The usual spelling is found without a search.
func member(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// entryReader reads the mapped paths of entries.
type entryReader struct {
	paths []string
	parts []entryPath
}

func newEntryReader(m *mapping.ObjectMapping) entryReader {
	var r entryReader
	for i := range m.Attributes {
		r.paths = append(r.paths, m.Attributes[i].Target)
		r.parts = append(r.parts, parseEntryPath(m.Attributes[i].Target))
	}
	return r
}

// values returns what the entry has at the mapped paths; paths without a value are left out, and so are group members, which are never read.
func (r entryReader) values(e Entry) map[string]any {
	values := make(map[string]any, len(r.paths))
	for i, p := range r.parts {
		if strings.EqualFold(p.name, "members") {
			continue
		}
		if v := p.value(e.Resource); !isEmpty(v) {
			values[r.paths[i]] = v
		}
	}
	return values
}
