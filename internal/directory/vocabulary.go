package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Name is one word of Entra's attribute vocabulary.
type Name struct {
	Entra       string    // as Entra's mappings and CSV headers write it; found in any letter case
	Path        string    // where the value is in a SCIM resource; "id" for objectId
	Type        scim.Type // of the value; a manager is a reference, whose value is the id of another user
	MultiValued bool
	Doc         string
}

// Vocabulary returns the attributes of users in Entra's words. Two words may mean one path (physicalDeliveryOfficeName, officeLocation).
// What is computed for provisioning only (IsSoftDeleted, appRoleAssignments) is no attribute of the directory and not in it.
func Vocabulary() []Name { return userNames() }

// GroupVocabulary returns the attributes of groups in Entra's words. Members are rows of their own, so Attribute knows the word and has no value for it.
func GroupVocabulary() []Name { return groupNames() }

const (
	enterprise = scim.URNEnterpriseUser + ":"
	ours       = URNDirectoryUser + ":"
)

func userNames() []Name {
	names := []Name{
		{Entra: "objectId", Path: "id", Doc: "the directory's own id; never changes"},
		{Entra: "userPrincipalName", Path: "userName", Doc: "the unique sign-in name"},
		{Entra: "displayName", Path: "displayName", Doc: "the name shown in lists"},
		{Entra: "givenName", Path: "name.givenName", Doc: "first name"},
		{Entra: "surname", Path: "name.familyName", Doc: "family name"},
		{Entra: "mail", Path: `emails[type eq "work"].value`, Doc: "mail address at work"},
		{Entra: "jobTitle", Path: "title", Doc: "job title"},
		{Entra: "preferredLanguage", Path: "preferredLanguage", Doc: "language tag such as en-US"},
		{Entra: "userType", Path: "userType", Doc: "Member or Guest"},
		{Entra: "accountEnabled", Path: "active", Type: scim.TypeBoolean, Doc: "whether the person may sign in; true when nobody said anything"},
		{Entra: "streetAddress", Path: `addresses[type eq "work"].streetAddress`, Doc: "street and number at work"},
		{Entra: "city", Path: `addresses[type eq "work"].locality`, Doc: "city of the work place"},
		{Entra: "state", Path: `addresses[type eq "work"].region`, Doc: "state or province of the work place"},
		{Entra: "postalCode", Path: `addresses[type eq "work"].postalCode`, Doc: "postal code of the work place"},
		{Entra: "country", Path: `addresses[type eq "work"].country`, Doc: "country of the work place"},
		{Entra: "physicalDeliveryOfficeName", Path: `addresses[type eq "work"].formatted`, Doc: "the office"},
		{Entra: "officeLocation", Path: `addresses[type eq "work"].formatted`, Doc: "another word for physicalDeliveryOfficeName"},
		{Entra: "telephoneNumber", Path: `phoneNumbers[type eq "work"].value`, Doc: "telephone number at work"},
		{Entra: "mobile", Path: `phoneNumbers[type eq "mobile"].value`, Doc: "mobile telephone number"},
		{Entra: "mobilePhone", Path: `phoneNumbers[type eq "mobile"].value`, Doc: "another word for mobile"},
		{Entra: "facsimileTelephoneNumber", Path: `phoneNumbers[type eq "fax"].value`, Doc: "fax number"},
		{Entra: "employeeId", Path: enterprise + "employeeNumber", Doc: "the employer's number for the person"},
		{Entra: "department", Path: enterprise + "department", Doc: "department"},
		{Entra: "division", Path: enterprise + "division", Doc: "division"},
		{Entra: "costCenter", Path: enterprise + "costCenter", Doc: "cost center"},
		{Entra: "manager", Path: enterprise + "manager", Type: scim.TypeReference, Doc: "the manager; the value is the manager's objectId"},
		{Entra: "mailNickname", Path: ours + "mailNickname", Doc: "mail alias: the mail address without its domain"},
		{Entra: "companyName", Path: ours + "companyName", Doc: "the company the person works for"},
		{Entra: "usageLocation", Path: ours + "usageLocation", Doc: "country code that decides which services the person may use"},
		{Entra: "employeeType", Path: ours + "employeeType", Doc: "employee, contractor, and so on"},
		{Entra: "employeeHireDate", Path: ours + "employeeHireDate", Type: scim.TypeDateTime, Doc: "first day of work"},
		{Entra: "employeeLeaveDateTime", Path: ours + "employeeLeaveDateTime", Type: scim.TypeDateTime, Doc: "end of the last day of work"},
		{Entra: "immutableId", Path: ours + "immutableId", Doc: "id of the person in the directory on premises"},
		{Entra: "otherMails", Path: ours + "otherMails", MultiValued: true, Doc: "further mail addresses"},
		{Entra: "proxyAddresses", Path: ours + "proxyAddresses", MultiValued: true, Doc: "all addresses the person gets mail at, such as SMTP:j@example.com"},
	}
	for i := 1; i <= 15; i++ {
		name := "extensionAttribute" + strconv.Itoa(i)
		names = append(names, Name{Entra: name, Path: ours + name, Doc: "free for what an organization needs"})
	}
	return typed(names)
}

func groupNames() []Name {
	return typed([]Name{
		{Entra: "objectId", Path: "id", Doc: "the directory's own id; never changes"},
		{Entra: "displayName", Path: "displayName", Doc: "the unique name of the group"},
		{Entra: "members", Path: "members", Type: scim.TypeReference, MultiValued: true, Doc: "the users and groups that belong to it"},
	})
}

// typed fills in the type that most names have.
func typed(names []Name) []Name {
	for i := range names {
		if names[i].Type == "" {
			names[i].Type = scim.TypeString
		}
	}
	return names
}

// place is where a value lies in a resource: a Path, ready to be read without parsing. Cycles read two dozen for every person.
type place struct {
	name    Name
	urn     string // extension; empty: the resource itself
	attr    string
	element string // of a multi-valued attribute the element with this type; empty: not multi-valued
	sub     string // sub-attribute; empty: none
}

// placeOf reads the paths of the vocabulary, which have few forms.
func placeOf(n Name) place {
	p := place{name: n, attr: n.Path}
	if i := strings.LastIndexByte(n.Path, ':'); i >= 0 {
		p.urn, p.attr = n.Path[:i], n.Path[i+1:]
	}
	if attr, rest, ok := strings.Cut(p.attr, `[type eq "`); ok {
		p.attr = attr
		p.element, p.sub, _ = strings.Cut(rest, `"].`)
	} else if attr, sub, ok := strings.Cut(p.attr, "."); ok {
		p.attr, p.sub = attr, sub
	}
	if n.Type == scim.TypeReference && p.sub == "" {
		p.sub = "value"
	}
	return p
}

// read returns the value, nil when there is none.
func (p place) read(r map[string]any) any {
	if p.urn != "" {
		r, _ = r[p.urn].(map[string]any)
	}
	v := r[p.attr]
	if p.element != "" {
		list, _ := v.([]any)
		for _, e := range list {
			m, _ := e.(map[string]any)
			if typ, _ := m["type"].(string); strings.EqualFold(typ, p.element) && m[p.sub] != nil {
				return m[p.sub]
			}
		}
		return nil
	}
	if p.sub == "" {
		return v
	}
	m, _ := v.(map[string]any)
	return m[p.sub]
}

// places finds names by their spelling and by their lower-case spelling.
type places map[string]place

func placesOf(names []Name) places {
	m := make(places, 2*len(names))
	for _, n := range names {
		p := placeOf(n)
		m[n.Entra], m[strings.ToLower(n.Entra)] = p, p
	}
	return m
}

func (m places) find(name string) (place, bool) {
	p, ok := m[name]
	if !ok {
		p, ok = m[strings.ToLower(name)]
	}
	return p, ok
}

// The indexes are made once from constant data and never written again.
var (
	userPlaces  = sync.OnceValue(func() places { return placesOf(userNames()) })
	groupPlaces = sync.OnceValue(func() places { return placesOf(groupNames()) })
)

func placesFor(typ string) places {
	if typ == Group {
		return groupPlaces()
	}
	return userPlaces()
}

// Attribute reads an attribute of an object by its Entra name or by its SCIM path, in any letter case. The value is a string, bool, int64, float64, []any
// or map[string]any; nil when the attribute is absent. known is false for what objects of the type cannot have, and for secrets.
func Attribute(o Object, name string) (value any, known bool) {
	if p, ok := placesFor(o.Type).find(name); ok {
		switch p.name.Path {
		case "id":
			return o.ID, true
		case "active":
			return o.Active(), true
		}
		return p.read(o.Attributes), true
	}
	rt := Registry().Type(o.Type)
	if rt == nil {
		return nil, false
	}
	path, err := rt.ParsePath(name)
	if err != nil || secret(path) {
		return nil, false
	}
	switch path.String() {
	case "id":
		return o.ID, true
	case "active":
		return o.Active(), true
	}
	value, _ = scim.Lookup(o.Attributes, path)
	return value, true
}

// secret reports whether nobody may read the attribute.
func secret(p *scim.Path) bool {
	for _, a := range []*scim.Attribute{p.Attribute, p.Sub} {
		if a != nil && (a.Mutability == scim.WriteOnly || a.Returned == scim.ReturnedNever) {
			return true
		}
	}
	return false
}

// PathOf returns the SCIM path that an Entra name or a SCIM path means. The error names the nearest known name.
func PathOf(typ, name string) (*scim.Path, error) {
	rt := Registry().Type(typ)
	if rt == nil {
		return nil, fault.Errorf(fault.ErrInvalid, "there is no object type %q: expected %s or %s", typ, User, Group)
	}
	text := name
	p, ok := placesFor(typ).find(name)
	if ok {
		if text = p.name.Path; p.name.Type == scim.TypeReference {
			text += "." + p.sub // a manager is set by its id
		}
	}
	path, err := rt.ParsePath(text)
	if err != nil {
		if near := NearestName(typ, name); near != "" {
			return nil, fault.Errorf(fault.ErrInvalid, "unknown attribute %q: did you mean %s?", name, near)
		}
		return nil, fault.Errorf(fault.ErrInvalid, "unknown attribute %q: expected a name such as %s, or a SCIM path (%v)", name, "jobTitle", err)
	}
	return path, nil
}

// SetAttribute sets an attribute of a resource by its Entra name or SCIM path; it changes r. A text is converted to the attribute's type; nil and the
// empty text remove the value. A wrong name or value is fault.ErrInvalid.
func SetAttribute(r scim.Resource, typ, name string, value any) error {
	path, err := PathOf(typ, name)
	if err != nil {
		return err
	}
	rt := Registry().Type(typ)
	if value == nil || value == "" {
		err = rt.Remove(r, path)
	} else {
		if value, err = converted(path.Leaf(), value); err == nil {
			err = rt.Set(r, path, value)
		}
	}
	if err != nil {
		return fault.Errorf(fault.ErrInvalid, "%s: %w", name, err)
	}
	return nil
}

// converted gives a text the type of the attribute.
func converted(a *scim.Attribute, value any) (any, error) {
	text, ok := value.(string)
	if !ok || a == nil {
		return value, nil
	}
	switch a.Type {
	case scim.TypeBoolean:
		if strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
			return strings.EqualFold(text, "true"), nil
		}
		return nil, fmt.Errorf("the value is %q: expected true or false", text)
	case scim.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the value is %q: expected a whole number", text)
		}
		return n, nil
	case scim.TypeDateTime:
		if _, err := scim.ParseTime(text); err != nil {
			return nil, fmt.Errorf("the value is %q: expected a date and time such as 2026-03-01T08:00:00Z", text)
		}
	}
	if a.MultiValued {
		return []any{text}, nil
	}
	return text, nil
}

// maxSpelling is the longest word that NearestName compares, in bytes: the cost is quadratic.
const maxSpelling = 64

// NearestName returns the Entra name that a person who wrote name most likely meant, "" when none is close.
func NearestName(typ, name string) string {
	names := Vocabulary()
	if typ == Group {
		names = GroupVocabulary()
	}
	if name == "" || len(name) > maxSpelling {
		return ""
	}
	best, least := "", len(name)/3+2
	for _, n := range names {
		if d := edits(strings.ToLower(name), strings.ToLower(n.Entra)); d < least {
			best, least = n.Entra, d
		}
	}
	return best
}

// edits is how many bytes must be inserted, removed or replaced to turn a into b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := slices.Clone(row)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
		}
		row = next
	}
	return row[len(b)]
}
