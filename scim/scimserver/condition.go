package scimserver

import (
	"net/http"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// Precondition is the If-Match header of a request. The zero value always holds.
type Precondition struct {
	set  bool
	any  bool
	tags []string // opaque parts, without W/ and quotes
}

// IfMatch reads the values of an If-Match header. An empty list is no precondition.
func IfMatch(values ...string) Precondition {
	if len(values) == 0 {
		return Precondition{}
	}
	p := Precondition{set: true}
	p.tags, p.any = parseTags(values)
	return p
}

// Holds reports whether the precondition holds for a resource with this version (meta.version). Tags are compared weakly: HTTP's strong comparison
// could never match the weak tags that SCIM uses in this place (RFC 7644, 3.14).
func (p Precondition) Holds(version string) bool {
	return !p.set || p.any || contains(p.tags, opaque(version))
}

// Check returns a *scim.Error with status 412 when the precondition does not hold.
func (p Precondition) Check(version string) error {
	if p.Holds(version) {
		return nil
	}
	return scim.Errorf(http.StatusPreconditionFailed, "",
		"If-Match does not name the current version %s: somebody changed the resource in the meantime. Read it again and repeat the change", version)
}

// noneMatch reports whether an If-None-Match header names the version, so that a GET is answered 304 (RFC 7644, 3.14).
func noneMatch(values []string, version string) bool {
	tags, all := parseTags(values)
	return all || contains(tags, opaque(version))
}

// parseTags reads comma separated entity tags, weak or strong. A list without quotes is tolerated: some clients send the bare version.
func parseTags(values []string) (tags []string, all bool) {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			switch t := opaque(part); t {
			case "":
			case "*":
				all = true
			default:
				tags = append(tags, t)
			}
		}
	}
	return tags, all
}

func opaque(tag string) string {
	tag = strings.TrimSpace(tag)
	if len(tag) > 1 && (tag[0] == 'W' || tag[0] == 'w') && tag[1] == '/' {
		tag = tag[2:]
	}
	return strings.Trim(tag, `"`)
}

func contains(tags []string, tag string) bool {
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}
