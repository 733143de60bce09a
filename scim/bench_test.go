package scim

import "testing"

const storedUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
	`"id":"0197f0a2-8d2a-7f8e-bf98-7363c4aed4ef","externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",` +
	`"meta":{"created":"2026-01-02T03:04:05.678Z","lastModified":"2026-01-02T03:04:05.678Z","resourceType":"User","version":"W/\"3\""},` +
	`"active":true,"addresses":[{"country":"DE","locality":"Köln","postalCode":"50667","type":"work"}],"displayName":"Jürgen Müller",` +
	`"emails":[{"primary":true,"type":"work","value":"juergen.mueller@contoso.example"}],"name":{"familyName":"Müller","givenName":"Jürgen"},` +
	`"phoneNumbers":[{"type":"work","value":"+49 221 5550100"},{"type":"mobile","value":"+49 170 5550100"}],"title":"Engineer",` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","employeeNumber":"1001",` +
	`"manager":{"value":"0197f0a2-8d2a-7f8e-bf98-7363c4aed400"}},"userName":"juergen.mueller@contoso.example"}`

func BenchmarkDecodeJSON(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeJSON([]byte(storedUser)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeStored(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeStored([]byte(storedUser)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	r, err := DecodeStored([]byte(storedUser))
	if err != nil {
		b.Fatal(err)
	}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendJSON(dst[:0], r)
	}
	if string(dst) != storedUser {
		b.Fatalf("got %s", dst)
	}
}

func BenchmarkDecodeResource(b *testing.B) {
	rt := user(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rt.DecodeResource([]byte(storedUser), DecodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatch(b *testing.B) {
	rt, stored := user(b), decodeTest(b, storedUser)
	body := []byte(`{"schemas":["` + URNPatchOp + `"],"Operations":[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x@contoso.example"},
		{"op":"Replace","path":"active","value":"False"}]}`)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := rt.DecodePatch(body, DecodeOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("apply", func(b *testing.B) {
		p, err := rt.DecodePatch(body, DecodeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, changed, err := p.Apply(rt, stored); err != nil || len(changed) != 2 {
				b.Fatal(changed, err)
			}
		}
	})
}

func BenchmarkProject(b *testing.B) {
	rt, stored := user(b), decodeTest(b, storedUser)
	for name, attributes := range map[string]string{"all": "", "some": "userName,emails.value"} {
		b.Run(name, func(b *testing.B) {
			p, err := ParseProjection([]string{attributes}, nil)
			if err != nil {
				b.Fatal(err)
			}
			j := rt.Projector(p)
			b.ReportAllocs()
			for b.Loop() {
				j.Apply(stored)
			}
		})
	}
}

func BenchmarkSearchDocument(b *testing.B) {
	rt, stored := user(b), decodeTest(b, storedUser)
	b.ReportAllocs()
	for b.Loop() {
		rt.AppendSearchDocument(nil, stored)
	}
}
