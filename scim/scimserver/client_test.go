package scimserver_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// TestClientReadsPages: this project's client lists everybody, by index and by cursor, and finds the capability.
func TestClientReadsPages(t *testing.T) {
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: new(scimtest.Memory)})
	for i := range 25 {
		if w := ask(h, "POST", "/Users", fmt.Sprintf(`{"userName":"u%02d"}`, i)); w.Code != 201 {
			t.Fatal(w.Body)
		}
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	base, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, byCursor := range []bool{false, true} {
		c, err := scimclient.New(scimclient.Config{BaseURL: base})
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Discover(t.Context())
		if err != nil || d.Config.CursorPaging != scimclient.Yes || d.Config.IndexPaging != scimclient.Yes || d.Config.MaxPageSize != scimserver.DefaultMaxPage {
			t.Errorf("discovered %+v, %v", d.Config, err)
		}
		if d.Config.Bulk != scimclient.Yes || d.Config.MaxOperations != scimserver.DefaultMaxBulkOperations || d.Config.MaxPayload != scimserver.DefaultMaxBody {
			t.Errorf("discovered bulk limits %+v", d.Config)
		}
		before, n := c.Requests(), 0
		for r, err := range c.List(t.Context(), "User", scimclient.Query{PageSize: 10, Cursor: byCursor}) {
			if err != nil || r["userName"] != fmt.Sprintf("u%02d", n) {
				t.Fatalf("by cursor %v: person %d is %v, %v", byCursor, n, r["userName"], err)
			}
			n++
		}
		if pages := c.Requests() - before; n != 25 || pages != 3 {
			t.Errorf("by cursor %v: %d people on %d pages, want 25 on 3", byCursor, n, pages)
		}
	}
}
