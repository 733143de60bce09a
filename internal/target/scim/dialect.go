package scim

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/filter"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Dialect is how a service wants PATCH written: services that were built for one client know that client's way only.
type Dialect string

// The dialects (spec/entra-provisioning.md sections 2.4 to 2.6).
const (
	// Auto is Entra2020 where the tenant URL has the flag for it, else RFC.
	Auto Dialect = "auto"
	// RFC is RFC 7644: an operation with a path for each attribute, op in lower case, true and false as JSON has them.
	RFC Dialect = "rfc"
	// Entra is what Entra ID sends by default: Add, Replace, Remove; "True" and "False" as text; a manager as text; members removed by a list of values.
	Entra Dialect = "entra"
	// Entra2020 is what Entra ID sends under the flag aadOptscim062020: single values together in one operation without a path, whose value has their
	// paths for keys; the rest as in RFC.
	Entra2020 Dialect = "entra-2020"
)

const flag2020 = "aadOptscim062020"

// Dialects lists them.
func Dialects() []Dialect { return []Dialect{Auto, RFC, Entra, Entra2020} }

func (d Dialect) resolve(u *url.URL) Dialect {
	if d != "" && d != Auto {
		return d
	}
	for name := range u.Query() {
		if strings.EqualFold(name, flag2020) {
			return Entra2020
		}
	}
	return RFC
}

// encode writes operations in the dialect. They are not changed themselves.
func (d Dialect) encode(operations []scimclient.Operation) []scimclient.Operation {
	switch d {
	case Entra:
		out := slices.Clone(operations)
		for i, o := range out {
			out[i].Op = strings.ToUpper(o.Op[:1]) + o.Op[1:]
			out[i].Value = entraValue(o)
		}
		return out
	case Entra2020:
		return pathless(operations)
	}
	return operations
}

func entraValue(o scimclient.Operation) any {
	switch v := o.Value.(type) {
	case bool:
		text := fmt.Sprint(v)
		return strings.ToUpper(text[:1]) + text[1:]
	case map[string]any:
		if o.Path == scim.URNEnterpriseUser+":manager" && len(v) == 1 && v["value"] != nil {
			return v["value"]
		}
	}
	return o.Value
}

// pathless puts single values that are set together, in the place of the first. What is alone keeps its path: a disable is {"path":"active"} with Entra, too.
func pathless(operations []scimclient.Operation) []scimclient.Operation {
	together := map[string]int{}
	for _, o := range operations {
		if single(o) {
			together[o.Op]++
		}
	}
	out := make([]scimclient.Operation, 0, len(operations))
	at := map[string]map[string]any{}
	for _, o := range operations {
		switch {
		case !single(o) || together[o.Op] < 2:
			out = append(out, o)
		case at[o.Op] == nil:
			at[o.Op] = map[string]any{o.Path: o.Value}
			out = append(out, scimclient.Operation{Op: o.Op, Value: at[o.Op]})
		default:
			at[o.Op][o.Path] = o.Value
		}
	}
	return out
}

// single reports whether an operation sets one plain value.
func single(o scimclient.Operation) bool {
	switch o.Value.(type) {
	case nil, []any, map[string]any:
		return false
	}
	return !strings.Contains(o.Path, "[")
}

func (d Dialect) addMembers(ids []string) []scimclient.Operation {
	return []scimclient.Operation{{Op: "add", Path: "members", Value: d.members(ids)}}
}

func (d Dialect) removeMembers(ids []string) []scimclient.Operation {
	if d == Entra {
		return []scimclient.Operation{{Op: "remove", Path: "members", Value: d.members(ids)}}
	}
	out := make([]scimclient.Operation, len(ids))
	for i, id := range ids {
		out[i] = scimclient.Operation{Op: "remove", Path: "members[value eq " + string(filter.AppendQuoted(nil, id)) + "]"}
	}
	return out
}

func (d Dialect) members(ids []string) []any {
	values := make([]any, len(ids))
	for i, id := range ids {
		m := map[string]any{"value": id}
		if d == Entra {
			m["$ref"] = nil
		}
		values[i] = m
	}
	return values
}
