package mail_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	ourmail "github.com/rollcall-id/rollcall/internal/mail"
)

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const from = "rollcall@contoso.example"
	for _, c := range []struct {
		config ourmail.Config
		want   string
	}{
		{ourmail.Config{URL: "smtps://mail.example"}, "--mail-from"},
		{ourmail.Config{URL: "smtps://mail.example", From: "nobody"}, "not an e-mail address"},
		{ourmail.Config{URL: "smtps://mail.example", Dir: "mails", From: from}, "choose one"},
		{ourmail.Config{URL: "https://mail.example", From: from}, "smtps://USER@HOST:465"},
		{ourmail.Config{URL: "mail.example:25", From: from}, "smtps://USER@HOST:465"},
		{ourmail.Config{URL: "smtps://mail.example/inbox", From: from}, "smtps://USER@HOST:465"},
		{ourmail.Config{URL: "smtps://mail.example:99999", From: from}, "65535"},
		{ourmail.Config{URL: "smtps://a:hunter2@mail.example", From: from}, "ROLLCALL_SMTP_PASSWORD"},
		{ourmail.Config{URL: "smtps://a:hunter2@mail.example:%zz", From: from}, "cannot be read"},
		{ourmail.Config{URL: "smtps://a@mail.example", From: from}, "has no password"},
		{ourmail.Config{URL: "smtps://mail.example", From: from, Password: "hunter2"}, "no user"},
		{ourmail.Config{URL: "smtps://a@mail.example", From: from, Password: strings.Repeat("x", 5000)}, "at most 4096"},
		{ourmail.Config{URL: "smtps://mail.example", From: from, CAFile: "missing.pem"}, "missing.pem"},
		{ourmail.Config{URL: "smtps://mail.example", From: from, CAFile: empty}, "no certificate"},
		{ourmail.Config{Dir: empty, From: from}, "folder"},
	} {
		_, err := ourmail.New(c.config)
		if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v; want fault.ErrInvalid with %q and without a password", c.config, err, c.want)
		}
	}
	if s, err := ourmail.New(ourmail.Config{}); s != nil || err != nil {
		t.Errorf("nothing configured: %v, %v; want no sender and no error", s, err)
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"smtps://user@mail.example:465", "smtp://127.0.0.1", "smtp://[::1]:25", "smtps://a:b@c", "smtp://%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ourmail.New(ourmail.Config{URL: text, From: "a@b.example"})
		if err == nil && s == nil && text != "" {
			t.Errorf("%q: neither a sender nor an error", text)
		}
	})
}
