package scimserver

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// search answers POST /{type}/.search and POST /.search (RFC 7644, 3.4.3), where personal data in a filter stays out of the URL.
func (c *call) search() error {
	return c.withBody(func(body []byte) error {
		v, err := scim.DecodeJSON(body)
		if err != nil {
			return err
		}
		message, ok := v.(map[string]any)
		if !ok {
			return scim.Errorf(http.StatusBadRequest, scim.InvalidSyntax, "a search request is a JSON object with the schema %s", scim.URNSearchRequest)
		}
		q, err := readSearch(message)
		if err != nil {
			return err
		}
		p, err := c.check(q)
		if err != nil {
			return err
		}
		p.posted = true
		return c.list(p)
	})
}

// readSearch reads the members of a SearchRequest by their names in any letter case; unknown ones are ignored, as in a query string.
func readSearch(message map[string]any) (q raw, err error) {
	known := false
	for name, v := range message {
		if strings.EqualFold(name, "schemas") {
			known = holdsText(v, scim.URNSearchRequest)
			continue
		}
		text, list := q.field(name)
		switch {
		case v == nil:
		case list != nil:
			*list, err = textList(name, v)
		case text != nil:
			*text, err = textOf(name, v)
		}
		if err != nil {
			return q, err
		}
	}
	if !known {
		return q, scim.Errorf(http.StatusBadRequest, scim.InvalidSyntax, "schemas of a search request must hold %s", scim.URNSearchRequest)
	}
	return q, nil
}

func holdsText(v any, want string) bool {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, e := range list {
		if s, ok := e.(string); ok && strings.EqualFold(s, want) {
			return true
		}
	}
	return false
}

// textList reads attributes and excludedAttributes: an array of names, or the comma separated text that a URL would have.
func textList(name string, v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return nil, scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "%s must be an array of attribute names", clip(name))
		}
		out = append(out, names(s)...)
	}
	return out, nil
}

func textOf(name string, v any) (*string, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case int64:
		s = strconv.FormatInt(v, 10)
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return nil, scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "%s has the wrong JSON type; a string or a number was expected", clip(name))
	}
	return &s, nil
}
