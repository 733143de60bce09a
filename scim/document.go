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
}

// Splicer returns nil for a type with sub-attributes that the default representation hides: those would have to be looked for in each document.
func (rt *ResourceType) Splicer() *Splicer {
	s := &Splicer{rt: rt, own: shown(rt.Schema), extensions: make(map[string]map[string]bool, len(rt.Extensions))}
	for _, e := range rt.Extensions {
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

// Append appends what AppendJSON would of the default projection of the document's resource with meta.location. ok is false, and dst as it was, when
// the document holds something that it has to be decoded for, such as an attribute that is not returned by default.
func (s *Splicer) Append(dst []byte, d *Document, location string) (out []byte, ok bool) {
	names := make([]string, 0, 1)
	for name := range d.Computed {
		if !s.own[name] {
			return dst, false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	m := memberScan{doc: d.Attributes}
	if !m.open() {
		return dst, false
	}
	start := len(dst)
	dst = append(dst, `{"schemas":[`...)
	dst = appendString(dst, s.rt.Schema.ID)
	if dst, ok = s.appendExtensions(dst, d.Attributes); !ok {
		return dst[:start], false
	}
	dst = append(dst, `],"id":`...)
	dst = appendString(dst, d.ID)
	wrote := false // meta
	for m.next() {
		if !wrote && string(m.name) != "externalId" {
			dst, wrote = d.appendMeta(dst, s.rt.Name, location), true
		}
		for len(names) > 0 && wrote && names[0] < string(m.name) {
			dst, names = d.appendComputed(dst, names[0]), names[1:]
		}
		dst = append(dst, ',')
		dst = append(dst, m.member...)
	}
	if !wrote {
		dst = d.appendMeta(dst, s.rt.Name, location)
	}
	for _, name := range names {
		dst = d.appendComputed(dst, name)
	}
	return append(dst, '}'), true
}

// appendExtensions checks each member and appends the URNs of the extensions that are there, in the order of the type.
func (s *Splicer) appendExtensions(dst, doc []byte) (out []byte, ok bool) {
	var there uint64
	m := memberScan{doc: doc}
	m.open()
	for first := true; m.next(); first = false {
		switch {
		case first && string(m.name) == "externalId" && m.value()[0] == '"', s.own[string(m.name)]:
			continue
		}
		if !s.extension(m.name, m.value()) {
			return dst, false
		}
		for i, e := range s.rt.Extensions {
			if string(m.name) == e.Schema.ID && i < 64 {
				there |= 1 << i
			}
		}
	}
	for i, e := range s.rt.Extensions {
		if there&(1<<i) != 0 {
			dst = append(dst, ',')
			dst = appendString(dst, e.Schema.ID)
		}
	}
	return dst, !m.bad && len(s.rt.Extensions) <= 64
}

// extension reports whether the member is an extension that holds something, and nothing that is hidden.
func (s *Splicer) extension(name, value []byte) bool {
	attributes := s.extensions[string(name)]
	if attributes == nil {
		return false
	}
	m := memberScan{doc: value}
	if !m.open() {
		return false
	}
	some := false
	for m.next() {
		if !attributes[string(m.name)] {
			return false
		}
		some = true
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
