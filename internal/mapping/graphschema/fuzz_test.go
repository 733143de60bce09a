package graphschema_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// Whatever is imported can be exported; that imports as the same mapping, and exports as the same bytes. Whatever is not imported is refused as invalid.
func FuzzImport(f *testing.F) {
	// Only small seeds: the engine spends its time on making big ones smaller.
	f.Add(read(f, "small.json"))
	f.Add([]byte(dense))
	broken, err := filepath.Glob("testdata/broken/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range broken {
		f.Add(read(f, "broken/"+filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, _, err := graphschema.Import(data, checks())
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%v is not fault.ErrInvalid", err)
			}
			return
		}
		roundTrip(t, set)
	})
}

// dense has at least one of everything that is treated in a way of its own.
const dense = `{"Version":"v9","x":1.50,"synchronizationRules":[{"priority":2,"containerFilter":{"a":["b"]},"targetDirectoryName":"App",
"metadata":[{"key":"Rollcall:User:whenEmpty:title","value":"clear"},{"key":"Rollcall:User:leftOut:x y","value":"?"}],
"objectMappings":[{"sourceObjectName":"Device"},{"name":"U","sourceObjectName":"user","targetObjectName":"urn:a:User","flowTypes":"add,DELETE","metadata":[{"key":"Disposition","value":"Escrow"}],
"scope":{"groups":[{"name":"a","clauses":[{"operatorName":"IS NULL","sourceOperandName":"city"}],"k":1}],"inputFilterGroups":null,"categoryFilterGroups":[{}]},
"attributeMappings":[
{"targetAttributeName":"userName","source":{"type":"function","name":"ToLower","parameters":[{"key":"source","value":{"type":"Attribute","name":"mail"}}]},"matchingPriority":2},
{"targetAttributeName":"title","source":{"expression":"[jobTitle]"},"matchingPriority":2,"flowBehavior":"flowalways","k":{}},
{"targetAttributeName":"x y","source":{"expression":"Nope(1)","type":"Function","name":"Nope","parameters":[]}},
{"targetAttributeName":"roles","source":null,"defaultValue":"r","flowType":"ObjectAddOnly"},
{"targetAttributeName":"boss","source":{"type":"Attribute","name":"manager","expression":"manager"}}]},
{"sourceObjectName":"Group","targetObjectName":"urn:a:Group","enabled":false,"attributeMappings":[{"targetAttributeName":"displayName","source":{"expression":"[displayName]"},"matchingPriority":1}]}]},
{"sourceDirectoryName":"App","objectMappings":[]}],
"directories":[{"name":"App","objects":[{"name":"urn:a:User","attributes":[{"name":"id","anchor":true},{"name":"USERNAME"},{"name":"title","metadata":[{"key":"IsCustomerDefined","value":"true"}]},
{"name":"x y"},{"name":"roles","multivalued":true},{"name":"boss","type":"reference","referencedObjects":[{"referencedObjectName":"urn:a:User"}]}]},
{"name":"urn:a:Group","attributes":[{"name":"gid","anchor":true},{"name":"displayName"}]}]}]}`

// The schemas, and the densest one, import and export without loss.
func TestRoundTrip(t *testing.T) {
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			set, _, err := graphschema.Import(read(t, name+".json"), checks())
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, set)
		})
	}
	t.Run("dense", func(t *testing.T) {
		set, remarks, err := graphschema.Import([]byte(dense), checks())
		if err != nil || len(set.Objects) != 2 || len(set.For("User").Attributes) != 4 || len(remarks) == 0 {
			t.Fatalf("%v, %+v, %+v", err, set.Objects, remarks)
		}
		roundTrip(t, set)
	})
}

// roundTrip exports a set, imports it, exports it, and holds the mappings and the documents equal.
func roundTrip(t *testing.T, set mapping.Set) mapping.Set {
	t.Helper()
	first, err := graphschema.Export(set, graphschema.Meta{ID: "a"})
	if err != nil {
		t.Fatalf("export: %v\n%s", err, set.Imported)
	}
	again, _, err := graphschema.Import(first, checks())
	if err != nil {
		t.Fatalf("import of the export: %v\n%s", err, first)
	}
	if diff := cmp.Diff(set.Objects, again.Objects); diff != "" {
		t.Fatalf("-before +after\n%s\n%s", diff, first)
	}
	second, err := graphschema.Export(again, graphschema.Meta{ID: "b"})
	if err != nil {
		t.Fatalf("second export: %v", err)
	}
	if diff := cmp.Diff(string(first), string(second)); diff != "" {
		t.Fatalf("documents: -first +second\n%s", diff)
	}
	return again
}
