package scimserver

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/filter"
)

// params are the query parameters of RFC 7644, 3.4.2 and 3.9, from the URL or from the body of a search request.
type params struct {
	filter     string
	filtered   bool // filter was given, maybe empty
	sortBy     string
	descending bool
	start      int // 1-based
	startGiven bool
	count      int
	counted    bool // count was given
	byCursor   bool // cursor was given, maybe empty
	cursor     string
	projection scim.Projection
	attributes []string // as they were given: a cursor is bound to them
	excluded   []string
	projected  bool // attributes or excludedAttributes were given
	posted     bool // from a search request
}

// limits of the filter: a body may hold a longer one than a URL, which proxies cut off.
func (p params) limits() filter.Limits {
	if p.posted {
		return filter.BodyLimits()
	}
	return filter.Limits{}
}

// raw are the parameters as text.
type raw struct {
	filter, sortBy, sortOrder, startIndex, count, cursor *string
	attributes, excluded                                 []string
}

// params reads the query string. Unknown parameters, keys without a value and stray separators are ignored (rule N14): Entra puts ?aadOptscim062020
// there, OneLogin a trailing ampersand.
func (c *call) params() (params, error) {
	if c.r.URL.RawQuery == "" {
		return params{start: 1, count: c.h.cfg.PageSize}, nil
	}
	var q raw
	for pair := range strings.SplitSeq(c.r.URL.RawQuery, "&") {
		if err := c.param(pair, &q); err != nil {
			return params{}, err
		}
	}
	return c.check(q)
}

func (c *call) param(pair string, q *raw) error {
	key, value, _ := strings.Cut(pair, "=")
	if pair == "" {
		c.note(RuleLoosePath)
		return nil
	}
	key, err := url.QueryUnescape(key)
	if err != nil {
		return nil //nolint:nilerr // a key that cannot be read is an unknown one
	}
	target, list := q.field(key)
	if target == nil && list == nil {
		if strings.ContainsAny(key, "/?") {
			// The base address had a query, and the rest of the path was put behind it. Taken for an unknown parameter it would be a question about everybody.
			return scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "the query parameter %q looks like the rest of a path: put the query of the base "+
				"address behind the whole path", clip(key))
		}
		c.note(RuleLoosePath)
		return nil
	}
	decoded, err := url.QueryUnescape(value)
	if err != nil {
		return scim.Errorf(http.StatusBadRequest, "invalidValue", "the query parameter %s is not correctly percent-encoded: %v", key, err)
	}
	if list != nil {
		*list = append(*list, names(decoded)...)
		return nil
	}
	if *target != nil {
		return scim.Errorf(http.StatusBadRequest, "invalidValue", "the query parameter %s was given twice; give it once", key)
	}
	*target = &decoded
	return nil
}

// field finds where a parameter goes, by its name in any letter case (rule N2).
func (q *raw) field(key string) (text **string, list *[]string) {
	switch {
	case strings.EqualFold(key, "filter"):
		return &q.filter, nil
	case strings.EqualFold(key, "sortBy"):
		return &q.sortBy, nil
	case strings.EqualFold(key, "sortOrder"):
		return &q.sortOrder, nil
	case strings.EqualFold(key, "startIndex"):
		return &q.startIndex, nil
	case strings.EqualFold(key, "count"):
		return &q.count, nil
	case strings.EqualFold(key, "cursor"):
		return &q.cursor, nil
	case strings.EqualFold(key, "attributes"):
		return nil, &q.attributes
	case strings.EqualFold(key, "excludedAttributes"):
		return nil, &q.excluded
	}
	return nil, nil
}

// names cuts a comma separated list, without spaces and empty parts.
func names(list string) []string {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// check turns the text of the parameters into values.
func (c *call) check(q raw) (p params, err error) {
	p.projected = len(q.attributes)+len(q.excluded) > 0
	if p.projected {
		if p.projection, err = scim.ParseProjection(q.attributes, q.excluded); err != nil {
			return p, err
		}
	}
	if q.filter != nil {
		p.filter, p.filtered = *q.filter, true
	}
	if q.sortBy != nil {
		p.sortBy = strings.TrimSpace(*q.sortBy)
	}
	if p.descending, err = order(q.sortOrder); err != nil {
		return p, err
	}
	if q.cursor != nil {
		p.cursor, p.byCursor = *q.cursor, true
	}
	p.attributes, p.excluded = q.attributes, q.excluded
	p.startGiven, p.counted = text(q.startIndex) != "", text(q.count) != ""
	p.start, p.count, err = scim.ParsePage(text(q.startIndex), text(q.count), c.h.cfg.PageSize, c.h.cfg.MaxPage, c.note)
	return p, err
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}

func order(text *string) (descending bool, err error) {
	switch {
	case text == nil, *text == "", strings.EqualFold(*text, "ascending"):
		return false, nil
	case strings.EqualFold(*text, "descending"):
		return true, nil
	}
	return false, scim.Errorf(http.StatusBadRequest, "invalidValue", "sortOrder is %q; it must be ascending or descending", clip(*text))
}
