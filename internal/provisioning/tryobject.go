package provisioning

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// The limits of an object that an expression is tried on.
const (
	maxTrialObject     = 1 << 20 // bytes
	maxTrialAttributes = 1000
	maxTrialValues     = 10_000 // of one attribute
)

// TrialObject is an object of attributes that somebody wrote down: not in any directory.
type TrialObject struct {
	typ    string
	values map[string]expression.Value // by folded name
}

// ParseTrialObject reads an object of the type from JSON: attributes by name, {"givenName":"Ada"}, or Microsoft Graph's testInputObject,
// {"properties":[{"key":"givenName","value":"Ada"}]}. A value is a text, a whole number, true, false, null, or a list of texts. Attributes that are not
// there are null.
func ParseTrialObject(typ string, data []byte) (*TrialObject, error) {
	if len(data) > maxTrialObject {
		return nil, fault.Errorf(fault.ErrInvalid, "the object has %d bytes; at most %d are allowed", len(data), maxTrialObject)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil || doc == nil {
		return nil, fault.Errorf(fault.ErrInvalid, `the object cannot be read: %v; expected JSON such as {"givenName":"Ada","mail":"ada@example.com"}`, reasonOf(err))
	}
	if dec.More() {
		return nil, fault.Errorf(fault.ErrInvalid, "something follows the object; expected one JSON object")
	}
	o := &TrialObject{typ: typ, values: map[string]expression.Value{}}
	if list, graph := doc["properties"].([]any); graph {
		return o, o.properties(list)
	}
	for name, v := range doc {
		if err := o.add(name, v); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func reasonOf(err error) error {
	if err == nil {
		return errors.New("it is null")
	}
	return err
}

// properties reads Graph's list of keys and values.
func (o *TrialObject) properties(list []any) error {
	for i, e := range list {
		p, ok := e.(map[string]any)
		if !ok {
			return fault.Errorf(fault.ErrInvalid, `properties[%d] is not an object; expected {"key":"givenName","value":"Ada"}`, i)
		}
		key, ok := p["key"].(string)
		if !ok {
			return fault.Errorf(fault.ErrInvalid, `properties[%d] has no text under "key"; expected {"key":"givenName","value":"Ada"}`, i)
		}
		if err := o.add(key, p["value"]); err != nil {
			return err
		}
	}
	return nil
}

func (o *TrialObject) add(name string, v any) error {
	key := strings.ToLower(name)
	if _, twice := o.values[key]; twice {
		return fault.Errorf(fault.ErrInvalid, "the attribute %s is there twice; names are compared without regard to letter case", name)
	}
	if len(o.values) == maxTrialAttributes {
		return fault.Errorf(fault.ErrInvalid, "the object has more than %d attributes", maxTrialAttributes)
	}
	value, ok := trialValue(v)
	if !ok {
		return fault.Errorf(fault.ErrInvalid,
			"the value of %s is not one that an attribute can have; expected a text, a whole number, true, false, null, or a list of up to %d texts",
			name, maxTrialValues)
	}
	o.values[key] = value
	return nil
}

// trialValue is a decoded JSON value as the expression language sees it.
func trialValue(v any) (value expression.Value, ok bool) {
	switch v := v.(type) {
	case nil:
		return expression.NullValue, true
	case string:
		return expression.Str(v), true
	case bool:
		return expression.Boolean(v), true
	case json.Number:
		n, err := v.Int64()
		return expression.Int(n), err == nil
	case []any:
		if len(v) > maxTrialValues {
			return expression.NullValue, false
		}
		list := make([]string, 0, len(v))
		for _, e := range v {
			if _, nested := e.([]any); nested || e == nil {
				return expression.NullValue, false
			}
			one, ok := trialValue(e)
			if !ok {
				return expression.NullValue, false
			}
			list = append(list, one.Text())
		}
		return expression.ListOf(list), true
	}
	return expression.NullValue, false
}

// Known reports whether the object has the attribute.
func (o *TrialObject) Known(name string) bool {
	_, ok := o.values[strings.ToLower(name)]
	return ok
}

// Attribute implements expression.Source. What the object does not have is null where objects of the directory can have it.
func (o *TrialObject) Attribute(name string) (expression.Value, bool) {
	if v, ok := o.values[strings.ToLower(name)]; ok {
		return v, true
	}
	v, known := object{Object: directory.Object{Type: o.typ}}.Attribute(name)
	return v, known
}
