package scimserver_test

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

const (
	urnDevice = "urn:example:schemas:2.0:Device"
	urnAsset  = "urn:example:schemas:extension:asset:2.0:Device"
)

// A type with every kind of attribute, to show that nothing knows users better than a schema does.
const deviceSchema = `{"id":"urn:example:schemas:2.0:Device","name":"Device","description":"A device.","attributes":[
 {"name":"serial","type":"string","description":"Serial number.","required":true,"caseExact":true,"uniqueness":"server","mutability":"immutable","returned":"always"},
 {"name":"label","type":"string","description":"Label.","uniqueness":"server"},
 {"name":"ports","type":"integer","description":"Number of ports."},
 {"name":"weight","type":"decimal","description":"Kilograms."},
 {"name":"on","type":"boolean","description":"Switched on."},
 {"name":"bought","type":"dateTime","description":"Date of purchase."},
 {"name":"key","type":"binary","description":"Public key.","caseExact":true},
 {"name":"manual","type":"reference","description":"Manual.","referenceTypes":["external"]},
 {"name":"pin","type":"string","description":"Secret.","mutability":"writeOnly","returned":"never"},
 {"name":"note","type":"string","description":"Note.","returned":"request"},
 {"name":"firmware","type":"string","description":"Set by the service.","mutability":"readOnly"},
 {"name":"slots","type":"complex","multiValued":true,"description":"Slots.","subAttributes":[
  {"name":"value","type":"string","description":"Card."},{"name":"type","type":"string","description":"Kind."},{"name":"primary","type":"boolean","description":"First."}]},
 {"name":"tags","type":"string","multiValued":true,"description":"Tags."}]}`

const assetSchema = `{"id":"urn:example:schemas:extension:asset:2.0:Device","name":"Asset","description":"Accounting.","attributes":[
 {"name":"number","type":"string","description":"Inventory number.","required":true,"uniqueness":"server"},
 {"name":"cost","type":"decimal","description":"Cost."}]}`

func deviceService(t *testing.T) *scimserver.Handler {
	t.Helper()
	var schemas [2]*scim.Schema
	for i, doc := range []string{deviceSchema, assetSchema} {
		s, err := scim.ParseSchema([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		schemas[i] = s
	}
	types := append(scim.Core().Types(), &scim.ResourceType{
		Name: "Device", Endpoint: "/Devices", Description: "Devices.", Schema: schemas[0],
		Extensions: []scim.Extension{{Schema: schemas[1], Required: true}},
	})
	registry, err := scim.NewRegistry(types...)
	if err != nil {
		t.Fatal(err)
	}
	return scimserver.New(scimserver.Config{Registry: registry, Backend: new(scimtest.Memory)})
}

const device = `{"serial":"S-1","label":"Router","ports":8,"weight":1.5,"on":"TRUE","bought":"2024-02-29T12:00:00+02:00","key":"AQID","manual":"https://m.example/1",
 "pin":"1234","note":"noted","firmware":"mine","slots":[{"value":"wifi","type":"a","primary":true}],"tags":["x","y"],
 "urn:example:schemas:extension:asset:2.0:Device":{"number":"INV-1","cost":99.5}}`

func decode(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return body
}

func TestCustomTypeCreate(t *testing.T) {
	h := deviceService(t)
	w := ask(h, "POST", "/Devices", device)
	if w.Code != 201 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	got := decode(t, w)
	for name, want := range map[string]any{
		"serial": "S-1", "label": "Router", "ports": 8.0, "weight": 1.5, "on": true, "key": "AQID", "manual": "https://m.example/1",
		"tags": []any{"x", "y"}, "slots": []any{map[string]any{"value": "wifi", "type": "a", "primary": true}},
		urnAsset: map[string]any{"number": "INV-1", "cost": 99.5}, "schemas": []any{urnDevice, urnAsset},
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	for _, name := range []string{"pin", "firmware"} {
		if v, ok := got[name]; ok {
			t.Errorf("%s is shown: %v", name, v)
		}
	}
	id, _ := got["id"].(string)
	if v := decode(t, ask(h, "GET", "/Devices/"+id, ""))["note"]; v != nil {
		t.Errorf("note is shown unasked: %v", v)
	}
	if v := decode(t, ask(h, "GET", "/Devices/"+id+"?attributes=note", "")); v["note"] != "noted" || v["serial"] != "S-1" || v["label"] != nil {
		t.Errorf("asked for note: %v; want note and serial, which is always returned", v)
	}
}

func TestCustomTypeRules(t *testing.T) {
	h := deviceService(t)
	id, _ := decode(t, ask(h, "POST", "/Devices", device))["id"].(string)
	path := "/Devices/" + id
	patch := func(op string) string { return `{"Operations":[` + op + `]}` }
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		scimType                 string
	}{
		{"required extension missing", "POST", "/Devices", `{"serial":"S-2"}`, 400, scim.InvalidValue},
		{"required of the extension missing", "POST", "/Devices", `{"serial":"S-2","` + urnAsset + `":{"cost":1}}`, 400, scim.InvalidValue},
		{"serial taken", "POST", "/Devices", `{"serial":"S-1","` + urnAsset + `":{"number":"INV-2"}}`, 409, scim.Uniqueness},
		{"serial in other case is another", "POST", "/Devices", `{"serial":"s-1","` + urnAsset + `":{"number":"INV-3"}}`, 201, ""},
		{"label in other case is taken", "POST", "/Devices", `{"serial":"S-4","label":"ROUTER","` + urnAsset + `":{"number":"INV-4"}}`, 409, scim.Uniqueness},
		{"extension value taken", "POST", "/Devices", `{"serial":"S-5","` + urnAsset + `":{"number":"inv-1"}}`, 409, scim.Uniqueness},
		{"fraction for an integer", "PATCH", path, patch(`{"op":"replace","path":"ports","value":1.5}`), 400, scim.InvalidValue},
		{"no date", "PATCH", path, patch(`{"op":"replace","path":"bought","value":"yesterday"}`), 400, scim.InvalidValue},
		{"no base64", "PATCH", path, patch(`{"op":"replace","path":"key","value":"%%"}`), 400, scim.InvalidValue},
		{"immutable changed", "PATCH", path, patch(`{"op":"replace","path":"serial","value":"S-9"}`), 400, scim.Mutability},
		{"immutable kept", "PATCH", path, patch(`{"op":"replace","path":"serial","value":"S-1"}`), 200, ""},
		{"read-only", "PATCH", path, patch(`{"op":"replace","path":"firmware","value":"x"}`), 400, scim.Mutability},
		{"extension removed", "PATCH", path, patch(`{"op":"remove","path":"` + urnAsset + `"}`), 400, scim.Mutability},
		{"immutable changed by PUT", "PUT", path, `{"serial":"S-9","` + urnAsset + `":{"number":"INV-1"}}`, 400, scim.Mutability},
		{"filter on what is never returned", "GET", "/Devices?filter=pin+eq+%221234%22", "", 400, scim.InvalidFilter},
		{"order on binary", "GET", "/Devices?filter=key+gt+%22AQID%22", "", 400, scim.InvalidFilter},
		{"at the root, an attribute of one type only", "GET", "/?filter=ports+ge+8", "", 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := ask(h, test.method, test.path, test.body)
			if got, _ := decode(t, w)["scimType"].(string); w.Code != test.status || got != test.scimType {
				t.Errorf("status %d %s, want %d %s\n%s", w.Code, got, test.status, test.scimType, w.Body)
			}
		})
	}
}

func TestCustomTypeFilter(t *testing.T) {
	h := deviceService(t)
	if w := ask(h, "POST", "/Devices", device); w.Code != 201 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	for filter, want := range map[string]float64{
		`serial+eq+%22S-1%22`: 1, `serial+eq+%22s-1%22`: 0, `label+eq+%22ROUTER%22`: 1, `ports+gt+7`: 1, `ports+lt+8`: 0, `weight+eq+1.50`: 1,
		`bought+eq+%222024-02-29T10:00:00Z%22`: 1, `key+eq+%22AQID%22`: 1, `tags+eq+%22Y%22`: 1, `slots[type+eq+%22a%22+and+primary+eq+true]`: 1,
		urnAsset + `:cost+ge+99.5`: 1, urnAsset + `:number+sw+%22inv%22`: 1, `schemas+eq+%22` + urnAsset + `%22`: 1,
	} {
		w := ask(h, "GET", "/Devices?filter="+filter, "")
		if w.Code != 200 || decode(t, w)["totalResults"] != want {
			t.Errorf("%s: status %d, %s; want %v", filter, w.Code, w.Body, want)
		}
	}
	if got := decode(t, ask(h, "GET", "/ResourceTypes/device", ""))["endpoint"]; got != "/Devices" {
		t.Errorf("the endpoint of the type is %v", got)
	}
}
