package scimclient

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/filter"
)

// maxFind is how many resources of an answer to an equality filter are looked through. A service that applies the filter returns one, rarely a few;
// one that ignores it returns everybody.
const maxFind = 1000

// Find returns the resources whose attribute equals value. Every resource of the answer is compared with the value, because there are services that
// ignore filters: theirs is read on until the list ends or maxFind resources were seen, and then it is an error of KindFilterIgnored, because
// "nobody was found" would be a guess. excluded names attributes that need not be sent (members of a group).
func (c *Client) Find(ctx context.Context, typ, attribute, value string, excluded ...string) ([]scim.Resource, error) {
	p, err := c.Schemas(typ).ParsePath(attribute)
	if err != nil {
		return nil, &Error{Op: "GET /" + endpoint(typ), Kind: KindRequest, Detail: err.Error(), Err: err}
	}
	var found []scim.Resource
	seen, strangers := 0, 0
	for r, err := range c.List(ctx, typ, Query{Filter: p.Filter(value), Excluded: excluded, PageSize: NoPageSize}) {
		if err != nil {
			return nil, err
		}
		if p.Has(r, value) {
			found = append(found, r)
		} else {
			strangers++
		}
		if seen++; seen >= maxFind {
			break
		}
	}
	if seen >= maxFind && strangers > 0 {
		return nil, &Error{Op: "GET /" + endpoint(typ), Kind: KindFilterIgnored, Status: http.StatusOK, Detail: fmt.Sprintf(
			"the service was asked for %s with one value of %s and returned at least %d, most of them with other values: it ignores filters, "+
				"so that it cannot be known who is there", endpoint(typ), attribute, seen)}
	}
	return found, nil
}

// Filter returns the filter that asks for the resources whose value at the path equals value, in the strict grammar of RFC 7644 section 3.4.2.2:
// what is compared inside an element stands in the brackets.
func (p *Path) Filter(value string) string {
	var b strings.Builder
	if p.URN != "" {
		b.WriteString(p.URN)
		b.WriteByte(':')
	}
	b.WriteString(p.Name)
	if len(p.terms) == 0 {
		if p.Sub != "" {
			b.WriteString("." + p.Sub)
		}
		return b.String() + " eq " + p.operand(value)
	}
	b.WriteByte('[')
	for _, t := range p.terms {
		b.WriteString(t.name + " eq " + quote(t.value) + " and ")
	}
	sub := p.Sub
	if sub == "" {
		sub = "value"
	}
	b.WriteString(sub + " eq " + p.operand(value) + "]")
	return b.String()
}

func (p *Path) operand(value string) string {
	switch p.Type() {
	case scim.TypeBoolean:
		if t, ok := truth(value); ok {
			return strconv.FormatBool(t)
		}
	case scim.TypeInteger, scim.TypeDecimal:
		if _, err := strconv.ParseFloat(value, 64); err == nil && strings.Trim(value, "+-.0123456789eE") == "" {
			return value
		}
	}
	return quote(value)
}

func quote(v any) string {
	if s, ok := v.(string); ok {
		return string(filter.AppendQuoted(nil, strings.ToValidUTF8(s, "\uFFFD")))
	}
	return text(v)
}
