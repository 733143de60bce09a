package scim

import (
	"slices"
	"time"
)

// Document is a resource as a store keeps it: what has not to be looked into need not be decoded.
type Document struct {
	ID                string
	Created, Modified time.Time
	Version           string   // entity tag: W/"17"
	Attributes        []byte   // as Encode wrote them, without schemas, id and meta
	Computed          Resource // attributes that are not stored, such as groups; nil: none
}

// Resource decodes the document. Like that of DecodeStored, its error is not an *Error.
func (d *Document) Resource(rt *ResourceType) (Resource, error) {
	r, err := DecodeStored(d.Attributes)
	if err != nil {
		return nil, err
	}
	for name, v := range d.Computed {
		r[name] = v
	}
	r["id"] = d.ID
	r["meta"] = map[string]any{
		"resourceType": rt.Name, "created": FormatTime(d.Created), "lastModified": FormatTime(d.Modified), "version": d.Version,
	}
	return r, nil
}

// Splicer writes documents in the default representation without decoding them: it puts what is not stored around and between what is. It is immutable
// and safe for concurrent use.
type Splicer struct {
	rt         *ResourceType
	own        map[string]bool            // attributes of the type's schema that are shown by default, whole
	extensions map[string]map[string]bool // the same of each extension
	head       []byte                     // of a resource, up to its schema
	urns       [][]byte                   // of the extensions, as further elements of schemas
}

// Splicer returns nil for a type with sub-attributes that the default representation hides: those would have to be looked for in each document.
func (rt *ResourceType) Splicer() *Splicer {
	s := &Splicer{rt: rt, own: shown(rt.Schema), extensions: make(map[string]map[string]bool, len(rt.Extensions))}
	s.head = appendString([]byte(`{"schemas":[`), rt.Schema.ID)
	for _, e := range rt.Extensions {
		s.urns = append(s.urns, appendString([]byte{','}, e.Schema.ID))
		s.extensions[e.Schema.ID] = shown(e.Schema)
		if s.extensions[e.Schema.ID] == nil {
			return nil
		}
	}
	if s.own == nil {
		return nil
	}
	return s
}

// shown lists the attributes that are shown whole, nil when only a part of one is.
func shown(schema *Schema) map[string]bool {
	hidden := func(a *Attribute) bool { return a.Returned == ReturnedRequest || a.Returned == ReturnedNever }
	names := make(map[string]bool, len(schema.Attributes))
	for _, a := range schema.Attributes {
		if slices.ContainsFunc(a.SubAttributes, hidden) {
			return nil
		}
		if !hidden(a) {
			names[a.Name] = true
		}
	}
	return names
}

// maxSpliced bounds the attributes at the top of a document that is spliced, and the extensions of a type.
const maxSpliced = 64

// Append appends what AppendJSON would of the default projection of the document's resource with meta.location. ok is false, and dst as it was, when
// the document holds something that it has to be decoded for, such as an attribute that is not returned by default.
func (s *Splicer) Append(dst []byte, d *Document, location string) (out []byte, ok bool) {
	var p parts
	if len(d.Computed) > 0 {
		for name := range d.Computed {
			p.computed = append(p.computed, name)
		}
		slices.Sort(p.computed)
	}
	if !s.look(&p, d) {
		return dst, false
	}
	dst = append(dst, s.head...)
	for i, urn := range s.urns {
		if p.extensions&(1<<i) != 0 {
			dst = append(dst, urn...)
		}
	}
	dst = append(dst, `],"id":`...)
	dst = appendString(dst, d.ID)
	dst = appendMembers(dst, d.Attributes[1:p.meta])
	dst = d.appendMeta(dst, s.rt.Name, location)
	from := p.meta
	for _, at := range p.spans {
		dst = appendMembers(dst, d.Attributes[from:at.pos])
		dst = d.appendComputed(dst, at.name)
		from = at.pos
	}
	dst = appendMembers(dst, d.Attributes[from:len(d.Attributes)-1])
	return append(dst, '}'), true
}

// appendMembers appends a run of members, whose comma may be in front or behind.
func appendMembers(dst, run []byte) []byte {
	if len(run) > 0 && run[len(run)-1] == ',' {
		run = run[:len(run)-1]
	}
	if len(run) == 0 {
		return dst
	}
	if run[0] != ',' {
		dst = append(dst, ',')
	}
	return append(dst, run...)
}

// parts is what has to be known of a document before it is written.
type parts struct {
	meta       int      // where meta goes: behind externalId
	extensions uint64   // those that are there
	computed   []string // names of the attributes that are not stored and have no place yet, in order
	spans      []span   // where they go
}

type span struct {
	pos  int
	name string
}

// look finds the parts. It is false for a document that cannot be spliced.
func (s *Splicer) look(p *parts, d *Document) bool {
	for _, name := range p.computed {
		if !s.own[name] {
			return false
		}
	}
	m := memberScan{doc: d.Attributes}
	if !m.open() || len(s.rt.Extensions) > maxSpliced || len(p.computed) > maxSpliced {
		return false
	}
	p.meta = 1
	for at := m.pos; m.next(); at = m.pos {
		if at == 1 && string(m.name) == "externalId" && m.value()[0] == '"' {
			p.meta = m.pos
			continue
		}
		for len(p.computed) > 0 && p.computed[0] < string(m.name) {
			p.spans, p.computed = append(p.spans, span{at, p.computed[0]}), p.computed[1:]
		}
		if !s.own[string(m.name)] && !s.extension(m.name, m.value(), &p.extensions) {
			return false
		}
	}
	for _, name := range p.computed {
		p.spans = append(p.spans, span{m.pos, name})
	}
	return !m.bad
}

// extension reports whether the member is an extension that holds something, and nothing that is hidden, and notes which one.
func (s *Splicer) extension(name, value []byte, there *uint64) bool {
	attributes := s.extensions[string(name)]
	m := memberScan{doc: value}
	if attributes == nil || !m.open() {
		return false
	}
	some := false
	for m.next() {
		if !attributes[string(m.name)] {
			return false
		}
		some = true
	}
	for i, e := range s.rt.Extensions {
		if string(name) == e.Schema.ID {
			*there |= 1 << i
		}
	}
	return some && !m.bad
}

func (d *Document) appendMeta(dst []byte, typ, location string) []byte {
	dst = append(dst, `,"meta":{"created":"`...)
	dst = appendTime(dst, d.Created)
	dst = append(dst, `","lastModified":"`...)
	dst = appendTime(dst, d.Modified)
	dst = append(dst, `","location":`...)
	dst = appendString(dst, location)
	dst = append(dst, `,"resourceType":`...)
	dst = appendString(dst, typ)
	dst = append(dst, `,"version":`...)
	dst = appendString(dst, d.Version)
	return append(dst, '}')
}

func (d *Document) appendComputed(dst []byte, name string) []byte {
	dst = append(dst, ',')
	dst = appendString(dst, name)
	dst = append(dst, ':')
	return AppendJSON(dst, d.Computed[name])
}
