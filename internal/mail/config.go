// Package mail is how a mail looks and travels: plain text and HTML, over SMTP or into a folder. It implements notify.Sender. It owns the settings of the
// mail server and the headers that keep an incident in one thread.
//
// It refuses to decide who gets a mail, when, and what it says: that is notify. It stands apart so that only this package knows the mail library.
package mail

import (
	"crypto/x509"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/notify"
)

// Config says how mails are sent. The zero Config: they are not.
type Config struct {
	URL      string // smtps://user@host:465 (TLS from the start) or smtp://user@host:587 (STARTTLS)
	Password string // of the user in URL
	From     string // address of the sender
	Dir      string // instead of URL: a folder in which each mail becomes a file
	CAFile   string // PEM file of certificate authorities to trust besides the system's
	// AllowPlain sends without TLS to a server that offers none, also to other hosts than this one.
	AllowPlain bool
}

// Configured reports whether mails can be sent.
func (c Config) Configured() bool { return c.URL != "" || c.Dir != "" }

const maxPassword = 4 << 10

// New checks the settings and returns who sends mails with them; nil where nothing is configured.
func New(c Config) (notify.Sender, error) {
	switch {
	case !c.Configured():
		return nil, nil //nolint:nilnil // not configured is an answer
	case c.URL != "" && c.Dir != "":
		return nil, fault.Errorf(fault.ErrInvalid, "both a mail server and a folder for mails were given; choose one of --smtp-url and --mail-dir")
	case c.From == "":
		return nil, fault.Errorf(fault.ErrInvalid, "mails need a sender: give its address with --mail-from (environment ROLLCALL_MAIL_FROM)")
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil || strings.ContainsAny(c.From, "\r\n") {
		return nil, fault.Errorf(fault.ErrInvalid, "the sender %q is not an e-mail address; expected one such as rollcall@example.com, or \"Rollcall "+
			"<rollcall@example.com>\"", c.From)
	}
	if c.Dir != "" {
		return newFolder(c.Dir, *from)
	}
	return newServer(c, *from)
}

// endpoint is where the mail server is, and how to talk to it.
type endpoint struct {
	host     string
	port     int
	user     string
	implicit bool // TLS from the start
	plain    bool // without TLS where the server offers none
}

// The ports of mail submission (RFC 8314).
const (
	portImplicit = 465
	portStartTLS = 587
)

// parse reads the URL of a mail server.
func parse(c Config) (endpoint, error) {
	u, err := url.Parse(c.URL)
	if err != nil { // its text would show the URL, and with it a password that should not be there
		return endpoint{}, fault.Errorf(fault.ErrInvalid, "the URL of the mail server cannot be read; expected smtps://USER@HOST:465 or smtp://USER@HOST:587")
	}
	e := endpoint{host: u.Hostname(), user: u.User.Username(), implicit: u.Scheme == "smtps", port: portStartTLS}
	if e.implicit {
		e.port = portImplicit
	}
	if _, secret := u.User.Password(); secret {
		return e, fault.Errorf(fault.ErrInvalid, "the URL of the mail server holds a password, where others can read it: leave it out, and give it in "+
			"ROLLCALL_SMTP_PASSWORD or in a file with --smtp-password-file")
	}
	if e.host == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return e, fault.Errorf(fault.ErrInvalid, "%q is not the URL of a mail server; expected smtps://USER@HOST:465 (TLS from the start) or "+
			"smtp://USER@HOST:587 (STARTTLS)", u.Redacted())
	}
	if text := u.Port(); text != "" {
		if e.port, err = strconv.Atoi(text); err != nil || e.port < 1 || e.port > 65535 {
			return e, fault.Errorf(fault.ErrInvalid, "the mail server's port is %q; expected a number from 1 to 65535", text)
		}
	}
	e.plain = !e.implicit && (c.AllowPlain || loopback(e.host))
	return e, e.checkPassword(c)
}

// checkPassword refuses a user without a password and a password without a user.
func (e endpoint) checkPassword(c Config) error {
	switch {
	case e.user != "" && c.Password == "":
		return fault.Errorf(fault.ErrInvalid, "the mail server's user %q has no password: give it in ROLLCALL_SMTP_PASSWORD or with --smtp-password-file", e.user)
	case e.user == "" && c.Password != "":
		return fault.Errorf(fault.ErrInvalid, "there is a password for the mail server, and no user: write it into the URL, smtps://USER@%s", e.host)
	case len(c.Password) > maxPassword:
		return fault.Errorf(fault.ErrInvalid, "the mail server's password has %d bytes; at most %d are allowed", len(c.Password), maxPassword)
	}
	return nil
}

// loopback reports whether the host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// authorities are the certificate authorities to trust; nil: the system's.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // the system's
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "read the certificate authorities of the mail server: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.Errorf(fault.ErrInvalid, "%q holds no certificate; expected PEM blocks, -----BEGIN CERTIFICATE-----", file)
	}
	return pool, nil
}
