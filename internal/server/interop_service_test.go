package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// needTool skips the test when what it needs from outside is not there, and fails it when ROLLCALL_REQUIRE names the tool.
func needTool(t *testing.T, tool string, ok bool, why string) {
	t.Helper()
	switch {
	case ok:
	case slices.Contains(strings.Split(os.Getenv("ROLLCALL_REQUIRE"), ","), tool):
		t.Fatalf("ROLLCALL_REQUIRE wants %s, but %s", tool, why)
	default:
		t.Skipf("cannot run: %s", why)
	}
}

// interopDir is a folder of interop/.
func interopDir(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "interop", name))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// service is the real server with one organization, listening on loopback until the test ends, for other people's clients.
type service struct {
	t     *testing.T
	sys   *System
	org   organization.Organization
	url   string // Tenant URL
	token string
}

func startService(t *testing.T, o Options, provider string) service {
	t.Helper()
	o.Logger = slog.New(noErrors{t})
	v := openVault(t, o, provider)
	return service{t, v.sys, v.org, v.url, v.secret}
}

// noErrors is a log that fails the test at an error: whatever a client sends, nothing may go wrong in the server.
type noErrors struct{ t *testing.T }

func (n noErrors) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (n noErrors) Handle(_ context.Context, r slog.Record) error {
	n.t.Errorf("the server logged an error: %s", r.Message)
	r.Attrs(func(a slog.Attr) bool {
		n.t.Log(a)
		return true
	})
	return nil
}

func (n noErrors) WithAttrs([]slog.Attr) slog.Handler { return n }

func (n noErrors) WithGroup(string) slog.Handler { return n }

// forEachService runs fn against the server on SQLite and on PostgreSQL.
func forEachService(t *testing.T, fn func(t *testing.T, s service)) {
	t.Helper()
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		fn(t, startService(t, Options{Dir: c.Dir, Database: c.URL, Key: c.Keys}, "generic"))
	})
}

// command prepares a program of interop/ that finds the server in its environment.
func (s service) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ROLLCALL_SCIM_URL="+s.url, "ROLLCALL_SCIM_TOKEN="+s.token)
	return cmd
}

// get reads a JSON document of the server.
func (s service) get(path string, into any) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: status %d", path, res.StatusCode)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		s.t.Fatal(fmt.Errorf("GET %s: %w", path, err))
	}
}
