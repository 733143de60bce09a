package server

import (
	"encoding/binary"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestTokenLimit(t *testing.T) {
	l := newTokenLimits(100)
	for i := range 100 {
		if wait := l.wait("a", noon); wait != 0 {
			t.Fatalf("request %d of a second waits %s", i+1, wait)
		}
	}
	wait := l.wait("a", noon)
	if wait < 9*time.Millisecond || wait > 11*time.Millisecond {
		t.Errorf("the request after a full second waits %s; want 10ms", wait)
	}
	if wait := l.wait("b", noon); wait != 0 {
		t.Errorf("another token waits %s", wait)
	}
	if again := l.wait("a", noon.Add(wait)); again != 0 {
		t.Errorf("the request that waited as it was told waits another %s", again)
	}
}

// TestLowLimitIsRaised: no setting takes away what every organization is guaranteed.
func TestLowLimitIsRaised(t *testing.T) {
	l := newTokenLimits(3)
	for second := range 3 {
		for i := range Guaranteed {
			if wait := l.wait("a", noon.Add(time.Duration(second)*time.Second)); wait != 0 {
				t.Fatalf("request %d of second %d waits %s", i+1, second, wait)
			}
		}
	}
	if newTokenLimits(0).wait("a", noon) != 0 {
		t.Error("no limit is one")
	}
}

// TestBulkIsDebt: the operations of a bulk request are let in at once, and what comes after waits for them, a minute at most.
func TestBulkIsDebt(t *testing.T) {
	l := newTokenLimits(100)
	l.charge("a", 600, noon)
	if wait := l.wait("a", noon); wait.Round(10*time.Millisecond) != 5010*time.Millisecond {
		t.Errorf("after 600 operations at 100/s, of which 100 were free: wait %s, want 5.01s", wait)
	}
	if wait := l.wait("a", noon.Add(5010*time.Millisecond)); wait != 0 {
		t.Errorf("after the debt was paid off: wait %s", wait)
	}
	for range 100 {
		l.charge("a", 1000, noon.Add(time.Minute))
	}
	if wait := l.wait("a", noon.Add(time.Minute)); wait > debtTime+time.Second {
		t.Errorf("the debt of many bulk requests is %s; want at most %s", wait, debtTime)
	}
}

func try(address, slug, secret string) attempt {
	a := attempt{from: subscriber(netip.MustParseAddr(address)), slug: slug}
	copy(a.credential[:], secret)
	return a
}

func TestAddressLimit(t *testing.T) {
	l := newAddressLimits(10)
	wrong := try("192.0.2.1", "acme", "")
	for i := range 50 {
		if as, _ := l.admit(wrong, noon); as != counted {
			t.Fatalf("attempt %d of a burst of 50 is %v", i+1, as)
		}
	}
	as, wait := l.admit(wrong, noon)
	if as != refused || wait <= 0 || wait > 110*time.Millisecond {
		t.Errorf("the next one is %v and waits %s; want that it is refused for 100ms", as, wait)
	}
	if as, _ := l.admit(wrong, noon.Add(wait)); as != counted {
		t.Errorf("the one that waited as it was told is %v", as)
	}
	if as, _ := l.admit(try("198.51.100.9", "acme", ""), noon); as != counted {
		t.Errorf("another address is %v", as)
	}
	if as, _ := newAddressLimits(0).admit(wrong, noon); as == refused {
		t.Error("no limit is one")
	}
}

// TestValidTokensPassAFloodedAddress: what was valid at an address passes whatever else comes from there, until it is not valid any more.
func TestValidTokensPassAFloodedAddress(t *testing.T) {
	l := newAddressLimits(10)
	valid, flood := try("2001:db8::1", "acme", "valid"), try("2001:db8::ffff", "acme", "wrong")
	as, _ := l.admit(valid, noon)
	l.accept(valid, as, noon)
	last := counted
	for range 1000 {
		last, _ = l.admit(flood, noon)
	}
	if last != refused {
		t.Errorf("the last of 1,000 wrong tokens from the same network is %v; want refused", last)
	}
	if as, _ := l.admit(valid, noon.Add(vouchLife/2)); as != known {
		t.Errorf("the valid token is %v; want known", as)
	}
	l.reject(valid, known, noon)
	if as, _ := l.admit(valid, noon); as == known {
		t.Error("a revoked token is still known")
	}
	if as, _ := l.admit(try("2001:db8:0:1::1", "acme", "valid"), noon); as != counted {
		t.Errorf("at another network the token is %v; want counted", as)
	}
}

// TestNewTokensPassAFloodedAddress: a token that is used for the first time passes although other organizations' wrong tokens flood its address.
func TestNewTokensPassAFloodedAddress(t *testing.T) {
	l := newAddressLimits(10)
	for i := range 10_000 {
		l.admit(try("192.0.2.1", "noisy", fmt.Sprint("wrong", i)), noon)
	}
	if as, _ := l.admit(try("192.0.2.1", "quiet", "new"), noon); as != reserved && as != counted {
		t.Errorf("the new token is %v; want that it is looked up", as)
	}
}

// TestLimitersAreBounded: neither many addresses nor many tokens make the limits grow.
func TestLimitersAreBounded(t *testing.T) {
	addresses, tokens, used := newAddressLimits(10), newTokenLimits(100), newLastUsed()
	for i := range 200_000 {
		var raw [16]byte
		binary.BigEndian.PutUint64(raw[:], uint64(i))
		a := attempt{from: netip.AddrFrom16(raw), slug: fmt.Sprint(i)}
		a.credential[0] = 1
		as, _ := addresses.admit(a, noon)
		addresses.accept(a, as, noon)
		now := noon.Add(time.Duration(i) * time.Second)
		tokens.wait(fmt.Sprint(i), now)
		used.due(fmt.Sprint(i), now)
	}
	if n := len(addresses.vouched); n > maxVouched {
		t.Errorf("%d credentials are remembered; want at most %d", n, maxVouched)
	}
	if most := 2 * int(bucketLife/time.Second); len(tokens.buckets) > most || len(used.seen) > most {
		t.Errorf("%d buckets and %d uses are kept of tokens that are not used; want at most %d", len(tokens.buckets), len(used.seen), most)
	}
}

func TestClientAddress(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.0/8", "2001:db8::7"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:99", "", "192.0.2.1"},
		{"192.0.2.1:99", "198.51.100.1", "192.0.2.1"}, // anybody can write a header
		{"10.1.1.1:99", "198.51.100.1", "198.51.100.1"},
		{"10.1.1.1:99", "203.0.113.5, 198.51.100.1", "198.51.100.1"}, // the left one is the client's word
		{"10.1.1.1:99", "198.51.100.1, 10.2.2.2", "198.51.100.1"},
		{"10.1.1.1:99", "198.51.100.1:4711", "198.51.100.1"},
		{"[2001:db8::7]:99", "2001:db8:1:2:3::4", "2001:db8:1:2::"},
		{"10.1.1.1:99", "rubbish", "10.1.1.1"},
		{"10.1.1.1:99", "", "10.1.1.1"},
		{"[::ffff:192.0.2.1]:99", "", "192.0.2.1"},
		{"[2001:db8:1:2:3:4:5:6]:99", "", "2001:db8:1:2::"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := subscriber(trusted.client(r)).String(); got != c.want {
			t.Errorf("from %s with %q: got %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	if _, err := parseProxies([]string{"everybody"}); err == nil {
		t.Error("a proxy that is no address was taken")
	}
}

// FuzzClientAddress: whatever a proxy or a client writes, there is an address, and one that is not trusted never comes from a header that nobody trusted.
func FuzzClientAddress(f *testing.F) {
	for _, seed := range []string{"", "198.51.100.1", "rubbish, 10.1.1.1", ",,,", "[2001:db8::1]:80", "fe80::1%eth0", "::ffff:10.0.0.1", "1.2.3.4:99999"} {
		f.Add("10.0.0.1:1", seed)
		f.Add("192.0.2.1:1", seed)
		f.Add(seed, seed)
	}
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer
		r.Header["X-Forwarded-For"] = []string{forwarded}
		got := trusted.client(r)
		if got.Zone() != "" || got.Is4In6() {
			t.Errorf("from %q with %q: %s has more than one spelling", peer, forwarded, got)
		}
		if p, err := netip.ParseAddrPort(peer); err == nil && !trusted.trusts(p.Addr().Unmap()) && got != p.Addr().Unmap().WithZone("") {
			t.Errorf("from %q with %q: got %s; nobody trusts that peer", peer, forwarded, got)
		}
	})
}

// FuzzBearer: what is taken out of a header is never empty, and neither begins nor ends with a space.
func FuzzBearer(f *testing.F) {
	for _, seed := range []string{"Bearer x", "bearer  x ", "Bearer", "Bearer ", "Basic x", "", "Bearer\tx"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		token, ok := bearer(header)
		if ok && (token == "" || strings.TrimSpace(token) != token || !strings.EqualFold(strings.TrimSpace(header)[:len("Bearer")], "Bearer")) {
			t.Errorf("%q gives %q", header, token)
		}
	})
}

// TestMadeUpOrganizationsDoNotOpenTheLimit: a wrong token for another organization each time must not be looked up without end.
func TestMadeUpOrganizationsDoNotOpenTheLimit(t *testing.T) {
	l := newAddressLimits(20)
	l.exists = func(slug string) bool { return slug == "acme" }
	admitted := 0
	const sent = 5000
	for i := range sent {
		a := attempt{from: netip.MustParseAddr("192.0.2.9"), slug: fmt.Sprint("made-up-", i), credential: [32]byte{byte(i), byte(i >> 8), 1}}
		as, _ := l.admit(a, noon)
		if as != refused {
			admitted++
			l.reject(a, as, noon)
		}
	}
	const most = 100 // the address's own
	if admitted > most {
		t.Errorf("%d of %d requests with made-up organizations were looked up at one moment; want at most %d", admitted, sent, most)
	}
	a := attempt{from: netip.MustParseAddr("192.0.2.9"), slug: "acme", credential: [32]byte{9, 9, 9}}
	if as, _ := l.admit(a, noon); as != reserved {
		t.Errorf("a new token of a real organization is %v at the flooded address; want that it is looked up", as)
	}
}
