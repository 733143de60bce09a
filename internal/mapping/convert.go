package mapping

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/scim"
)

// maxValues is how many values a multi-valued attribute may get: they are compared with one another for every person.
const maxValues = 1000

// convert gives a value the form of the row's target attribute: its type, and a list where the attribute takes several values. nil means empty.
func (r *row) convert(v expression.Value) (any, error) {
	if !r.MultiValued {
		return r.Type.convert(v)
	}
	if v.IsEmpty() {
		return nil, nil
	}
	elements := elementsOf(v)
	if len(elements) > maxValues {
		return nil, fmt.Errorf("the source has %d values: at most %d fit into one attribute", len(elements), maxValues)
	}
	if objects := v.Objects(); len(objects) > 0 {
		return complexList(objects), nil
	}
	list := make([]any, 0, len(elements))
	seen := make(map[any]bool, len(elements))
	for i, e := range elements {
		one, err := r.Type.convert(e)
		if err != nil {
			return nil, elementError(v, err, i+1, len(elements))
		}
		if one == nil || seen[r.distinguish(one)] {
			continue
		}
		seen[r.distinguish(one)] = true
		list = append(list, one)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}

// complexList is a list of values with parts. They are written as they are; two with one text are one value.
func complexList(objects []expression.Object) any {
	list := make([]any, 0, len(objects))
	seen := make(map[string]bool, len(objects))
	for _, o := range objects {
		if key := scim.Fold(o.Text); !seen[key] {
			seen[key] = true
			list = append(list, o.Members)
		}
	}
	return list
}

// elementsOf takes a value of several apart; one of a kind is a list of one.
func elementsOf(v expression.Value) []expression.Value {
	if v.Kind() != expression.List {
		return []expression.Value{v}
	}
	texts := v.List()
	out := make([]expression.Value, len(texts))
	for i, t := range texts {
		out[i] = expression.Str(t)
	}
	return out
}

// distinguish is what tells two values of a list apart: an attribute that is not case-exact has no value twice in different letter case.
func (r *row) distinguish(v any) any {
	if s, ok := v.(string); ok && r.Type == String && !r.CaseExact {
		return scim.Fold(s)
	}
	return v
}

// elementError says which of several values is wrong. A value that is not to be shown is not shown.
func elementError(v expression.Value, err error, number, of int) error {
	switch {
	case of == 1:
		return err
	case v.Redacted():
		return fmt.Errorf("value %d of %d is not what the target attribute takes", number, of)
	}
	return fmt.Errorf("value %d of %d: %w", number, of, err)
}

// convert gives a value the type of the target attribute. nil means empty. The error does not show a redacted value.
func (t Type) convert(v expression.Value) (any, error) {
	if v.IsEmpty() {
		return nil, nil
	}
	if v.Kind() == expression.List {
		list := v.List()
		if len(list) > 1 {
			return nil, fmt.Errorf("the source has %d values and the target attribute takes one: pick one with Item, or join them with Join", len(list))
		}
		if list[0] == "" {
			return nil, nil
		}
	}
	switch t {
	case Boolean:
		return toBool(v)
	case Integer:
		return toInteger(v)
	case DateTime:
		return toDateTime(v)
	case Binary:
		return toBinary(v)
	}
	return v.Text(), nil
}

func toBool(v expression.Value) (any, error) {
	switch text := v.Text(); {
	case v.Kind() == expression.Number && text == "0":
		return false, nil
	case v.Kind() == expression.Number && text == "1":
		return true, nil
	case strings.EqualFold(text, "true"):
		return true, nil
	case strings.EqualFold(text, "false"):
		return false, nil
	}
	return nil, expected(v, "True or False")
}

func toInteger(v expression.Value) (any, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
	if err != nil {
		return nil, expected(v, "a whole number")
	}
	return n, nil
}

// toDateTime gives an instant as SCIM writes it (RFC 7643 section 2.3.5), with the offset the source has.
func toDateTime(v expression.Value) (any, error) {
	if at, ok := v.Any().(time.Time); ok {
		return at.Format(time.RFC3339Nano), nil
	}
	if _, err := time.Parse(time.RFC3339Nano, v.Text()); err != nil {
		return nil, expected(v, "a date and time such as 2026-03-01T08:00:00Z")
	}
	return v.Text(), nil
}

// toBinary gives bytes as SCIM writes them (RFC 7643 section 2.3.6): base64 of RFC 4648 section 4 in one line. The alphabet for URLs and line breaks are
// taken too; padding is not optional, because without it nearly every word would pass.
func toBinary(v expression.Value) (any, error) {
	raw, ok := Bytes(v.Text())
	if !ok {
		return nil, expected(v, "base64, such as SGVsbG8=")
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// Bytes decodes base64 in either alphabet.
func Bytes(text string) (raw []byte, ok bool) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimSpace(text))
	raw, err := base64.StdEncoding.Strict().DecodeString(plain)
	return raw, err == nil
}

func expected(v expression.Value, what string) error {
	if v.Redacted() {
		return fmt.Errorf("the value is not what the target attribute takes: expected %s", what)
	}
	const shown = 60
	text := []rune(v.Text())
	if len(text) > shown {
		text = append(text[:shown], '…')
	}
	return fmt.Errorf("the value is %q: expected %s", string(text), what)
}
