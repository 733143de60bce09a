package bench

import (
	"encoding/json"
	"fmt"
)

// mix is splitmix64: the same number for the same input on every run and machine.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

var (
	given = [...]string{
		"Anna", "Bjørn", "Chloé", "Dmitri", "Elif", "Fatima", "Goran", "Hana", "Íñigo", "Jürgen", "Kateřina", "Łukasz", "Mei", "Nuno", "Olga", "Pär",
	}
	family  = [...]string{"Andersen", "O'Brien", "Çelik", "Dvořák", "Eriksson", "Fernández", "García-López", "Hansen", "Ivanova", "Müller", "Nguyễn", "Østergaard"}
	titles  = [...]string{"Engineer", "Account Manager", "Analyst", "Nurse", "Teacher", "Head of Department", "Technician", "Controller"}
	parts   = [...]string{"Sales", "Finance", "Research", "Operations", "People", "Legal", "Support", "Production"}
	cities  = [...]string{"Oslo", "København", "Łódź", "Sevilla", "Zürich", "Brno", "Izmir", "Porto"}
	country = [...]string{"NO", "DK", "PL", "ES", "CH", "CZ", "TR", "PT"}
)

func pick[T any](list []T, n uint64) T { return list[n%uint64(len(list))] }

// userName of person i: with upper-case letters, as Entra sends them.
func userName(i int) string {
	h := mix(uint64(i))
	return fmt.Sprintf("%s.P%07d@Bench.example", []string{"Anna", "Bjorn", "Chloe", "Dmitri"}[h%4], i)
}

func externalID(i int) string { return fmt.Sprintf("%016x-%07d", mix(uint64(i)+1<<40), i) }

// person is the body of the request that creates person i: the attributes of Entra's default mapping, about 1.1 KB.
func person(i int) []byte {
	h := mix(uint64(i))
	g, f := pick(given[:], h), pick(family[:], h>>8)
	body, err := json.Marshal(map[string]any{
		"schemas": []string{
			"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
		},
		"userName": userName(i), "externalId": externalID(i), "active": true,
		"displayName": g + " " + f, "title": pick(titles[:], h>>16), "preferredLanguage": "en-US", "userType": "Member",
		"name":   map[string]any{"formatted": g + " " + f, "givenName": g, "familyName": f},
		"emails": []any{map[string]any{"type": "work", "value": userName(i), "primary": true}},
		"addresses": []any{map[string]any{
			"type": "work", "locality": pick(cities[:], h>>24), "country": pick(country[:], h>>24),
			"streetAddress": fmt.Sprintf("Storgata %d", h%200), "postalCode": fmt.Sprintf("%04d", h%10000), "region": "North",
		}},
		"phoneNumbers": []any{
			map[string]any{"type": "work", "value": fmt.Sprintf("+47 22 %06d", h%1000000)},
			map[string]any{"type": "mobile", "value": fmt.Sprintf("+47 9%07d", h>>4%10000000)},
		},
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": map[string]any{
			"employeeNumber": fmt.Sprintf("%07d", i), "department": pick(parts[:], h>>32), "costCenter": fmt.Sprintf("CC%03d", h%300),
			"organization": "Bench", "division": "North",
		},
		"meta": map[string]any{"resourceType": "User"},
	})
	if err != nil {
		panic(err) // strings and bools always marshal
	}
	return body
}
