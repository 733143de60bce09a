package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// limitCase is a request at a limit, and the same one step beyond it.
type limitCase struct {
	name         string
	method, path string
	header       [2]string
	within       string // body, or the value of the filter for a GET; "": there is nothing within
	beyond       string
	status       int // beyond
	says         string
}

func nest(depth int, open, inside, shut string) string {
	return strings.Repeat(open, depth) + inside + strings.Repeat(shut, depth)
}

func list(n int, element string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
}

func terms(n int) string {
	return strings.TrimSuffix(strings.Repeat(`title eq "x" or `, n), " or ")
}

// padded is a filter of so many bytes.
func padded(n int) string {
	const frame = `title eq ""`
	return `title eq "` + strings.Repeat("x", n-len(frame)) + `"`
}

func search(filter string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":%q}`, filter)
}

func operations(n int) string {
	return `{"Operations":` + list(n, `{"op":"replace","path":"title","value":"x"}`) + `}`
}

func bulk(n int) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":` + list(n, `{"method":"DELETE","path":"/Users/none"}`) + `}`
}

// limitCases are the limits of spec/scim.md 7.1, 7 and 8. user is the path of a user, group of a group.
func limitCases(user, group string) []limitCase {
	serial := 0
	person := func(more string) string {
		serial++
		return fmt.Sprintf(`{"userName":"u%d"%s}`, serial, more)
	}
	json := [2]string{"Content-Type", "application/scim+json"}
	var cases []limitCase
	post := func(name, within, beyond string, status int, says string) {
		cases = append(cases, limitCase{name, http.MethodPost, "/Users", json, within, beyond, status, says})
	}
	post("bytes of a body", person("")+strings.Repeat(" ", 1<<20-len(person(""))-8), strings.Repeat(" ", 1<<20+1), 413, "1048576")
	post("depth of JSON", person(`,"x":`+nest(31, "[", "1", "]")), person(`,"x":`+nest(32, "[", "1", "]")), 400, "invalidSyntax")
	post("bytes of a string", person(`,"title":"`+strings.Repeat("x", 1<<16)+`"`), person(`,"title":"`+strings.Repeat("x", 1<<16+1)+`"`), 400, "65536")
	post("bytes of a name", "", person(`,"`+strings.Repeat("x", 1<<16+1)+`":1`), 400, "65536")
	post("elements of an array", person(`,"x":`+list(20_000, "1")), person(`,"x":`+list(20_001, "1")), 400, "20000")
	post("duplicate names", "", `{"userName":"a","userName":"b"}`, 400, "twice")
	post("duplicate names in other letters", "", `{"userName":"a","USERNAME":"b"}`, 400, "twice")
	post("huge numbers", person(`,"x":1e300`), person(`,"x":1e999`), 400, "too big")
	post("no numbers", "", person(`,"x":NaN`), 400, "invalidSyntax")
	post("text that is not UTF-8", "", person(`,"title":"`+"\xff\xfe"+`"`), 400, "UTF-8")
	post("the character U+0000", "", person(`,"title":"a\u0000b"`), 400, "invalid")
	post("text behind the document", "", person("")+"{}", 400, "invalidSyntax")
	return append(cases,
		limitCase{"members of a request", http.MethodPatch, group, json, "",
			`{"Operations":[{"op":"add","path":"members","value":` + list(20_001, `{"value":"x"}`) + `}]}`, 400, "20000"},
		limitCase{"operations of a PATCH", http.MethodPatch, user, json, operations(1000), operations(1001), 400, "1000"},
		limitCase{"operations of a bulk request", http.MethodPost, "/Bulk", json, bulk(1000), bulk(1001), 413, "1000"},
		limitCase{"bytes of a filter", http.MethodGet, "/Users", [2]string{}, padded(4096), padded(4097), 400, "invalidFilter"},
		limitCase{"depth of a filter", http.MethodGet, "/Users", [2]string{}, nest(32, "(", "title pr", ")"), nest(33, "(", "title pr", ")"), 400, "invalidFilter"},
		limitCase{"comparisons of a filter", http.MethodGet, "/Users", [2]string{}, terms(64), terms(65), 400, "invalidFilter"},
		limitCase{"bytes of a filter in a body", http.MethodPost, "/Users/.search", json, search(padded(8192)), search(padded(8193)), 400, "invalidFilter"},
		limitCase{"depth of a filter in a body", http.MethodPost, "/.search", json, "", search(nest(5000, "(", "title pr", ")")), 400, "invalidFilter"},
		limitCase{"compressed bodies", http.MethodPost, "/Users", [2]string{"Content-Encoding", "gzip"}, "", "\x1f\x8b\x08", 415, "Content-Encoding"},
		limitCase{"XML", http.MethodPost, "/Users", [2]string{"Content-Type", "application/xml"}, "", "<User/>", 415, "application/xml"},
		limitCase{"bytes of all headers", http.MethodGet, "/Users", [2]string{"X-Long", strings.Repeat("x", 80<<10)}, "", "title pr", 431, ""},
	)
}

// TestLimits: each limit lets in what it allows, and refuses one more with a SCIM error that says what the limit is. Nothing is a 5xx.
func TestLimits(t *testing.T) {
	v := newVault(t)
	user := v.create(t, "/Users", `{"userName":"user"}`)
	group := v.create(t, "/Groups", `{"displayName":"group"}`)
	for _, c := range limitCases(user, group) {
		if c.within != "" {
			if status, body := v.send(t, c, c.within); status != http.StatusOK && status != http.StatusCreated {
				t.Errorf("%s, within: status %d: %.300s", c.name, status, body)
			}
		}
		status, body := v.send(t, c, c.beyond)
		isError := c.status == http.StatusRequestHeaderFieldsTooLarge || strings.Contains(body, "urn:ietf:params:scim:api:messages:2.0:Error")
		if status != c.status || !strings.Contains(body, c.says) || !isError {
			t.Errorf("%s, beyond: status %d: %.300s; want %d with %q", c.name, status, body, c.status, c.says)
		}
	}
}

func (v *vault) create(t *testing.T, endpoint, body string) (path string) {
	t.Helper()
	c := limitCase{method: http.MethodPost, path: endpoint, header: [2]string{"Content-Type", "application/json"}}
	status, answer := v.send(t, c, body)
	_, id, found := strings.Cut(answer, `"id":"`)
	if status != http.StatusCreated || !found {
		t.Fatalf("POST %s: status %d: %s", endpoint, status, answer)
	}
	id, _, _ = strings.Cut(id, `"`)
	return endpoint + "/" + id
}

// send sends a request of the case with a body, or with a filter where it is a GET.
func (v *vault) send(t *testing.T, c limitCase, content string) (int, string) {
	t.Helper()
	path, body := c.path, io.Reader(strings.NewReader(content))
	if c.method == http.MethodGet {
		path, body = path+"?filter="+url.QueryEscape(content), nil
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, v.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+v.secret)
	if c.header[0] != "" {
		req.Header.Set(c.header[0], c.header[1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return res.StatusCode, string(answer)
}

// TestSlowClients: who sends headers or a body too slowly is let go, and does not hold a connection for ever.
func TestSlowClients(t *testing.T) {
	sys, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	secret, err := sys.NewSCIMOrganization(t.Context(), "acme", "Acme", "azure")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, done := make(chan string, 1), make(chan error, 1)
	o := ServeOptions{
		Listen: "127.0.0.1:0", NoSchedule: true, Ready: func(u string) { ready <- u },
		patience: patience{header: 100 * time.Millisecond, request: 300 * time.Millisecond},
	}
	go func() { done <- sys.Serve(ctx, o) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := sys.Close(); err != nil {
			t.Error(err)
		}
	}()
	address := strings.TrimPrefix(<-ready, "http://")
	for name, text := range map[string]string{
		"headers": "GET /api/scim/acme/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + "\r\n",
		"body": "POST /api/scim/acme/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/scim+json\r\nAuthorization: Bearer " +
			secret + "\r\n\r\n{",
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(bufio.NewReader(conn))
		if err != nil || strings.HasPrefix(string(answer), "HTTP/1.1 5") || strings.HasPrefix(string(answer), "HTTP/1.1 2") {
			t.Errorf("slow %s: got %.300q, %v; want that the connection is closed, at most with a 4xx", name, answer, err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
