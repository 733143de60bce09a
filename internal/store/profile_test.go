package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestProfiles(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		app := sampleApplication(storetest.Organization(t, s, "acme"))
		if err := s.CreateApplication(t.Context(), app); err != nil {
			t.Fatal(err)
		}
		none, err := s.Profile(t.Context(), app.ID)
		if d := cmp.Diff(application.Profile{}, none); d != "" || err != nil {
			t.Errorf("before anything was stored: %v %s", err, d)
		}
		// Each part is written by itself, twice, and the others stay.
		var want application.Profile
		for i, word := range []string{"off", "on"} {
			want.Found, want.FoundAt = map[string]string{"patch": word}, noon.Add(time.Duration(i)*time.Hour)
			want.Overrides, want.CA = map[string]string{"put": word}, "PEM "+word
			for _, err := range []error{
				s.SaveCA(t.Context(), app.ID, want.CA),
				s.SaveFound(t.Context(), app.ID, want.Found, want.FoundAt),
				s.SaveOverrides(t.Context(), app.ID, want.Overrides),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Profile(t.Context(), app.ID)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", word, err, d)
			}
		}
		if err := s.SaveCA(t.Context(), "nobody", "x"); err == nil {
			t.Error("a profile of an application that does not exist was stored")
		}
		if err := s.DeleteApplication(t.Context(), app.ID); err != nil {
			t.Fatal(err)
		}
		if gone, err := s.Profile(t.Context(), app.ID); err != nil || gone.CA != "" {
			t.Errorf("after the application was deleted: %+v, %v", gone, err)
		}
	})
}
