package scim

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	someSchema = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"id":"urn:example:Lamp","name":"Lamp","attributes":[
	 {"name":"serial","uniqueness":"server"},{"name":"bulb","type":"complex","multiValued":true,"subAttributes":[{"name":"value"}]}],"meta":{"location":"x"}}`
	someType = `{"name":"Lamp","endpoint":"/Lamps","schema":"urn:example:Lamp","schemaExtensions":[{"schema":"urn:example:Cost","required":true}]}`
)

func TestParseDefinitions(t *testing.T) {
	for _, doc := range []string{
		"[" + someSchema + "," + someType + "]",
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":[` + someType + "," + someSchema + "]}",
	} {
		d, err := ParseDefinitions([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Schemas) != 1 || len(d.Types) != 1 || d.Schemas[0].Attribute("SERIAL").Mutability != ReadWrite || !d.Types[0].Extensions[0].Required {
			t.Errorf("got %v", d)
		}
		again, err := ParseDefinitions(d.AppendJSON(nil))
		if err != nil || cmp.Diff(string(d.AppendJSON(nil)), string(again.AppendJSON(nil))) != "" {
			t.Errorf("what it writes is not what it reads: %v (%v)", again, err)
		}
	}
}

func TestParseDefinitionsRefuses(t *testing.T) {
	for doc, says := range map[string]string{
		``:                          "not JSON",
		`[`:                         "not JSON",
		`{} {}`:                     "more than one",
		`7`:                         "not a JSON object",
		`[]`:                        "0 definitions",
		`[7]`:                       "cannot be read",
		`{"schemas":["urn:other"]}`: `["urn:other"]`,
		`{"Resources":[{"schemas":["` + URNSchema + `"],"id":"urn:a:b","nam":"x"}]}`:                                                                              `"nam"`,
		`[` + someType + `,{"name":"X","endpoint":"/X"}]`:                                                                                                         "definition 2 of 2: the resource type \"X\" has no schema",
		`{"id":"urn:a:b","name":"x","attributes":[null]}`:                                                                                                         "attribute 1 of the schema urn:a:b is null",
		`{"id":"urn:a:b","name":"x","attributes":[{"name":"a","mutable":true}]}`:                                                                                  `"mutable" within "/attributes/0"`,
		`{"id":"urn:a:b","name":"x","attributes":[{"name":"a","type":"text"}]}`:                                                                                   "unknown type text",
		`{"id":"urn:a:b","name":"x","attributes":[{"name":"a"},{"name":"A"}]}`:                                                                                    "twice",
		`{"id":"nonsense","name":"x","attributes":[{"name":"a"}]}`:                                                                                                "not a schema id",
		`{"id":"urn:a:b","name":"x","attributes":` + strings.Repeat(`[`, 20) + strings.Repeat(`]`, 20) + `}`:                                                      "nested deeper",
		strings.Repeat(" ", MaxDefinitions) + `{}`:                                                                                                                "larger than",
		`{"id":"urn:a:b","name":"x","attributes":[{"name":"a","mutability":"writeOnly","returned":"always"}]}`:                                                    "returned = never",
		`{"id":"urn:a:b","name":"x","attributes":[{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex","subAttributes":[{"name":"c"}]}]}]}`: `"b" in "a"`,
	} {
		_, err := ParseDefinitions([]byte(doc))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Detail, says) {
			t.Errorf("%.100s: %v; want it to say %q", doc, err, says)
		}
	}
}

// FuzzParseDefinitions: no document does harm, and what is accepted makes schemas that can be published and read again.
func FuzzParseDefinitions(f *testing.F) {
	for _, seed := range []string{someSchema, someType, "[" + someSchema + "," + someType + "]", `{"Resources":[null]}`, `[{"attributes":null}]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, err := ParseDefinitions(doc)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v has no meaning", err)
			}
			return
		}
		written := d.AppendJSON(nil)
		if len(d.Schemas)+len(d.Types) == 0 {
			return
		}
		again, err := ParseDefinitions(written)
		if err != nil || string(again.AppendJSON(nil)) != string(written) {
			t.Fatalf("%s cannot be read again: %v", written, err)
		}
	})
}
