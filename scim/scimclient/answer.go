package scimclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON that is read; SCIM itself needs five levels.
const maxDepth = 64

// decode reads one JSON value. Numbers become int64 where they are whole and fit, float64 otherwise.
func decode(body []byte) (any, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // .NET services send a byte order mark
	if err := checkDepth(body); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the JSON value at byte %d", d.InputOffset())
	}
	return number(v), nil
}

// checkDepth counts brackets before anything recursive sees the document.
func checkDepth(body []byte) error {
	depth, text := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case text && b == '\\':
			i++
		case b == '"':
			text = !text
		case text:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("nested deeper than %d levels", maxDepth)
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

func number(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = number(e)
		}
	case []any:
		for i, e := range v {
			v[i] = number(e)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, err := v.Float64()
		if err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f)
		}
		return f
	}
	return v
}

// object reads an answer that should be a JSON object and says what it is if it is none. what names the message that was expected.
func (c *Client) object(r *request, a *answer, what string) (map[string]any, *Error) {
	v, e := c.value(r, a, what)
	if e != nil {
		return nil, e
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, c.noObject(r, a, what)
	}
	return m, nil
}

// listing is object, and takes the bare array that some services answer with instead of a list's object.
func (c *Client) listing(r *request, a *answer, what string) (map[string]any, *Error) {
	v, e := c.value(r, a, what)
	if e != nil {
		return nil, e
	}
	switch v := v.(type) {
	case map[string]any:
		return v, nil
	case []any:
		return map[string]any{"Resources": v}, nil
	}
	return nil, c.noObject(r, a, what)
}

func (c *Client) noObject(r *request, a *answer, what string) *Error {
	return c.unusable(r, a, KindNotSCIM, fmt.Sprintf("expected %s; the service answered %d with JSON that is not an object%s", what, a.status, c.excerpt(a.body)))
}

// value reads an answer that should be JSON.
func (c *Client) value(r *request, a *answer, what string) (any, *Error) {
	if isHTML(a) {
		return nil, c.unusable(r, a, KindHTML, fmt.Sprintf("expected %s in JSON; the service answered %d with a web page%s: the tenant URL probably "+
			"leads to the application's website or to a login page, not to its SCIM service", what, a.status, title(a.body)))
	}
	v, err := decode(a.body)
	if err != nil {
		if t := mediaType(a); t != "" && !strings.HasSuffix(t, "json") {
			return nil, c.unusable(r, a, KindContentType, fmt.Sprintf("expected %s as application/scim+json; the service answered %d with %s%s",
				what, a.status, t, c.excerpt(a.body)))
		}
		if len(a.body) == 0 {
			return nil, c.unusable(r, a, KindUnparsable, fmt.Sprintf("expected %s; the service answered %d with an empty body", what, a.status))
		}
		return nil, c.unusable(r, a, KindUnparsable, fmt.Sprintf("expected %s; the answer %d is not JSON that can be read (%v)%s",
			what, a.status, err, c.excerpt(a.body)))
	}
	return v, nil
}

// unusable is an answer that claims success and cannot be used. If it was a write, the write may have happened.
func (c *Client) unusable(r *request, a *answer, k Kind, detail string) *Error {
	return &Error{Op: r.op(), Kind: k, Status: a.status, Detail: detail, Ambiguous: r.method != http.MethodGet}
}

// refused turns an answer outside 2xx into an error.
func (c *Client) refused(r *request, a *answer) *Error {
	e := &Error{Op: r.op(), Kind: KindStatus, Status: a.status}
	switch {
	case a.status < 400:
		e.Kind = KindRedirect
		e.Detail = redirected(r, a)
		return e
	case a.status == http.StatusNotFound && r.list:
		e.Kind = KindListNotFound
	case a.status == http.StatusRequestTimeout || (a.status >= 500 && a.status != http.StatusNotImplemented):
		e.Ambiguous = r.method != http.MethodGet
	}
	e.RetryAfter = retryAfter(a.header, c.cfg.Now())
	e.ScimType, e.Detail = c.message(a)
	if e.Kind == KindListNotFound {
		e.Detail += "; expected 200 and a ListResponse, which may be empty: check the path of the tenant URL"
	}
	return e
}

func redirected(r *request, a *answer) string {
	to := "nowhere"
	if u, err := (&http.Response{Header: a.header}).Location(); err == nil {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		to = u.String()
	}
	why := "redirects are followed only within the tenant URL's own scheme, host and port, so that the secret token goes nowhere else"
	if r.method != http.MethodGet && (a.status == http.StatusMovedPermanently || a.status == http.StatusFound || a.status == http.StatusSeeOther) {
		why = "a write is repeated only after 307 and 308"
	}
	return fmt.Sprintf("the service redirects to %s with status %d, which was not followed: %s; if that is the right place, use it as tenant URL",
		to, a.status, why)
}

// message reads the error message of RFC 7644 section 3.12, or failing that the usual places of other messages, or failing that a piece of the text.
func (c *Client) message(a *answer) (scimType, detail string) {
	status := fmt.Sprintf("the service answered %d %s", a.status, http.StatusText(a.status))
	if isHTML(a) {
		return "", status + " with a web page" + title(a.body)
	}
	v, err := decode(a.body)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return "", status + c.excerpt(a.body)
	}
	scimType = text(field(m, "scimType"))
	for _, name := range []string{"detail", "message", "error_description", "error", "title", "description"} {
		if d := text(field(m, name)); d != "" {
			return scimType, short(c.hide(d))
		}
	}
	if scimType != "" {
		return scimType, status + " (" + scimType + ") without an explanation"
	}
	return "", status + c.excerpt(a.body)
}

func mediaType(a *answer) string {
	t, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

func isHTML(a *answer) bool {
	t := mediaType(a)
	if t == "text/html" || t == "application/xhtml+xml" {
		return true
	}
	return bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(a.body[:min(len(a.body), 512)])), []byte("<!doctype html")) ||
		bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(a.body[:min(len(a.body), 512)])), []byte("<html"))
}

// title quotes the title of a web page, the shortest way to recognise it.
func title(body []byte) string {
	head := string(body[:min(len(body), 16<<10)])
	lower := strings.ToLower(head)
	if len(lower) != len(head) { // a letter whose lower case is longer: positions no longer agree
		return ""
	}
	i := strings.Index(lower, "<title")
	if i < 0 {
		return ""
	}
	open := strings.IndexByte(lower[i:], '>')
	end := strings.Index(lower[i:], "</title")
	if open < 0 || end < open {
		return ""
	}
	t := short(head[i+open+1 : i+end])
	if t == "" {
		return ""
	}
	return fmt.Sprintf(" titled %q", t)
}

const excerptLength = 300

// short makes text from outside fit for one line of a log.
func short(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || (r >= 0x7f && r <= 0x9f) || r == 0x2028 || r == 0x2029 }), " ")
	if len(s) <= excerptLength {
		return s
	}
	cut := excerptLength
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

func (c *Client) excerpt(body []byte) string {
	// The cut is made after the token was hidden: half a token is a secret too.
	s := short(c.hide(string(body[:min(len(body), 4<<10)])))
	if s == "" {
		return ""
	}
	return ": " + s
}

// hide takes the token out of text that a service echoed.
func (c *Client) hide(s string) string {
	if c.cfg.Token == "" {
		return s
	}
	return strings.ReplaceAll(s, c.cfg.Token, "[secret token]")
}

// field returns a member of an object whatever its letter case; the exact spelling wins.
func field(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// text returns a scalar as text, "" for anything else.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// integer reads a number that may have been sent as a string.
func integer(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		return n, err == nil
	}
	return 0, false
}

// truth reads a boolean that may have been sent as a string.
func truth(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		switch {
		case strings.EqualFold(v, "true"):
			return true, true
		case strings.EqualFold(v, "false"):
			return false, true
		}
	}
	return false, false
}
