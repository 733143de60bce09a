package provisioning_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// mishap is what happens to one request.
type mishap string

const (
	fine      mishap = ""
	lost      mishap = "lost"       // it never arrives
	unheard   mishap = "unheard"    // done, and the answer is lost
	half      mishap = "half"       // done, and the answer breaks off in the middle
	cut       mishap = "cut"        // done, and the answer is complete but has half a body
	failing   mishap = "failing"    // 500, nothing done, and so for the next few requests
	gateway   mishap = "gateway"    // done, and 502 is answered
	storm     mishap = "storm"      // 429, and the next few requests too
	twice     mishap = "twice"      // it arrives two times, the second answer is heard
	tardy     mishap = "tardy"      // it is given up as lost, and arrives after requests that were made later
	leap      mishap = "leap"       // the clock jumps meanwhile
	dies      mishap = "dies"       // the node dies before it is sent
	diesAfter mishap = "dies-after" // the node dies when it is done, before the answer is read
)

var mishaps = []mishap{lost, unheard, half, cut, failing, gateway, storm, twice, tardy, leap, dies, diesAfter}

var errNode = errors.New("the node is dead")

// effect is a write that changed the service.
type effect struct {
	line     string
	account  string // id
	takeaway bool   // an account was disabled, or an account or group deleted
	since    int64  // position of the log when the cycle began that sent it
}

// simNet carries the requests of an engine to the service without a network, and has mishaps by its random source. One request at a time.
type simNet struct {
	w      *world
	random *rand.Rand
	chance float64 // of a mishap, of each request
	dead   bool    // the node of this engine
	storm  int     // requests that are still refused
	down   int     // requests that still fail
	late   []func()
	since  int64 // position of the log when the cycle began
	writes []effect
	trace  func(format string, args ...any)
	// deaf is a broken service for the proof of the simulation; nil: it is honest.
	deaf func(*http.Request, string) bool
}

// RoundTrip implements http.RoundTripper.
func (n *simNet) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body) // of a bytes.Reader
	}
	m := fine
	if n.random.Float64() < n.chance {
		m = mishaps[n.random.IntN(len(mishaps))]
	}
	switch {
	case n.storm > 0 && m == fine:
		m = storm
	case n.down > 0 && m == fine:
		m = failing
	}
	if n.dead {
		return nil, errNode
	}
	res, err := n.happen(m, req, body)
	if req.Method != http.MethodGet || m != fine {
		n.trace("    %s %s %s %s→ %s", req.Method, req.URL.Path, body, m, outcomeOf(res, err))
	}
	return res, err
}

func outcomeOf(res *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	return res.Status
}

func (n *simNet) happen(m mishap, req *http.Request, body []byte) (*http.Response, error) {
	read := req.Method == http.MethodGet
	switch m {
	case dies, diesAfter:
		if m == diesAfter {
			n.deliver(req, body)
		}
		n.dead = true
		return nil, errNode
	case leap:
		n.w.wait(time.Duration(n.random.IntN(7200)-1800) * time.Second)
	case lost:
		return nil, io.ErrUnexpectedEOF
	case unheard:
		n.deliver(req, body)
		return nil, io.ErrUnexpectedEOF
	case half, cut:
		res := n.deliver(req, body)
		return broken(res, m == half), nil
	case failing:
		if n.down == 0 {
			n.down = 1 + n.random.IntN(5)
		}
		n.down--
		return answer(500, "", nil), nil
	case gateway:
		n.deliver(req, body)
		return answer(502, "", nil), nil
	case storm:
		return n.refuse(), nil
	case twice:
		n.deliver(req, body)
	case tardy:
		if !read {
			sent := n.since
			n.late = append(n.late, func() {
				now := n.since
				n.since = sent
				n.deliver(req, body)
				n.since = now
			})
			return nil, io.ErrUnexpectedEOF
		}
	}
	res := n.deliver(req, body)
	n.arrive()
	return res, nil
}

// arrive delivers, now and then, what was late: the newest first.
func (n *simNet) arrive() {
	if len(n.late) > 0 && n.random.IntN(2) == 0 {
		n.settle()
	}
}

// settle delivers everything that is late.
func (n *simNet) settle() {
	for len(n.late) > 0 {
		last := n.late[len(n.late)-1]
		n.late = n.late[:len(n.late)-1]
		last()
	}
}

func (n *simNet) refuse() *http.Response {
	if n.storm == 0 {
		n.storm = 1 + n.random.IntN(6)
	}
	n.storm--
	seconds := []int{1, 7, 60, 900}[n.random.IntN(4)]
	return answer(429, fmt.Sprint(seconds), nil)
}

func answer(status int, retryAfter string, body []byte) *http.Response {
	h := http.Header{}
	h.Set("Content-Type", "application/scim+json")
	if retryAfter != "" {
		h.Set("Retry-After", retryAfter)
	}
	return &http.Response{Status: fmt.Sprint(status), StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
}

// broken is an answer with half of its body; noticed: the connection shows it.
func broken(res *http.Response, noticed bool) *http.Response {
	b, _ := io.ReadAll(res.Body) // of a bytes.Reader
	var r io.Reader = bytes.NewReader(b[:len(b)/2])
	if noticed {
		r = io.MultiReader(r, dropped{})
	}
	res.Body, res.ContentLength = io.NopCloser(r), -1
	return res
}

type dropped struct{}

func (dropped) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// deliver has the honest service do what is asked, and notes what it changed.
func (n *simNet) deliver(req *http.Request, body []byte) *http.Response {
	if n.deaf != nil && n.deaf(req, string(body)) {
		return answer(204, "", nil)
	}
	r := httptest.NewRequest(req.Method, "http://service"+req.URL.RequestURI(), bytes.NewReader(body))
	r.Header = req.Header.Clone()
	id := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
	before := n.enabled(id)
	made := n.w.service.Len("User") + n.w.service.Len("Group")
	rec := httptest.NewRecorder()
	n.w.proxy.ServeHTTP(rec, r)
	res := rec.Result()
	if req.Method == http.MethodGet || res.StatusCode >= 300 {
		return res
	}
	e := effect{line: req.Method + " " + req.URL.Path + " " + string(body), account: id, since: n.since}
	e.takeaway = before && !n.enabled(id)
	if req.Method == http.MethodPost && n.w.service.Len("User")+n.w.service.Len("Group") > made {
		e.account = n.newest()
	}
	n.writes = append(n.writes, e)
	return res
}

// enabled reports whether there is such an account, or group, and it is not disabled.
func (n *simNet) enabled(id string) bool {
	for _, typ := range []string{"User", "Group"} {
		for _, a := range n.w.service.All(typ) {
			if a.ID() == id {
				return a["active"] != false
			}
		}
	}
	return false
}

// newest is the id of the account that was made last: ids are counted.
func (n *simNet) newest() string {
	last := ""
	for _, typ := range []string{"User", "Group"} {
		for _, a := range n.w.service.All(typ) {
			last = max(last, a.ID())
		}
	}
	return last
}
