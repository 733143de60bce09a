package scim

import (
	"errors"
	"strings"

	"github.com/rollcall-id/rollcall/scim/filter"
)

// DecodePatch reads a PATCH body (RFC 7644 section 3.5.2) and makes it canonical: tolerances applied, path-less operations split by attribute, values
// typed by what their paths name. The error is an *Error.
func (rt *ResourceType) DecodePatch(body []byte, o DecodeOptions) (*Patch, error) {
	raw, err := decodeObject(body)
	if err != nil {
		return nil, err
	}
	d := patchDecoder{normaliser: normaliser{rt: rt, report: o.Report, keepNulls: true}}
	operations, err := d.message(raw)
	if err != nil {
		return nil, err
	}
	for i, op := range operations {
		if err := d.operation(op); err != nil {
			return nil, inOperation(i, len(operations), err)
		}
		if len(d.out) > MaxOperations {
			return nil, bad(InvalidValue, "the patch has more than %d operations; send it in several requests", MaxOperations)
		}
	}
	return &Patch{Operations: d.out, Profile: o.Profile, Report: o.Report}, nil
}

// inOperation says which of several operations an error is about.
func inOperation(i, count int, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || count == 1 {
		return err
	}
	return Errorf(e.Status, e.Type, "operation %d of %d: %s", i+1, count, e.Detail)
}

type patchDecoder struct {
	normaliser
	out []Operation
}

// message checks the envelope and returns the operations.
func (d *patchDecoder) message(raw map[string]any) ([]any, error) {
	schemas, err := d.member(raw, "schemas")
	if err != nil {
		return nil, err
	}
	if err := d.checkPatchSchemas(schemas); err != nil {
		return nil, err
	}
	v, err := d.member(raw, "Operations")
	if err != nil {
		return nil, err
	}
	if m, ok := v.(map[string]any); ok {
		d.used(RuleSingleForList)
		v = []any{m}
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, bad(InvalidSyntax, "Operations is %s; expected an array of at least one operation", describeEmpty(v))
	}
	if len(list) > MaxOperations {
		return nil, bad(InvalidValue, "the patch has %d operations; at most %d are allowed", len(list), MaxOperations)
	}
	return list, nil
}

func describeEmpty(v any) string {
	if list, ok := v.([]any); ok && len(list) == 0 {
		return "empty"
	}
	if v == nil {
		return "missing"
	}
	return describe(v)
}

// member reads a member of a message by its name in any letter case.
func (d *patchDecoder) member(m map[string]any, name string) (any, error) {
	v, _, err := d.lookup(m, name)
	return v, err
}

func (d *patchDecoder) lookup(m map[string]any, name string) (v any, present bool, err error) {
	for k, w := range m {
		if !strings.EqualFold(k, name) {
			continue
		}
		if present && !Equal(v, w) {
			return nil, false, bad(InvalidSyntax, "%s is given twice, in different letter case and with different values; give it once", name)
		}
		d.named(k, name)
		v, present = w, true
	}
	return v, present, nil
}

func (d *patchDecoder) checkPatchSchemas(v any) error {
	if s, ok := v.(string); ok {
		d.used(RuleSingleForList)
		v = []any{s}
	}
	list, ok := v.([]any)
	if v != nil && !ok {
		return bad(InvalidSyntax, "schemas is %s; expected an array with %s", describe(v), URNPatchOp)
	}
	if len(list) == 0 {
		d.used(RuleSchemasAbsent)
		return nil
	}
	for _, e := range list {
		if s, ok := e.(string); ok && strings.EqualFold(s, URNPatchOp) {
			return nil
		}
	}
	return bad(InvalidSyntax, "schemas names another message (%s); expected %s", quote(string(AppendJSON(nil, list))), URNPatchOp)
}

func (d *patchDecoder) operation(v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return bad(InvalidSyntax, "the operation is %s; expected an object with op, path and value", describe(v))
	}
	kind, err := d.kind(m)
	if err != nil {
		return err
	}
	path, err := d.path(m)
	if err != nil {
		return err
	}
	value, given, err := d.lookup(m, "value")
	if err != nil {
		return err
	}
	if kind != PatchRemove && !given {
		return bad(InvalidValue, "the %s operation has no value; say what to write", kind)
	}
	if path != "" && !d.namesWholeResource(path) {
		return d.withPath(kind, path, value)
	}
	if kind == PatchRemove {
		return bad(NoTarget, "the remove operation has no path; say which attribute to remove")
	}
	return d.withoutPath(kind, "", value)
}

// kind reads op, in any letter case (N1).
func (d *patchDecoder) kind(m map[string]any) (PatchKind, error) {
	v, err := d.member(m, "op")
	if err != nil {
		return 0, err
	}
	word, _ := v.(string)
	for _, k := range []PatchKind{PatchAdd, PatchReplace, PatchRemove} {
		if strings.EqualFold(word, k.String()) {
			if word != k.String() {
				d.used(RuleOpCase)
			}
			return k, nil
		}
	}
	if v == nil {
		return 0, bad(InvalidSyntax, "the operation has no op; expected add, replace or remove")
	}
	return 0, bad(InvalidSyntax, "op is %s; expected add, replace or remove", describe(v))
}

func (d *patchDecoder) path(m map[string]any) (string, error) {
	v, err := d.member(m, "path")
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if v != nil && !ok {
		return "", bad(InvalidPath, "path is %s; expected a string", describe(v))
	}
	return strings.TrimSpace(s), nil
}

// namesWholeResource recognises the URN of the type's own schema as a path: everything in value is then relative to the resource.
func (d *patchDecoder) namesWholeResource(path string) bool {
	e, ok := d.rt.bySchemaURN(path)
	return ok && e.schema == d.rt.Schema
}

// withPath decodes an operation with an explicit path. What cannot be written is an error here, because it was asked for by name.
func (d *patchDecoder) withPath(kind PatchKind, text string, value any) error {
	path, err := d.rt.ParsePath(text)
	if err != nil {
		return err
	}
	switch {
	case path.URN != "" && !strings.Contains(text, ":"):
		d.used(RuleExtensionByName)
	case path.String() != text:
		d.used(RuleNameCase)
	}
	if path.Attribute == nil {
		return d.wholeExtension(kind, path, value)
	}
	if path.URN == "" && path.Attribute.Name == "schemas" {
		d.used(RuleReadOnly) // computed from what the resource carries
		return nil
	}
	if path.Attribute.Mutability == ReadOnly || path.Sub != nil && path.Sub.Mutability == ReadOnly {
		return bad(Mutability, "%s is read-only and cannot be changed", path)
	}
	return d.emit(kind, path, value)
}

func (d *patchDecoder) wholeExtension(kind PatchKind, path *Path, value any) error {
	empty := value == nil || value == ""
	switch {
	case kind == PatchRemove, kind == PatchReplace && empty:
		d.out = append(d.out, Operation{Kind: PatchRemove, Path: path})
		return nil
	case empty:
		return nil
	}
	return d.withoutPath(kind, path.URN+":", value)
}

// withoutPath splits an object into one operation for each member. A member's name may itself be a path (N6). What cannot be written is ignored
// here (N9, N18): the object is a description of the resource, not a list of wishes.
func (d *patchDecoder) withoutPath(kind PatchKind, prefix string, value any) error {
	m, ok := value.(map[string]any)
	if !ok {
		return bad(InvalidValue, "the value of a %s operation without a path is %s; expected an object with the attributes to write", kind, describe(value))
	}
	if err := distinctKeys(m); err != nil {
		return err
	}
	for _, key := range sortedKeys(m) {
		if prefix == "" && (strings.EqualFold(key, "schemas") || d.namesWholeResource(key)) {
			d.used(RuleReadOnly)
			continue
		}
		if err := d.withKey(kind, prefix+key, key, m[key]); err != nil {
			return err
		}
	}
	return nil
}

// distinctKeys refuses names that differ in letter case only and in their values: which of them is meant would be a guess.
func distinctKeys(m map[string]any) error {
	seen := make(map[string]any, len(m))
	for k, v := range m {
		lower := strings.ToLower(k)
		if old, twice := seen[lower]; twice && !Equal(old, v) {
			return bad(InvalidSyntax, "%s is given twice, in different letter case and with different values; give it once", quote(lower))
		}
		seen[lower] = v
	}
	return nil
}

func (d *patchDecoder) withKey(kind PatchKind, text, key string, value any) error {
	path, err := d.rt.ParsePath(text)
	if err != nil {
		if strings.ContainsRune(key, '[') && d.knownBefore(text, "[") {
			return err
		}
		d.used(RuleUnknown)
		return nil
	}
	if strings.ContainsAny(key, ".[:") {
		d.used(RulePathKey)
	}
	if path.Attribute == nil {
		if path.URN+":" == text { // an extension inside itself
			d.used(RuleUnknown)
			return nil
		}
		return d.wholeExtension(kind, path, value)
	}
	if path.Attribute.Mutability == ReadOnly || path.Sub != nil && path.Sub.Mutability == ReadOnly {
		d.used(RuleReadOnly)
		return nil
	}
	return d.emit(kind, path, value)
}

// knownBefore reports whether the part of a key in front of sep names an attribute: then its mistake is behind it and must not be ignored.
func (d *patchDecoder) knownBefore(text, sep string) bool {
	name, _, _ := strings.Cut(text, sep)
	syntax, err := filter.ParsePath(name)
	if err != nil {
		return false
	}
	_, problem := d.rt.resolve(syntax.Attr.Text)
	return problem == nil
}

// emit normalises the value for the path and appends the operation.
func (d *patchDecoder) emit(kind PatchKind, path *Path, value any) error {
	op := Operation{Kind: kind, Path: path}
	if kind == PatchRemove {
		if path.Filter == nil && path.Sub == nil && path.Attribute.MultiValued && value != nil {
			elements, err := d.removals(path.Attribute, value)
			if err != nil {
				return err
			}
			d.used(RuleRemoveValue)
			op.Value = elements
		}
		d.out = append(d.out, op)
		return nil
	}
	v, out, err := d.pathValue(path, value)
	if err != nil {
		return err
	}
	if out == ignored || out == unassigned && kind == PatchAdd && path.Attribute.MultiValued && path.Sub == nil {
		return nil // nothing to add
	}
	op.Value = v
	d.out = append(d.out, op)
	return nil
}

// pathValue normalises a value for what the path names: the sub-attribute, an element, or the attribute.
func (n *normaliser) pathValue(path *Path, v any) (any, outcome, error) {
	element := path.Sub == nil && path.Filter != nil
	if list, ok := v.([]any); ok && len(list) == 1 && (element || !path.Leaf().MultiValued) {
		n.used(RuleListForSingle)
		v = list[0]
	}
	switch {
	case path.Sub != nil:
		return n.value(path.Sub, path.Attribute, v)
	case element:
		return n.single(path.Attribute, nil, v)
	}
	return n.value(path.Attribute, nil, v)
}

// removals reads the value of a remove on a multi-valued attribute (N7): the elements to drop, as objects, bare values or a list of either. Everything
// that could identify an element is kept, read-only sub-attributes too.
func (d *patchDecoder) removals(a *Attribute, v any) ([]any, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		if a.Type != TypeComplex {
			value, result, err := d.scalar(a, nil, e)
			if err != nil {
				return nil, err
			}
			if result == assigned {
				out = append(out, value)
			}
			continue
		}
		m, ok := e.(map[string]any)
		if !ok && e != nil && e != "" {
			m = d.wrap(a, e)
			if m == nil {
				return nil, wrongType(a, nil, e, "an object that names the element to remove")
			}
		}
		named, err := d.removal(a, m)
		if err != nil {
			return nil, err
		}
		if len(named) > 0 {
			out = append(out, named)
		}
	}
	return out, nil
}

func (d *patchDecoder) removal(a *Attribute, m map[string]any) (map[string]any, error) {
	named := make(map[string]any, len(m))
	for _, key := range sortedKeys(m) {
		sub := a.Sub(key)
		if sub == nil || m[key] == nil {
			continue
		}
		value, result, err := d.value(sub, a, m[key])
		if err != nil {
			return nil, err
		}
		if result == assigned {
			named[sub.Name] = value
		}
	}
	return named, nil
}
