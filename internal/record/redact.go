package record

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/scim"
)

// Redactor takes personal data out of the bodies of SCIM messages by their structure: names of attributes, words of the protocol, booleans and counts stay;
// every other value becomes its kind and length. It knows names from the schemas; a name that it does not know is a value too.
type Redactor struct {
	words map[string]bool // lower case
}

// NewRedactor makes the redactor for messages about the registry's types.
func NewRedactor(g *scim.Registry) *Redactor {
	r := &Redactor{words: map[string]bool{}}
	r.know(protocolWords()...)
	for _, t := range g.Types() {
		r.know(t.Name)
	}
	for _, s := range g.Schemas() {
		r.know(s.ID)
		r.attributes(s.Attributes)
	}
	r.know("schemas", "id", "externalId", "meta", "resourceType", "created", "lastModified", "location", "version")
	return r
}

// protocolWords are the names and words of messages (RFC 7644) that no schema lists.
func protocolWords() []string {
	return []string{
		"Operations", "op", "path", "value", "add", "replace", "remove", "method", "bulkId", "data", "failOnErrors", "response", "POST", "PUT", "PATCH",
		"DELETE", "filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes", "ascending", "descending", "Resources",
		"totalResults", "itemsPerPage", "nextCursor", "previousCursor", "status", "scimType", "detail", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le",
		"pr", "and", "or", "not", "true", "false", "null", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "invalidValue", "invalidFilter",
		"noTarget", "tooMany", "sensitive", "invalidVers", "invalidCursor", "expiredCursor", "invalidCount", "direct", "indirect", "work", "home", "other",
		"mobile", "fax", "pager", "$ref", "display", "type", "primary",
		scim.URNListResponse, scim.URNPatchOp, scim.URNSearchRequest, scim.URNError,
		scim.URNBulkRequest, scim.URNBulkResponse,
	}
}

func (r *Redactor) know(words ...string) {
	for _, w := range words {
		r.words[strings.ToLower(w)] = true
	}
}

func (r *Redactor) attributes(list []*scim.Attribute) {
	for _, a := range list {
		r.know(a.Name)
		r.attributes(a.SubAttributes)
	}
}

// Knows reports whether the word is one of the protocol or of a schema, in any letter case.
func (r *Redactor) Knows(word string) bool { return r.words[strings.ToLower(word)] }

const (
	redactDepth = 40
	maxRedacted = 64 << 10 // bytes; many short values become longer ones
)

// Redact returns the body without personal data. What is not JSON is not shown at all, only how long it was; complete says whether body is the whole one.
func (r *Redactor) Redact(body []byte, complete bool) string {
	switch {
	case len(body) == 0:
		return ""
	case !complete:
		return "‹longer than " + strconv.Itoa(len(body)) + " bytes: not kept›"
	}
	v, err := scim.DecodeJSON(body)
	if err != nil {
		return "‹" + strconv.Itoa(len(body)) + " bytes that are not the JSON of a SCIM message: not kept›"
	}
	text := string(scim.AppendJSON(nil, r.value("", v, redactDepth)))
	if len(text) > maxRedacted {
		return strings.ToValidUTF8(text[:maxRedacted], "") + "… ‹cut off›"
	}
	return text
}

// value redacts a value found under a name.
func (r *Redactor) value(name string, v any, depth int) any {
	if depth == 0 {
		return "‹too deep›"
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		keys := make([]string, 0, len(v))
		message := isError(v)
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for i, k := range keys {
			shown := r.Path(k)
			if _, taken := out[shown]; taken {
				shown += " " + strconv.Itoa(i+1)
			}
			if text, ok := v[k].(string); ok && message && strings.EqualFold(k, "detail") {
				out[shown] = MaskDetail(text)
				continue
			}
			out[shown] = r.value(k, v[k], depth-1)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = r.value(name, e, depth-1)
		}
		return out
	case string:
		return r.text(name, v)
	case bool, nil:
		return v
	}
	if counts(name) {
		return v
	}
	return "‹number›"
}

// isError tells our own error messages, whose detail is our text.
func isError(v map[string]any) bool {
	list, _ := v["schemas"].([]any)
	return slices.Contains(list, any(scim.URNError))
}

// counts reports whether numbers under the name count things of the protocol.
func counts(name string) bool {
	switch strings.ToLower(name) {
	case "totalresults", "itemsperpage", "startindex", "count", "failonerrors", "status":
		return true
	}
	return false
}

func (r *Redactor) text(name, s string) string {
	switch strings.ToLower(name) {
	case "password", "secret":
		return "‹secret›"
	case "schemas", "op", "method", "scimtype", "sortorder", "resourcetype", "status", "type":
		if r.Knows(s) || len(s) == 3 && strings.Trim(s, "0123456789") == "" {
			return s
		}
	case "path", "filter", "sortby", "attributes", "excludedattributes":
		return r.Path(s)
	}
	switch strings.ToLower(s) {
	case "", "true", "false":
		return s
	}
	return "‹string " + strconv.Itoa(utf8.RuneCountInString(s)) + "›"
}

// Path keeps the words that schemas know of a name, a path or a filter, and turns its literals into "?". With any other word in it, it is a value.
func (r *Redactor) Path(s string) string {
	shape := s
	if strings.Contains(s, `"`) {
		var b strings.Builder
		for rest := s; rest != ""; {
			before, after, quoted := strings.Cut(rest, `"`)
			b.WriteString(before)
			if !quoted {
				break
			}
			b.WriteByte('?')
			rest = afterQuote(after)
		}
		shape = b.String()
	}
	if r.Knows(shape) || r.allKnown(shape) {
		return shape
	}
	return "‹name " + strconv.Itoa(utf8.RuneCountInString(s)) + "›"
}

// allKnown reports whether every word is a name that schemas know. URNs, which contain dots, are taken off first.
func (r *Redactor) allKnown(shape string) bool {
	for word := range strings.FieldsFuncSeq(shape, func(c rune) bool { return strings.ContainsRune(" []()?,", c) }) {
		if i := strings.LastIndexByte(word, ':'); i >= 0 && !r.Knows(word) {
			if !r.Knows(word[:i]) {
				return false
			}
			word = word[i+1:]
		}
		if r.Knows(word) {
			continue
		}
		for name := range strings.SplitSeq(word, ".") {
			if name != "" && !r.Knows(name) {
				return false
			}
		}
	}
	return true
}
