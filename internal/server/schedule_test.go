package server

import (
	"testing"
	"time"
)

func TestWokenForgetsNoChange(t *testing.T) {
	start := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	var w woken
	for _, step := range []struct {
		what            string
		watermark, head int64
		after           time.Duration
		want            bool
	}{
		{"nothing is new", 10, 10, 0, false},
		{"a change", 10, 11, 0, true},
		{"the same change, two seconds later: its cycle may have failed", 10, 11, 2 * time.Second, false},
		{"another change", 10, 12, 4 * time.Second, true},
		{"the cycle that was running ended before the newest change", 11, 12, 6 * time.Second, true},
		{"the same again", 11, 12, 8 * time.Second, false},
		{"nothing came of it for a minute: the node that took it may be gone", 11, 12, 70 * time.Second, true},
		{"a cycle handled it", 12, 12, 72 * time.Second, false},
	} {
		if got := w.wake("app", step.watermark, step.head, start.Add(step.after)); got != step.want {
			t.Errorf("%s: wake is %v, want %v", step.what, got, step.want)
		}
	}
}

func TestSameService(t *testing.T) {
	const base = "https://app.example/api/scim/acme"
	for other, want := range map[string]bool{
		base: true, base + "/": true, base + "?aadOptscim062020": true, "https://APP.example/api/scim/acme": true,
		"https://app.example/api/scim/other": false, "https://sandbox.example/api/scim/acme": false, "http://app.example/api/scim/acme": false,
		"https://app.example:8443/api/scim/acme": false, "%": false,
	} {
		if got := sameService(base, other); got != want {
			t.Errorf("sameService(%q, %q) is %v, want %v", base, other, got, want)
		}
	}
}

func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:0": true, "localhost:80": true, "0.0.0.0:8080": false, ":8080": false, "192.0.2.1:80": false, "[::]:80": false,
	} {
		if got := loopback(address); got != want {
			t.Errorf("loopback(%q) is %v, want %v", address, got, want)
		}
	}
}
