package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/rollcall-id/rollcall/internal/notify"
)

const timeout = 30 * time.Second

// server sends mails to a mail server, one connection for each.
type server struct {
	options  []gomail.Option
	endpoint endpoint
	from     mail.Address
}

func newServer(c Config, from mail.Address) (*server, error) {
	e, err := parse(c)
	if err != nil {
		return nil, err
	}
	pool, err := authorities(c.CAFile)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{
		gomail.WithPort(e.port), gomail.WithTimeout(timeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: e.host, RootCAs: pool, MinVersion: tls.VersionTLS12}),
	}
	switch {
	case e.implicit:
		options = append(options, gomail.WithSSL())
	case e.plain:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if e.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(e.user), gomail.WithPassword(c.Password))
	}
	s := &server{options: options, endpoint: e, from: from}
	_, err = s.client()
	return s, err
}

func (s *server) client() (*gomail.Client, error) {
	c, err := gomail.NewClient(s.endpoint.host, s.options...)
	if err != nil {
		return nil, fmt.Errorf("set up the mail server %s: %w", s.endpoint.host, err)
	}
	return c, nil
}

// Send implements notify.Sender.
func (s *server) Send(ctx context.Context, q notify.Queued) error {
	m, err := compose(q, s.from)
	if err != nil {
		return err
	}
	c, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*timeout)
	defer cancel()
	err = c.DialAndSendWithContext(ctx, m)
	var refused *gomail.SendError
	switch {
	case err == nil || m.IsDelivered():
		return nil // a server that hangs up badly after it took the mail has taken it
	case errors.As(err, &refused) && refused.Reason == gomail.ErrSMTPRcptTo && !refused.IsTemp():
		return fmt.Errorf("%w by the mail server %s: %w", notify.ErrRefused, s.endpoint.host, err)
	}
	return fmt.Errorf("mail server %s, port %d: %w", s.endpoint.host, s.endpoint.port, err)
}
