package scim

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func searchDocument(t *testing.T, r Resource) map[string]any {
	t.Helper()
	doc, err := DecodeJSON(user(t).AppendSearchDocument(nil, r))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

func TestSearchDocument(t *testing.T) {
	got := searchDocument(t, decodeTest(t, filteredUser))
	want := map[string]any(decodeTest(t, `{"id":"u1","externalId":"Ext-1","userName":"bjensen","displayName":"éva","active":true,"title":"buyer",
		"schemas":["`+URNUser+`","`+URNEnterpriseUser+`"],"meta":{"resourceType":"User","version":"W/\"3\""},
		"name":{"familyName":"jensen"},"emails":[{"type":"work","value":"bj@work.example","primary":true},{"type":"home","value":"bj@home.example"}],
		"x509Certificates":[{"value":"AAEC"}],"addresses":[{"locality":"oslo"}],"groups":[{"value":"g1"}],"profileUrl":"https://x.example/BJ",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701","manager":{"value":"m1"}}}`))
	meta := want["meta"].(map[string]any)
	meta["created"] = time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC).UnixMicro()
	meta["lastModified"] = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).UnixMicro()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSearchDocumentLeavesOutWhatNoFilterFinds(t *testing.T) {
	r := Resource{"userName": "", "active": "x", "emails": []any{map[string]any{}}, "colour": "red", "password": "p", "name": map[string]any{"givenName": ""}}
	if diff := cmp.Diff(map[string]any{"schemas": []any{URNUser}}, searchDocument(t, r)); diff != "" {
		t.Error(diff)
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	for _, s := range []string{"2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05.600", "2026-01-02T04:04:05.6+01:00"} {
		if got, err := ParseTime(s); err != nil || !got.Equal(want) || FormatTime(got) != "2026-01-02T03:04:05.600Z" {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2026-01-02", "03:04:05", "2026-13-02T03:04:05Z"} {
		if _, err := ParseTime(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}
