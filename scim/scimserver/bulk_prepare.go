package scimserver

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// prepare finds out what each operation wants and which others it waits for, without carrying out anything.
func (b *bulkRequest) prepare(operations []scim.BulkOperation) {
	b.jobs = make([]job, len(operations))
	taken := make(map[string]bool, len(operations))
	for i := range operations {
		j := &b.jobs[i]
		j.op = &operations[i]
		j.event = Event{Bulk: i + 1, Method: clip(j.op.Method), Endpoint: route{}.name(), Tenant: b.c.tenant.Name, Note: b.c.tenant.Note, BytesIn: len(j.op.Data)}
		if j.wrong = b.understand(j); j.wrong == nil {
			j.wrong = identify(j, taken)
		}
		taken[j.op.BulkID] = true
		if j.method == http.MethodPost && b.byID[j.op.BulkID] == nil && j.op.BulkID != "" {
			b.byID[j.op.BulkID] = j
		}
	}
	for i := range b.jobs {
		if j := &b.jobs[i]; j.wrong == nil {
			j.after = b.waitsFor(i, j)
		}
	}
}

func misused(format string, args ...any) error {
	return scim.Errorf(http.StatusBadRequest, scim.InvalidSyntax, format, args...)
}

// identify checks the bulkId. The first operation with a bulkId keeps it: references to it are not in doubt, because the other is refused.
func identify(j *job, taken map[string]bool) error {
	switch {
	case j.op.BulkID == "" && j.method == http.MethodPost:
		return misused("the POST operation has no bulkId; give each a bulkId of its own, by which the answer and other operations name it")
	case j.op.BulkID != "" && taken[j.op.BulkID]:
		return misused("the bulkId %q is that of an operation before; give each operation a bulkId of its own", clip(j.op.BulkID))
	}
	return nil
}

// understand reads method and path.
func (b *bulkRequest) understand(j *job) error {
	j.method = strings.ToUpper(j.op.Method)
	if j.op.Err != nil {
		return j.op.Err
	}
	switch j.method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	case "":
		return misused("the operation has no method; expected POST, PUT, PATCH or DELETE")
	default:
		return misused("method is %q; expected POST, PUT, PATCH or DELETE. What only reads cannot be part of a bulk request", clip(j.op.Method))
	}
	j.event.Method = j.method
	if j.method != j.op.Method {
		j.event.note(RuleMethodCase)
	}
	t, err := b.address(j.op.Path)
	j.event.Endpoint, j.event.ID = t.name(), t.id
	if err != nil {
		return err
	}
	if t.loose {
		j.event.note(RuleLoosePath)
	}
	j.rt, j.id = t.rt, t.id
	switch {
	case t.kind != collection && t.kind != resource:
		return misused("%s cannot be part of a bulk request; send it as a request of its own", t.name())
	case t.kind == collection && j.method != http.MethodPost:
		return misused("%s needs the path of one resource, such as %s/ID; the path is %q", j.method, t.name(), clip(j.op.Path))
	case t.kind == resource && j.method == http.MethodPost:
		return misused("POST needs the path of a resource type, such as %s; the path is %q", t.name(), clip(j.op.Path))
	case j.op.Data == nil && j.method != http.MethodDelete:
		return misused("the %s operation has no data; expected the body that the single request would have", j.method)
	}
	if before, name, ok := bulkID(t.id); ok && before == "" {
		j.named, j.target, j.id, j.event.ID = true, name, "", ""
	}
	return nil
}

// address finds the endpoint of an operation's path. Beside /Users/ID it may be written without the slash, with a version, a query or as an absolute address
// of this service (rule N14).
func (b *bulkRequest) address(path string) (route, error) {
	if path == "" {
		return route{}, misused("the operation has no path; expected the path of the single request, such as /Users or /Users/ID")
	}
	text, _, _ := strings.Cut(path, "?")
	text = cutBase(text, b.c.base)
	if strings.Contains(text, "://") {
		return route{}, misused("the path %q leads to another service; this one is %s", clip(path), b.c.base)
	}
	decoded, err := url.PathUnescape(text)
	if err != nil {
		return route{}, misused("the path %q is not correctly percent-encoded", clip(path))
	}
	t, err := b.c.h.route(decoded)
	if err != nil {
		return t, err
	}
	t.loose = t.loose || t.kind == collection && path != t.rt.Endpoint || t.kind == resource && path != t.rt.Endpoint+"/"+t.id
	return t, nil
}

// cutBase takes the address of the service from the front of a path, whole or only its path.
func cutBase(path, base string) string {
	if rest, ok := cutFold(path, base); ok {
		return rest
	}
	if u, err := url.Parse(base); err == nil && u.Path != "" {
		if rest, ok := cutFold(path, strings.TrimSuffix(u.Path, "/")); ok {
			return rest
		}
	}
	return path
}

func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) <= len(prefix) || s[len(prefix)] != '/' || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// waitsFor lists the operations that have to be tried before an operation: those whose bulkId it names, and the one before it on the same resource.
func (b *bulkRequest) waitsFor(i int, j *job) []int {
	var after []int
	wait := func(name string) {
		if other := b.byID[name]; other != nil {
			after = append(after, other.event.Bulk-1)
		}
	}
	if j.named {
		wait(j.target)
	}
	if j.method != http.MethodPost {
		key := j.rt.Name + "/" + j.id + "\x00" + j.target
		if last, ok := b.touched[key]; ok {
			after = append(after, last)
		}
		b.touched[key] = i
	}
	for _, name := range b.references(j) {
		wait(name)
	}
	slices.Sort(after)
	return slices.Compact(after)
}

// references lists the bulkIds that an operation's data names. Data is decoded for it only where it may name some, and is decoded again later: that is
// cheaper than to hold the data of all operations decoded.
func (b *bulkRequest) references(j *job) []string {
	if !mayName(j.op.Data) {
		return nil
	}
	x, err := decode(j.method, j.rt, j.id, j.op.Data, scim.DecodeOptions{Profile: b.c.tenant.Profile})
	if err != nil {
		return nil // it will fail when its turn comes
	}
	var names []string
	note := func(text string) (string, error) {
		if _, name, ok := bulkID(text); ok {
			names = append(names, name)
		}
		return text, nil
	}
	switch {
	case x.resource != nil:
		_ = x.rt.MapReferences(x.resource, note) // note never fails
	case x.patch != nil:
		_, _ = x.patch.MapReferences(note)
	}
	return names
}

// bulkPrefix marks a reference to what another operation creates (RFC 7644, 3.7.2).
const bulkPrefix = "bulkId:"

// bulkID finds such a reference. It is the text, or in an address its last part: before is what stands before it.
func bulkID(text string) (before, name string, ok bool) {
	at := strings.LastIndexByte(text, '/') + 1
	if len(text) < at+len(bulkPrefix) || !strings.EqualFold(text[at:at+len(bulkPrefix)], bulkPrefix) {
		return "", "", false
	}
	return text[:at], text[at+len(bulkPrefix):], true
}

// mayName reports whether JSON may hold a reference; one with escapes may hold anything.
func mayName(data []byte) bool {
	for rest := data; ; {
		at := bytes.IndexByte(rest, ':')
		if at < 0 {
			return bytes.IndexByte(data, '\\') >= 0
		}
		if from := at + 1 - len(bulkPrefix); from >= 0 && bytes.EqualFold(rest[from:at+1], []byte(bulkPrefix)) {
			return true
		}
		rest = rest[at+1:]
	}
}
