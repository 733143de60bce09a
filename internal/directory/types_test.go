package directory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	deviceType = `{"name":"Device","endpoint":"/Devices","schema":"urn:example:Device"}`
	userType   = `{"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:example:Badge"}]}`
)

// deviceSchema and badgeSchema are schemas with these attributes.
func deviceSchema(attributes string) string {
	return `{"id":"urn:example:Device","name":"Device","attributes":[` + attributes + `]}`
}

func badgeSchema(attributes string) string {
	return `{"id":"urn:example:Badge","name":"Badge","attributes":[` + attributes + `]}`
}

func (f *fixture) register(parts ...string) (directory.Registered, error) {
	f.t.Helper()
	d, err := scim.ParseDefinitions([]byte("[" + strings.Join(parts, ",") + "]"))
	if err != nil {
		f.t.Fatal(err)
	}
	var done directory.Registered
	err = f.Write(context.Background(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) (err error) {
		done, err = w.Register(ctx, d)
		return err
	})
	return done, err
}

func (f *fixture) make(typ string, attributes scim.Resource) directory.Object {
	f.t.Helper()
	var o directory.Object
	err := f.Write(context.Background(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) (err error) {
		o, err = w.Create(ctx, typ, attributes, nil)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

func TestRegisterRefuses(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		schema := deviceSchema(`{"name":"a"}`)
		for _, c := range []struct {
			says  string
			parts []string
		}{
			{"no resource type has the schema urn:example:Device", []string{schema}},
			{"which the document does not define", []string{deviceType}},
			{"cannot be redefined", []string{`{"id":"urn:ietf:params:scim:schemas:core:2.0:User","name":"User","attributes":[{"name":"a"}]}`}},
			{"are reserved", []string{`{"id":"urn:ietf:params:scim:schemas:core:2.0:Device","name":"Device","attributes":[{"name":"a"}]}`}},
			{"are reserved", []string{`{"id":"urn:rollcall:params:scim:x","name":"X","attributes":[{"name":"a"}]}`}},
			{"can be extended, not replaced", []string{schema, `{"name":"User","endpoint":"/Users","schema":"urn:example:Device"}`}},
			{"cannot have the endpoint", []string{schema, `{"name":"Device","endpoint":"/users","schema":"urn:example:Device"}`}},
			{"cannot have the endpoint", []string{schema, `{"name":"Device","endpoint":"/Bulk","schema":"urn:example:Device"}`}},
			{"cannot have the endpoint", []string{schema, `{"name":"Device","endpoint":"/v2","schema":"urn:example:Device"}`}},
			{"cannot have the endpoint", []string{schema, `{"name":"Device","endpoint":"/a/b","schema":"urn:example:Device"}`}},
			{"cannot be called", []string{schema, `{"name":"Schema","endpoint":"/Devices","schema":"urn:example:Device"}`}},
			{"defines id", []string{deviceSchema(`{"name":"ID"}`), deviceType}},
			{"twice", []string{schema, schema, deviceType}},
			{"twice", []string{schema, deviceType, deviceType}},
			{"is not a URN", []string{`{"id":"urn:example:it's","name":"X","attributes":[{"name":"a"}]}`, userType}},
			{"at most 300", []string{deviceSchema(strings.Repeat(`{"name":"x","type":"complex","subAttributes":[{"name":"a"}]},`, 150) + `{"name":"b"}`), deviceType}},
		} {
			// Names must be distinct to get as far as the limit.
			for n := 0; strings.Contains(c.says, "300") && n < 150; n++ {
				c.parts[0] = strings.Replace(c.parts[0], `"name":"x"`, `"name":"y`+string(rune('a'+n/26))+string(rune('a'+n%26))+`"`, 1)
			}
			if _, err := f.register(c.parts...); !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%.150s: %v; want it to say %q", c.parts, err, c.says)
			}
		}
		if d, err := s.Definitions(t.Context(), org); err != nil || len(d.Schemas)+len(d.Types) > 0 {
			t.Errorf("something was registered all the same: %v (%v)", d, err)
		}
	})
}

// TestRegisterAgain: a schema may be replaced as far as what is stored bears it.
func TestRegisterAgain(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		first := `{"name":"serial"},{"name":"secret","mutability":"writeOnly"},{"name":"unused"},{"name":"part","type":"complex","multiValued":true,"subAttributes":[{"name":"value"},{"name":"n","type":"integer"}]}`
		if _, err := f.register(deviceSchema(first), deviceType); err != nil {
			t.Fatal(err)
		}
		f.make("Device", scim.Resource{"serial": "S1", "secret": "x", "part": []any{map[string]any{"value": "v"}}})
		second := f.make("Device", scim.Resource{"serial": "s1"})
		for _, c := range []struct{ says, attributes string }{
			{"serial is no longer defined", strings.Replace(first, `"serial"`, `"Serial"`, 1)},
			{"serial changes its type from string to integer", strings.Replace(first, `"serial"`, `"serial","type":"integer"`, 1)},
			{"serial changes its multiValued", strings.Replace(first, `"serial"`, `"serial","multiValued":true`, 1)},
			{"serial changes its caseExact", strings.Replace(first, `"serial"`, `"serial","caseExact":true`, 1)},
			{"serial changes its mutability from readWrite to readOnly", strings.Replace(first, `"serial"`, `"serial","mutability":"readOnly"`, 1)},
			{"secret changes its mutability", strings.Replace(first, `,"mutability":"writeOnly"`, "", 1)},
			{"part.value is no longer defined", strings.Replace(first, `{"name":"value"},`, "", 1)},
			{"extra is new and required, and 2 of type Device hold none", first + `,{"name":"extra","required":true}`},
			{"part becomes required, and 1 of type Device hold none", strings.Replace(first, `"part"`, `"part","required":true`, 1)},
			{"part.n becomes required", strings.Replace(first, `"n"`, `"n","required":true`, 1)},
			{"serial becomes unique", strings.Replace(first, `"serial"`, `"serial","uniqueness":"server"`, 1)},
		} {
			if _, err := f.register(deviceSchema(c.attributes)); !errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v; want it to say %q", c.attributes, err, c.says)
			}
		}
		for _, attributes := range []string{
			strings.Replace(first, `"unused"`, `"unused","type":"integer","multiValued":true,"mutability":"immutable"`, 1), // nobody has it
			strings.Replace(first, `{"name":"unused"},`, "", 1),
			strings.Replace(first, `"serial"`, `"serial","required":true,"returned":"always"`, 1) + `,{"name":"extra"}`,
			first, // what was never set may go again
		} {
			done, err := f.register(deviceSchema(attributes))
			if err != nil || len(done.Changed) != 1 || done.Changed[0] != "urn:example:Device" {
				t.Errorf("%s: %+v, %v", attributes, done, err)
			}
		}
		err := f.Write(t.Context(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
			_, _, err := w.Modify(ctx, second, scim.Resource{"serial": "S2"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.register(deviceSchema(strings.Replace(first, `"serial"`, `"serial","uniqueness":"server"`, 1))); err != nil {
			t.Fatalf("unique, without duplicates: %v", err)
		}
		err = f.Write(t.Context(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
			_, err := w.Create(ctx, "Device", scim.Resource{"serial": "s2"}, nil)
			return err
		})
		if !errors.Is(err, fault.ErrConflict) {
			t.Errorf("what was stored before its attribute became unique: %v", err)
		}
		// Loosened, and tightened again while somebody else took the value.
		if _, err := f.register(deviceSchema(first)); err != nil {
			t.Fatal(err)
		}
		f.make("Device", scim.Resource{"serial": "s2"})
		if _, err := f.register(deviceSchema(strings.Replace(first, `"serial"`, `"serial","uniqueness":"server"`, 1))); !errors.Is(err, fault.ErrConflict) {
			t.Errorf("duplicates of meanwhile: %v", err)
		}
	})
}

// TestRequiredExtension: an extension can be required only when everybody has it.
func TestRequiredExtension(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		if _, err := f.register(badgeSchema(`{"name":"number"}`), userType); err != nil {
			t.Fatal(err)
		}
		badge := scim.Resource{"userName": "with", "urn:example:Badge": map[string]any{"number": "1"}}
		f.make(directory.User, badge)
		without := f.make(directory.User, scim.Resource{"userName": "without"})
		required := strings.Replace(userType, `"urn:example:Badge"`, `"urn:example:Badge","required":true`, 1)
		_, err := f.register(required)
		if !errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), "1 of type User hold none (without)") {
			t.Errorf("got %v; want it to name who is in the way", err)
		}
		err = f.Write(t.Context(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
			return w.Purge(ctx, directory.User, without.ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.register(required); err != nil {
			t.Error(err)
		}
	})
}

func TestUnregister(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		if _, err := f.register(deviceSchema(`{"name":"serial"}`), deviceType, badgeSchema(`{"name":"number","uniqueness":"server"}`), userType); err != nil {
			t.Fatal(err)
		}
		device := f.make("Device", scim.Resource{"serial": "S1"})
		person := f.make(directory.User, scim.Resource{"userName": "u", "urn:example:Badge": map[string]any{"number": "1"}})
		remove := func(name string, consent bool) (gone directory.Removal, err error) {
			err = f.Write(t.Context(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) (err error) {
				gone, err = w.Unregister(ctx, name, consent)
				return err
			})
			return gone, err
		}
		for _, name := range []string{"User", "urn:ietf:params:scim:schemas:core:2.0:User", "nothing"} {
			if _, err := remove(name, true); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("remove %s: %v", name, err)
			}
		}
		if _, err := remove("device", false); !errors.Is(err, fault.ErrConflict) {
			t.Errorf("without consent: %v", err)
		}
		preview, err := f.PreviewRemoval(t.Context(), org, "URN:EXAMPLE:DEVICE")
		if err != nil || preview.Purged["Device"] != 1 || len(preview.Changed) > 0 {
			t.Errorf("preview: %+v, %v", preview, err)
		}
		if _, err := remove("device", true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Object(t.Context(), org, "Device", device.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("the resource of the type: %v", err)
		}
		gone, err := remove("urn:example:Badge", true)
		if err != nil || gone.Changed[directory.User] != 1 || len(gone.Schemas) != 1 {
			t.Errorf("the extension: %+v, %v", gone, err)
		}
		after, err := s.Object(t.Context(), org, directory.User, person.ID)
		if err != nil || after.Attributes["urn:example:Badge"] != nil || after.Version != 2 {
			t.Errorf("the person is %+v, %v", after, err)
		}
		changes, err := s.Changes(t.Context(), org, 0, 100)
		if err != nil || len(changes) != 4 || changes[2].Kind != directory.Purged || changes[3].Kind != directory.Updated ||
			!strings.Contains(strings.Join(changes[3].Paths, " "), "urn:example:Badge") {
			t.Errorf("the feed is %+v, %v", changes, err)
		}
		// The unique value went too.
		if _, err := f.register(badgeSchema(`{"name":"number","uniqueness":"server"}`), userType); err != nil {
			t.Fatal(err)
		}
		f.make(directory.User, scim.Resource{"userName": "v", "urn:example:Badge": map[string]any{"number": "1"}})
		if types, err := s.Registry(t.Context(), "org-2"); err != nil || types != directory.Registry() {
			t.Errorf("another organization has other types than the standard ones (%v)", err)
		}
	})
}

// TestRegisterWhileOthersWrite: a value that becomes unique has no duplicates afterwards, whoever was writing meanwhile.
func TestRegisterWhileOthersWrite(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		d := &directory.Directory{Store: s}
		if _, err := f.register(deviceSchema(`{"name":"serial"}`), deviceType); err != nil {
			t.Fatal(err)
		}
		var writers sync.WaitGroup
		for n := range 4 {
			writers.Go(func() {
				for i := range 40 {
					if n%2 == 1 {
						i = 39 - i // each one twice, from both ends
					}
					serial := fmt.Sprint(n/2, "-", i)
					err := d.Write(context.Background(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
						_, err := w.Create(ctx, "Device", scim.Resource{"serial": serial}, nil)
						return err
					})
					if err != nil && !errors.Is(err, fault.ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		registered := false
		for range 10 {
			_, err := f.register(deviceSchema(`{"name":"serial","uniqueness":"server"}`))
			registered = registered || err == nil
			if err != nil && !errors.Is(err, fault.ErrConflict) {
				t.Error(err)
			}
		}
		writers.Wait()
		objects, err := s.Scan(t.Context(), org, "Device", 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[any]int{}
		for _, o := range objects {
			if seen[o.Attributes["serial"]]++; registered && seen[o.Attributes["serial"]] > 1 {
				t.Errorf("%s is there twice, and unique", o.Attributes["serial"])
			}
		}
		t.Logf("registered: %v, %d devices", registered, len(objects))
	})
}
