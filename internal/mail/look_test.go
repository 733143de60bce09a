package mail_test

import (
	"flag"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/notify"

	ourmail "github.com/rollcall-id/rollcall/internal/mail"
)

var update = flag.Bool("update", false, "write the golden files anew")

var monday = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func cycle(c notify.Cycle) notify.Cycle {
	c.Organization, c.Slug, c.Application, c.ID, c.Now = "Contoso", "contoso", "Vault Platform", "0f3a", monday
	c.To = []string{"ops@contoso.example", "it@contoso.example"}
	return c
}

// samples are one mail of each kind.
func samples() map[string]notify.Mail {
	since := notify.Told{Quarantine: &notify.Thread{Incident: "abc", Turn: 1, Since: monday.Add(-26 * time.Hour), Said: []string{"x"}}}
	out := map[string]notify.Mail{"test": notify.Trial("ops@contoso.example", "abc", monday)}
	quarantine := func(code, message string) notify.Cycle {
		return notify.Cycle{Quarantine: &notify.Quarantine{Reason: "EncounteredQuarantineException", Code: code, Message: message, Began: monday,
			Next: monday.Add(30 * time.Minute)}}
	}
	for name, c := range map[string]struct {
		told notify.Told
		notify.Cycle
	}{
		"credentials": {Cycle: quarantine("Unauthorized", "GET /Users: 401 — the secret token was refused: it may have expired or been revoked; connect again")},
		"another":     {told: since, Cycle: quarantine("TooManyFailures", "6000 of 9000 objects failed; more than 40 % are too many")},
		"recovered":   {told: since},
		"held": {Cycle: notify.Cycle{Held: &notify.HeldBack{Threshold: 500, Count: 612, Names: []string{
			"user anna@contoso.example (disable)", "user o'hara <bert@contoso.example> (disable)", "group Sales & <Marketing> (delete)",
		}}}},
		"failures": {Cycle: notify.Cycle{OnFailure: true, Failing: []notify.Failing{
			{Code: "Conflict", Name: "anna@contoso.example", Message: "another account has this userName"},
			{Code: "Timeout", Name: "bert@contoso.example", Message: "no answer within 30 s"},
			{Code: "Conflict", Name: "carl@contoso.example", Message: "another account has this userName"},
			{Code: "Conflict", Name: "dora@contoso.example", Message: "another account has this userName"},
			{Code: "Conflict", Name: "emil@contoso.example", Message: "another account has this userName"},
		}}},
		"broken": {Cycle: notify.Cycle{OnFailure: true, Broken: "the target does not answer: connection refused"}},
	} {
		_, mails := notify.After(c.told, cycle(c.Cycle), func() string { return "abc" })
		out[name] = mails[0]
	}
	return out
}

func TestLook(t *testing.T) {
	t.Parallel()
	for name, m := range samples() {
		html, err := ourmail.HTML(m)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+ourmail.Plain(m))
		golden(t, name+".html", html)
		if first, _, _ := strings.Cut(ourmail.Plain(m), "\n"); first != m.Impact {
			t.Errorf("%s: the first line is %q, want the impact", name, first)
		}
		for _, foreign := range []string{"http:", "https:", "src=", "url(", "<script", "background", "<a "} {
			if strings.Contains(html, foreign) {
				t.Errorf("%s: the page has %q: nothing from elsewhere, nothing to click, no colour that light or dark would swallow", name, foreign)
			}
		}
		if !strings.Contains(html, `name="color-scheme" content="light dark"`) {
			t.Errorf("%s: the page does not say that it can be read in light and dark", name)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if d := cmp.Diff(string(want), got); d != "" || err != nil {
		t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
	}
}

// parsed sends a mail into a folder and reads it back.
func parsed(t *testing.T, q notify.Queued) (*mail.Message, string) {
	t.Helper()
	dir := t.TempDir()
	sender, err := ourmail.New(ourmail.Config{Dir: dir, From: "Rollcall <rollcall@contoso.example>"})
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return m, string(raw)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	m := samples()["failures"]
	m.Turn = 3
	got, raw := parsed(t, notify.Queued{ID: "abc-3-1", Recipient: "ops@contoso.example", Application: "app-1", Mail: m})
	for name, want := range map[string]string{
		"From": `"Rollcall" <rollcall@contoso.example>`, "To": "<ops@contoso.example>", "Subject": m.Subject,
		"Message-Id": "<abc.3@contoso.example>", "In-Reply-To": "<abc.2@contoso.example>",
		"References": "<abc.1@contoso.example> <abc.2@contoso.example>", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe": "<mailto:rollcall@contoso.example?subject=unsubscribe%20ops@contoso.example%20from%20app-1>",
		"Date":             "Mon, 05 Jan 2026 08:00:00 +0000",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
	if typ := got.Header.Get("Content-Type"); !strings.HasPrefix(typ, "multipart/alternative") {
		t.Errorf("the type is %q, want text and HTML side by side", typ)
	}
	if text, html := strings.Index(raw, "text/plain"), strings.Index(raw, "text/html"); text < 0 || html < text {
		t.Error("the plain text does not come before the HTML")
	}
	other, _ := parsed(t, notify.Queued{ID: "abc-1-1", Recipient: "ops@contoso.example", Mail: samples()["credentials"]})
	for _, name := range []string{"List-Unsubscribe", "References", "In-Reply-To"} {
		if v := other.Header.Get(name); v != "" {
			t.Errorf("the first mail of an incident that is no digest has %s: %q", name, v)
		}
	}
}

func TestLargestMailIsUnder100kB(t *testing.T) {
	t.Parallel()
	var failing []notify.Failing
	wide := strings.Repeat("😀", 5000)
	for code := range 40 {
		for range 10 {
			failing = append(failing, notify.Failing{Code: strings.Repeat("C", code+1) + wide, Name: wide, Message: wide})
		}
	}
	c := cycle(notify.Cycle{OnFailure: true, Failing: failing, Broken: wide})
	c.Organization, c.Application, c.Slug = wide, wide, wide
	_, mails := notify.After(notify.Told{}, c, func() string { return "abc" })
	_, raw := parsed(t, notify.Queued{ID: "abc-1-1", Recipient: "ops@contoso.example", Mail: mails[0]})
	if len(raw) > 100_000 || len(raw) < 10_000 {
		t.Errorf("the mail has %d bytes", len(raw))
	}
}
