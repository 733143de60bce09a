package graphschema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

// reader walks over a document and gathers what is wrong with it.
type reader struct {
	checks    Checks
	importing bool // somebody hands the document in: judge each row, not only the structure
	remarks   []Remark
	problems  []error
	unnamed   int             // problems beyond those that are named
	untold    int             // remarks beyond those that are kept
	told      map[string]bool // what once has remarked on
}

func (r *reader) problem(path, format string, args ...any) {
	if len(r.problems) >= maxProblems && path != "" {
		r.unnamed++
		return
	}
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	r.problems = append(r.problems, errors.New(text))
}

func (r *reader) remark(path string, severity Severity, format string, args ...any) {
	if severity == Ignored && len(r.remarks) >= maxIgnored {
		r.untold++
		return
	}
	r.remarks = append(r.remarks, Remark{path, severity, fmt.Sprintf(format, args...)})
}

// node is a value of the document and where it stands.
type node struct {
	r     *reader
	path  string
	value any
}

func (n node) problem(format string, args ...any) { n.r.problem(orTop(n.path), format, args...) }

func (n node) remark(severity Severity, format string, args ...any) {
	n.r.remark(orTop(n.path), severity, format, args...)
}

// once remarks on a key the first time it is met in objects of the kind.
func (n node) once(kind string, severity Severity, format string, args ...any) {
	id := kind + "\x00" + n.path[strings.LastIndexByte(n.path, '.')+1:]
	if n.r.told[id] {
		return
	}
	if n.r.told == nil {
		n.r.told = map[string]bool{}
	}
	n.r.told[id] = true
	n.remark(severity, format, args...)
}

// key returns a member of an object; its value is nil when there is none.
func (n node) key(name string) node {
	o, _ := n.value.(*object)
	if o == nil {
		return node{n.r, join(n.path, name), nil}
	}
	return node{n.r, join(n.path, name), o.get(name)}
}

// object returns the value as an object, nil after a problem. Each key that is not known gets a remark, once for each kind of object.
func (n node) object(kind string, known ...string) *object {
	o, ok := n.value.(*object)
	if !ok {
		n.problem("found %s: expected an object, the %s", describe(n.value), kind)
		return nil
	}
	for _, m := range o.members {
		odata := strings.Contains(m.key, "@odata.")
		if odata || empty(m.value) || slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, m.key) }) {
			continue
		}
		n.key(m.key).once(kind, Ignored, "unknown key in the %s: it is kept, and not used", kind)
	}
	return o
}

// list returns the elements of a list; null and nothing are an empty one.
func (n node) list(most int) []node {
	if n.value == nil {
		return nil
	}
	l, ok := n.value.(*list)
	if !ok {
		n.problem("found %s: expected a list", describe(n.value))
		return nil
	}
	if len(l.items) > most {
		n.problem("has %d entries: at most %d are allowed", len(l.items), most)
		return nil
	}
	out := make([]node, len(l.items))
	for i, item := range l.items {
		out[i] = node{n.r, at(n.path, i), item}
	}
	return out
}

// text returns a text; null and nothing are "".
func (n node) text() string {
	switch v := n.value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	n.problem("found %s: expected a text in double quotes, or null", describe(n.value))
	return ""
}

// boolean returns true or false; null and nothing are what is assumed.
func (n node) boolean(assumed bool) bool {
	switch v := n.value.(type) {
	case nil:
		return assumed
	case bool:
		return v
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(v)); err == nil && len(v) > 1 {
			return b
		}
	}
	n.problem("found %s: expected true or false", describe(n.value))
	return assumed
}

// whole returns a whole number; null and nothing are 0.
func (n node) whole() int {
	if n.value == nil {
		return 0
	}
	const bits = 32 // Graph's Int32
	if text, ok := n.value.(number); ok {
		if i, err := strconv.ParseInt(string(text), 10, bits); err == nil {
			return int(i)
		}
	}
	n.problem("found %s: expected a whole number", describe(n.value))
	return 0
}

// word returns one of the words in its spelling, whatever its letter case; null and nothing are the first.
func (n node) word(words ...string) string {
	text := strings.TrimSpace(n.text())
	if text == "" {
		return words[0]
	}
	for _, w := range words {
		if strings.EqualFold(w, text) {
			return w
		}
	}
	n.problem("found %s: expected %s%s", quote(text), oneOf(words), didYouMean(text, words))
	return words[0]
}

func oneOf(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func didYouMean(word string, names []string) string {
	if near := expression.Nearest(word, names); near != "" && near != word {
		return "; did you mean " + near + "?"
	}
	return ""
}
