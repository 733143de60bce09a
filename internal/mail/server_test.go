package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	ourmail "github.com/rollcall-id/rollcall/internal/mail"
	"github.com/rollcall-id/rollcall/internal/notify"
)

// mailServer is a real mail server in this process. fail answers RCPT instead of the server where it is not nil.
type mailServer struct {
	address string
	caFile  string

	mu       sync.Mutex
	fail     error
	user     string // who the last mail came from
	secure   bool   // over TLS
	received []*mail.Message
	to       []string
}

func (s *mailServer) failing(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *mailServer) mails() []*mail.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received
}

// session is one connection to it.
type session struct {
	server *mailServer
	conn   *smtp.Conn
	auth   bool
	user   string
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "rollcall" || password != "mail secret" {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.auth && s.user == "" {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.fail != nil {
		return s.server.fail
	}
	s.server.to = append(s.server.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	_, secure := s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received, s.server.user, s.server.secure = append(s.server.received, m), s.user, secure
	return nil
}

// newMailServer starts one: with a certificate, from the start (implicit) or by STARTTLS, and with a password where auth.
func newMailServer(t *testing.T, encrypted, implicit, auth bool) *mailServer {
	t.Helper()
	s := &mailServer{}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c, auth: auth}, nil }))
	srv.Domain, srv.AllowInsecureAuth, srv.ErrorLog = "localhost", true, slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	if encrypted {
		srv.TLSConfig, s.caFile = certificate(t)
		if implicit {
			l = tls.NewListener(l, srv.TLSConfig)
		}
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		// A server that is closed before it began to serve does not know its listener yet.
		closing := errors.Join(l.Close(), srv.Close())
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err, closing)
		}
	})
	return s
}

// certificate makes a certificate for 127.0.0.1 and the file that says to trust it.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, file
}

func newSender(t *testing.T, c ourmail.Config) notify.Sender {
	t.Helper()
	c.From = "rollcall@contoso.example"
	s, err := ourmail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func queued() notify.Queued {
	return notify.Queued{ID: "abc-1-1", Recipient: "ops@contoso.example", Mail: samples()["credentials"]}
}

func TestSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                      string
		encrypted, implicit, auth bool
		url                       string
	}{
		{"STARTTLS and AUTH", true, false, true, "smtp://rollcall@"},
		{"TLS from the start and AUTH", true, true, true, "smtps://rollcall@"},
		{"plain on this machine", false, false, false, "smtp://"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t, c.encrypted, c.implicit, c.auth)
			config := ourmail.Config{URL: c.url + s.address, CAFile: s.caFile}
			if c.auth {
				config.Password = "mail secret"
			}
			if err := newSender(t, config).Send(t.Context(), queued()); err != nil {
				t.Fatal(err)
			}
			got := s.mails()
			if len(got) != 1 || got[0].Header.Get("Subject") != queued().Mail.Subject || s.to[0] != "ops@contoso.example" {
				t.Fatalf("received %+v for %q", got, s.to)
			}
			if s.secure != c.encrypted || s.user == "rollcall" != c.auth {
				t.Errorf("over TLS %t, as %q; want TLS %t, a user %t", s.secure, s.user, c.encrypted, c.auth)
			}
		})
	}
}

func TestSendFails(t *testing.T) {
	t.Parallel()
	s := newMailServer(t, true, false, true)
	good := ourmail.Config{URL: "smtp://rollcall@" + s.address, CAFile: s.caFile, Password: "mail secret"}
	wrong, stranger, nobody := good, good, good
	wrong.Password = "wrong"
	stranger.CAFile = ""
	nobody.URL = "smtp://rollcall@127.0.0.1:1"
	for name, c := range map[string]ourmail.Config{"a wrong password": wrong, "a certificate that nobody vouches for": stranger, "nobody there": nobody} {
		err := newSender(t, c).Send(t.Context(), queued())
		if err == nil || errors.Is(err, notify.ErrRefused) {
			t.Errorf("%s: %v; want an error that another try may mend", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "mail secret") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
	s.failing(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"})
	if err := newSender(t, good).Send(t.Context(), queued()); !errors.Is(err, notify.ErrRefused) || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("a recipient who does not exist: %v; want ErrRefused with the server's words", err)
	}
	s.failing(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come back later"})
	if err := newSender(t, good).Send(t.Context(), queued()); err == nil || errors.Is(err, notify.ErrRefused) {
		t.Errorf("greylisting: %v; want an error that another try may mend", err)
	}
	q := queued()
	q.Recipient = "a@b.example>\r\nRCPT TO:<all@contoso.example"
	s.failing(nil)
	if err := newSender(t, good).Send(t.Context(), q); !errors.Is(err, notify.ErrRefused) {
		t.Errorf("an address with commands in it: %v; want ErrRefused", err)
	}
	if got := s.mails(); len(got) != 0 {
		t.Errorf("%d mails arrived", len(got))
	}
}

// A mail server that others can reach over the network gets nothing without TLS: it is asked for, and its absence is an error.
func TestNoTLSNoMail(t *testing.T) {
	t.Parallel()
	s := newMailServer(t, false, false, false)
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	// 0.0.0.0 reaches this machine and is no loopback address.
	c := ourmail.Config{URL: "smtp://0.0.0.0:" + port}
	if err := newSender(t, c).Send(t.Context(), queued()); err == nil || len(s.mails()) != 0 {
		t.Fatalf("sent without TLS: %v, %d mails", err, len(s.mails()))
	}
	c.AllowPlain = true
	if err := newSender(t, c).Send(t.Context(), queued()); err != nil || len(s.mails()) != 1 {
		t.Errorf("allowed: %v, %d mails", err, len(s.mails()))
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newMailServer(t, false, false, false)
	if err := newSender(t, ourmail.Config{URL: "smtp://" + s.address}).Send(ctx, queued()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}
