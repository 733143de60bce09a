package scim

import (
	"errors"
	"strings"
	"testing"
)

// wantError checks status, scimType and a part of the detail.
func wantError(t *testing.T, err error, status int, scimType, detail string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error %d %s", err, status, scimType)
	}
	if e.Status != status || e.Type != scimType || !strings.Contains(e.Detail, detail) {
		t.Fatalf("got %d %s %q, want %d %s and %q in the detail", e.Status, e.Type, e.Detail, status, scimType, detail)
	}
}

func onlyScimError(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Status < 400 || e.Status > 499 || e.Detail == "" {
		t.Fatalf("got the error %#v, want an *Error of 4xx with a detail", err)
	}
}

func user(t testing.TB) *ResourceType {
	t.Helper()
	return Core().Type("User")
}

func group(t testing.TB) *ResourceType {
	t.Helper()
	return Core().Type("Group")
}
