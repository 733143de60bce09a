package directory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

const costCode = "extension_2f0c6b1e7a5d4c3b9e8f7a6b5c4d3e2f_costCode"

func (f *fixture) declare(x directory.Extension) error {
	return f.Write(context.Background(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error { return w.AddExtension(ctx, x) })
}

func (f *fixture) undeclare(name string, consent bool) (n int, err error) {
	err = f.Write(context.Background(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
		n, err = w.RemoveExtension(ctx, name, consent)
		return err
	})
	return n, err
}

func (f *fixture) attributes(typ string) *directory.Attributes {
	f.t.Helper()
	types, err := f.Store.Registry(context.Background(), org)
	if err != nil {
		f.t.Fatal(err)
	}
	return directory.AttributesOf(types, typ)
}

// TestDirectoryExtension is the life of one: declared, set, read, listed, and removed with its values.
func TestDirectoryExtension(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		codes := directory.Extension{Name: strings.Replace(costCode, "costCode", "codes", 1), Target: directory.User, Type: scim.TypeInteger, MultiValued: true}
		for _, x := range []directory.Extension{{Name: costCode, Target: directory.User, Type: scim.TypeString}, codes,
			{Name: costCode, Target: directory.Group, Type: scim.TypeBoolean}} {
			if err := f.declare(x); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.declare(directory.Extension{Name: strings.ToUpper(costCode[:10]) + costCode[10:], Target: directory.User, Type: scim.TypeString}); err == nil {
			t.Error("a name in other letter case was declared")
		}
		err := f.declare(directory.Extension{Name: costCode, Target: directory.User, Type: scim.TypeInteger})
		if !errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), "declared already") {
			t.Errorf("declared twice: %v", err)
		}
		a := f.attributes(directory.User)
		r := scim.Resource{"userName": "anna"}
		for name, text := range map[string]string{costCode: "C7", strings.ToUpper(codes.Name): "7"} {
			if err := a.Set(r, name, text); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Set(r, codes.Name, "seven"); err == nil {
			t.Error("a text was taken for a whole number")
		}
		anna := f.make(directory.User, r)
		f.make(directory.User, scim.Resource{"userName": "ben"})
		for _, name := range []string{costCode, strings.ToLower(costCode), directory.URNOwnUser + ":" + costCode} {
			if got, known := a.Read(anna, name); got != "C7" || !known {
				t.Errorf("%s is %v, %v", name, got, known)
			}
		}
		if near := a.Nearest(strings.Replace(costCode, "Code", "Kode", 1)); near != costCode {
			t.Errorf("nearest is %q", near)
		}
		if n, err := f.undeclare(costCode, false); !errors.Is(err, fault.ErrConflict) || n != 1 {
			t.Errorf("removed without consent: %d, %v", n, err)
		}
		if n, err := f.undeclare(strings.ToUpper(costCode), true); err != nil || n != 1 {
			t.Errorf("removed: %d, %v", n, err)
		}
		if _, known := f.attributes(directory.User).Read(anna, costCode); known {
			t.Error("it is still known")
		}
		left := f.object(directory.User, anna.ID)
		if got, _ := f.attributes(directory.User).Read(left, codes.Name); !slices.Equal(got.([]any), []any{int64(7)}) || left.Version != 2 {
			t.Errorf("anna is %+v", left)
		}
		// The last one of the users takes the schema along; the groups keep theirs.
		if n, err := f.undeclare(codes.Name, true); err != nil || n != 1 {
			t.Errorf("the last one: %d, %v", n, err)
		}
		d, err := s.Definitions(t.Context(), org)
		if err != nil || len(d.Schemas) != 1 || d.Schemas[0].ID != directory.URNOwnGroup || f.object(directory.User, anna.ID).Attributes[directory.URNOwnUser] != nil {
			t.Errorf("left are %v, %v, %v", d.Schemas, f.object(directory.User, anna.ID).Attributes, err)
		}
		if _, err := f.undeclare(codes.Name, true); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

// TestExtensionsOfSchemas: attributes of a schema that was registered as a whole have a name in Entra's form, too, and are listed.
func TestExtensionsOfSchemas(t *testing.T) {
	types := badge(t)
	list := directory.Extensions(types)
	var paths []string
	for _, x := range list {
		paths = append(paths, x.Path)
		if got, ok := directory.AttributesOf(types, directory.User).Find(x.Name); !ok || got.Path != x.Path || x.Declared {
			t.Errorf("%s leads to %+v; want %s", x.Name, got, x.Path)
		}
		if name, err := directory.ExtensionName("org", x.Name); err != nil || name != x.Name {
			t.Errorf("%s is not a name in Entra's form: %v", x.Name, err)
		}
	}
	if got := strings.Join(paths, " "); got != "urn:example:Badge:number urn:example:Badge:Color urn:example:Badge:desk urn:example:Badge:keys urn:example:Badge:link" {
		t.Errorf("the paths are %s", got)
	}
	if list := directory.Extensions(directory.Registry()); len(list) > 0 {
		t.Errorf("without a registered schema there are %v", list)
	}
}

func TestExtensionName(t *testing.T) {
	for _, test := range []struct{ org, name, want string }{
		{"01890a5d-ac96-774b-bcce-b302099a8057", "costCode", "extension_01890a5dac96774bbcceb302099a8057_costCode"},
		{"org-1", "costCode", "extension_b00c55c81d1c1e6f8b1c1d3f0c6a6a2b_costCode"},
		{"org-1", costCode, costCode},
	} {
		got, err := directory.ExtensionName(test.org, test.name)
		if err != nil || test.org == "org-1" && len(got) != len(test.want) || test.org != "org-1" && got != test.want {
			t.Errorf("%s of %s: got %s, %v; want %s", test.name, test.org, got, err, test.want)
		}
	}
	for _, name := range []string{"", "cost code", "7x", "extension_costCode", "extension_12_x", "kost€", strings.Repeat("x", 101), costCode + "-x"} {
		if got, err := directory.ExtensionName("org-1", name); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}
