package server

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// TestServerWarnsOfEndingTokens: a token that ends soon is in the log of every start.
func TestServerWarnsOfEndingTokens(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{})
	n.organization("acme")
	var log bytes.Buffer
	n.sys.logger = slog.New(slog.NewTextHandler(&log, nil))
	n.sys.watchTokens(t.Context())()
	if log.Len() != 0 {
		t.Errorf("a year before the end: %s", &log)
	}
	later := time.Now().Add(340 * 24 * time.Hour)
	n.sys.now = func() time.Time { return later }
	n.sys.watchTokens(t.Context())()
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") || !strings.Contains(got, "organization=acme") {
		t.Errorf("25 days before the end: %q; want one warning", got)
	}
}
