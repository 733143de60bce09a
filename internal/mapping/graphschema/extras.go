package graphschema

import (
	"slices"
	"strings"
)

// What of a mapping Graph has no key for, and what must be known about a document. Each is an entry of the rule's metadata with the key
// Rollcall:User:whenEmpty:title: the object type, one of these words, and the target attribute.
const (
	extraPrefix      = "Rollcall:"
	extraWhenEmpty   = "whenEmpty"
	extraDoc         = "doc"         // the documentation of a definition
	extraUndefined   = "undefined"   // "true": the definition was made from the row, it is not in our list
	extraDefinitions = "definitions" // "none": we have no list; every definition was made from a row
	extraLeftOut     = "leftOut"     // why an import left out the row
	extraUnlisted    = "unlisted"    // why an import left out the definition
)

// extras are the entries of one object mapping by their key, without the prefix that they share, in lower case.
type extras map[string]string

func (o *objectMapping) extraPrefix() string { return extraPrefix + o.mapping.Source + ":" }

func (o *objectMapping) extras() extras {
	out := extras{}
	for _, e := range o.rule.key("metadata").metadata() {
		if rest, ours := strings.CutPrefix(e.key, o.extraPrefix()); ours {
			out[strings.ToLower(rest)] = e.value
		}
	}
	return out
}

func (e extras) get(word, attribute string) string {
	return e[strings.ToLower(extraKey(word, attribute))]
}

// extraKey is the end of a key. What is said of the whole object mapping has no attribute.
func extraKey(word, attribute string) string {
	if attribute == "" {
		return word
	}
	return word + ":" + attribute
}

// annotate notes in the document which rows and definitions were left out, so that an export keeps them although they are not in the mapping.
func (o *objectMapping) annotate() {
	o.rule.replaceExtras(o.extraPrefix()+extraLeftOut+":", o.leftOut())
	o.rule.replaceExtras(o.extraPrefix()+extraUnlisted+":", o.unlisted())
}

func (o *objectMapping) leftOut() []any {
	var entries []any
	for _, row := range o.rows {
		if row.left != "" {
			entries = append(entries, o.extra(extraLeftOut, row.mapping.Target, row.left))
		}
	}
	return entries
}

func (o *objectMapping) unlisted() []any {
	var entries []any
	for _, d := range o.definition.attributes {
		if d.unlisted != "" {
			entries = append(entries, o.extra(extraUnlisted, d.Name, d.unlisted))
		}
	}
	return entries
}

// replaceExtras puts the entries in the place of those whose key has the prefix.
func (r *rule) replaceExtras(prefix string, entries []any) {
	rule := r.value.(*object) //nolint:forcetypeassert // it was read as one
	old, _ := rule.get("metadata").(*list)
	if old == nil {
		if len(entries) > 0 {
			rule.set("metadata", &list{entries})
		}
		return
	}
	ours := func(item any) bool {
		e, _ := item.(*object)
		if e == nil {
			return false
		}
		key, _ := e.get("key").(string)
		return strings.HasPrefix(key, prefix)
	}
	at := slices.IndexFunc(old.items, ours)
	if at < 0 {
		at = len(old.items)
	}
	rest := slices.DeleteFunc(slices.Clone(old.items[at:]), ours)
	old.items = slices.Concat(old.items[:at], entries, rest)
}
