package graphschema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

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
