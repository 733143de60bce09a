package graphschema_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// The database keeps the set as JSON, in which the imported document has lost its spaces and got escapes.
func TestStoredSetExports(t *testing.T) {
	set, _, err := graphschema.Import(read(t, "complex.json"), checks())
	if err != nil {
		t.Fatal(err)
	}
	want, err := graphschema.Export(set, graphschema.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var again mapping.Set
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatal(err)
	}
	got, err := graphschema.Export(again, graphschema.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What a template exports imports as the template, and exports again to the same bytes.
func TestTemplatesRoundTrip(t *testing.T) {
	for _, template := range gallery.Templates() {
		t.Run(template.ID, func(t *testing.T) {
			first, err := graphschema.Export(template.Mapping, graphschema.Meta{ID: template.ID})
			if err != nil {
				t.Fatal(err)
			}
			set, remarks, err := graphschema.Import(first, graphschema.Checks{})
			if err != nil || len(remarks) > 0 {
				t.Fatalf("%v, %+v\n%s", err, remarks, first)
			}
			again, err := graphschema.Export(set, graphschema.Meta{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(first), string(again)); diff != "" {
				t.Errorf("exported again: -want +got\n%s", diff)
			}
			set.Imported = nil
			if diff := cmp.Diff(template.Mapping, set); diff != "" {
				t.Errorf("imported: -want +got\n%s", diff)
			}
		})
	}
}
