package scim

import (
	"slices"
	"strings"
)

// DecodeResource reads the body of a POST or PUT and returns the canonical resource: tolerances applied, read-only and unknown attributes left out,
// schemas computed. Required attributes are not checked here: ValidateNew does that for POST, Replace for PUT. The error is an *Error.
func (rt *ResourceType) DecodeResource(body []byte, o DecodeOptions) (Resource, error) {
	raw, err := decodeObject(body)
	if err != nil {
		return nil, err
	}
	n := normaliser{rt: rt, report: o.Report}
	return n.resource(raw)
}

func (n *normaliser) resource(raw map[string]any) (Resource, error) {
	r := make(Resource, len(raw)+1)
	schemasSeen := false
	for _, key := range sortedKeys(raw) {
		v := raw[key]
		if strings.EqualFold(key, "schemas") {
			schemasSeen = true
			if err := n.checkSchemas(v); err != nil {
				return nil, err
			}
			continue
		}
		if err := n.attribute(r, key, v); err != nil {
			return nil, err
		}
	}
	if !schemasSeen {
		n.used(RuleSchemasAbsent)
	}
	r["schemas"] = stringsJSON(n.rt.SchemaURNs(r))
	return r, nil
}

// attribute normalises one member of the resource object.
func (n *normaliser) attribute(r Resource, key string, v any) error {
	if e, ok := n.rt.bySchemaURN(key); ok && e.schema != n.rt.Schema {
		if e.legacy {
			n.used(RuleLegacyURN)
		} else {
			n.named(key, e.urn)
		}
		return n.extension(r, e.schema, v)
	}
	a, urn := n.rt.attribute(key, true)
	if a == nil {
		n.used(RuleUnknown)
		return nil
	}
	n.named(key, a.Name)
	if urn == "" {
		return n.assign(r, a, v)
	}
	n.used(RuleExtensionByName)
	object, _ := r[urn].(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	if err := n.assign(object, a, v); err != nil {
		return err
	}
	if len(object) > 0 {
		r[urn] = object
	}
	return nil
}

func (n *normaliser) extension(r Resource, s *Schema, v any) error {
	if v == nil || v == "" {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return bad(InvalidValue, "the extension %s is %s; expected an object", s.ID, describe(v))
	}
	object, _ := r[s.ID].(map[string]any)
	if object == nil {
		object = make(map[string]any, len(m))
	}
	for _, key := range sortedKeys(m) {
		a := s.Attribute(key)
		if a == nil {
			n.used(RuleUnknown)
			continue
		}
		n.named(key, a.Name)
		if err := n.assign(object, a, m[key]); err != nil {
			return err
		}
	}
	if len(object) > 0 {
		r[s.ID] = object
	}
	return nil
}

// assign puts the normalised value of a top-level attribute into dst.
func (n *normaliser) assign(dst map[string]any, a *Attribute, v any) error {
	if a.Mutability == ReadOnly {
		n.used(RuleReadOnly)
		return nil
	}
	value, out, err := n.value(a, nil, v)
	if err != nil || out != assigned {
		return err
	}
	if old, twice := dst[a.Name]; twice && !Equal(old, value) {
		return twiceError(a, nil)
	}
	dst[a.Name] = value
	return nil
}

// checkSchemas accepts unknown URNs (Entra does not list its custom extensions and lists one of its own), but not those of something else.
func (n *normaliser) checkSchemas(v any) error {
	list, ok := v.([]any)
	if s, isText := v.(string); isText {
		n.used(RuleSingleForList)
		list, ok = []any{s}, true
	}
	if v != nil && !ok {
		return bad(InvalidSyntax, "schemas is %s; expected an array of URNs", describe(v))
	}
	if len(list) == 0 {
		n.used(RuleSchemasAbsent)
	}
	for _, e := range list {
		urn, ok := e.(string)
		if !ok {
			return bad(InvalidSyntax, "schemas contains %s; expected URNs", describe(e))
		}
		if err := n.checkSchema(urn); err != nil {
			return err
		}
	}
	return nil
}

func (n *normaliser) checkSchema(urn string) error {
	if e, ok := n.rt.bySchemaURN(urn); ok {
		if e.legacy {
			n.used(RuleLegacyURN)
		}
		return nil
	}
	message := strings.HasPrefix(strings.ToLower(urn), "urn:ietf:params:scim:api:messages:")
	foreign := slices.ContainsFunc(n.rt.foreign, func(f string) bool { return strings.EqualFold(f, urn) })
	if message || foreign {
		return bad(InvalidSyntax, "schemas names %s, but a %s is expected here (%s)", quote(urn), n.rt.Name, n.rt.Schema.ID)
	}
	n.used(RuleUnknown)
	return nil
}

// sortedKeys makes everything that depends on the order of an object's members deterministic, and puts a name before the paths that start with it.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
