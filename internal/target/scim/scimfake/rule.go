package scimfake

import (
	"net/http"
	"strings"
	"time"
)

// Fault is what is done to a request.
type Fault string

// The faults.
const (
	// ResetAfterWrite lets the honest handler do its work and then breaks the connection: the client cannot know.
	ResetAfterWrite Fault = "reset-after-write"
	// ResetBefore breaks the connection before anything was done.
	ResetBefore Fault = "reset-before"
	// ErrorAfterWrite lets the honest handler do its work and answers 502.
	ErrorAfterWrite Fault = "error-after-write"
	// ServerError answers 500 and does nothing.
	ServerError Fault = "server-error"
	// Unavailable answers 503, with Retry-After if the rule has one.
	Unavailable Fault = "unavailable"
	// Throttle answers 429, with Retry-After if the rule has one.
	Throttle Fault = "throttle"
	// Unauthorized answers 401.
	Unauthorized Fault = "unauthorized"
	// Refuse answers Rule.Status with Rule.ScimType and Rule.Detail, and does nothing.
	Refuse Fault = "refuse"
	// Slow waits for Rule.Delay, or until the client gives up, before the honest handler is asked.
	Slow Fault = "slow"
	// LoginPage answers 200 with a web page.
	LoginPage Fault = "login-page"
	// NotFoundForEmpty answers 404 where the honest answer is an empty list.
	NotFoundForEmpty Fault = "not-found-for-empty"
	// IgnoreFilter drops the filter, so that everybody is returned.
	IgnoreFilter Fault = "ignore-filter"
	// DropMembers answers 204 to a PATCH of a group's members and does nothing.
	DropMembers Fault = "drop-members"
	// HideMembers leaves members out of what is returned of groups.
	HideMembers Fault = "hide-members"
	// PutOnly answers PATCH with 501.
	PutOnly Fault = "put-only"
	// NoDiscovery answers 404 for ServiceProviderConfig, ResourceTypes and Schemas.
	NoDiscovery Fault = "no-discovery"
	// StrictElements answers 400 noTarget to a PATCH that replaces a part of an element (brackets in the path) of a resource: the client has to add
	// the element first. It looks at the resource, so that a replace of what is there passes.
	StrictElements Fault = "strict-elements"
	// OddJSON rewrites lists as careless services send them: "resources" in lower case, no totals, null for an empty list, active as text.
	OddJSON Fault = "odd-json"
)

// Rule says which requests get a fault.
type Rule struct {
	Fault       Fault              // empty: the rule does nothing
	Method      string             // empty: every method the fault makes sense for
	Path        string             // only requests whose path contains it: "/Users"; empty: all
	Body        string             // only requests whose body contains it: one person's userName; empty: all
	Match       func(Request) bool // a further condition; nil: none. It must not call the Target
	Probability float64            // of a request that fits being struck; 0: always
	Skip        int                // let so many fitting requests pass first
	Times       int                // strike so often and then never again; 0: without end

	Delay      time.Duration // Slow
	Status     int           // Refuse
	ScimType   string        // Refuse; empty: none
	Detail     string        // Refuse
	RetryAfter time.Duration // Throttle, Unavailable: whole seconds; 0: no header
}

// Request is a request as it came.
type Request struct {
	Method string
	Path   string // as sent, escaped
	Query  string // as sent
	Header http.Header
	Body   string
	Fault  Fault // what was done to it; empty: nothing
	Status int   // what was answered; 0: the connection was broken
}

// Line is method, path and query, for comparing in tests.
func (r Request) Line() string {
	if r.Query == "" {
		return r.Method + " " + r.Path
	}
	return r.Method + " " + r.Path + "?" + r.Query
}

func (r *Rule) fits(q Request) bool {
	switch {
	case r.Method != "" && r.Method != q.Method, !r.sensible(q):
		return false
	case !strings.Contains(q.Path, r.Path), !strings.Contains(q.Body, r.Body):
		return false
	}
	return r.Match == nil || r.Match(q)
}

// sensible keeps faults away from requests they do not mean.
func (r *Rule) sensible(q Request) bool {
	group := strings.Contains(q.Path, "/Groups")
	switch r.Fault {
	case "":
		return false
	case ResetAfterWrite, ErrorAfterWrite:
		return r.Method != "" || q.Method != http.MethodGet
	case NotFoundForEmpty, OddJSON:
		return q.Method == http.MethodGet
	case IgnoreFilter:
		return q.Method == http.MethodGet && strings.Contains(q.Query, "filter=")
	case DropMembers:
		return group && q.Method == http.MethodPatch && strings.Contains(q.Body, "members")
	case HideMembers:
		return group
	case PutOnly, StrictElements:
		return q.Method == http.MethodPatch
	case NoDiscovery:
		return strings.Contains(q.Path, "/ServiceProviderConfig") || strings.Contains(q.Path, "/ResourceTypes") || strings.Contains(q.Path, "/Schemas")
	}
	return true
}
