package scim

import "testing"

func BenchmarkSplice(b *testing.B) {
	d := document(`{"externalId":"ext-0000001","active":true,"addresses":[{"country":"NO","locality":"Oslo","postalCode":"0123","streetAddress":"Storgata 1","type":"work"}],`+
		`"displayName":"Person 1","emails":[{"primary":true,"type":"work","value":"person@bench.example"}],"name":{"familyName":"Nº 1","givenName":"Person"},`+
		`"phoneNumbers":[{"type":"work","value":"+47 22 123456"},{"type":"mobile","value":"+47 91234567"}],"title":"Engineer",`+
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"CC1","department":"Sales","division":"North","employeeNumber":"0000001"},`+
		`"userName":"Person.P1@Bench.example"}`, nil)
	s := Core().Type("User").Splicer()
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		out, ok := s.Append(buf, d, "https://x.example/Users/id-1")
		if !ok || len(out) < 500 {
			b.Fatal("not spliced")
		}
	}
}
