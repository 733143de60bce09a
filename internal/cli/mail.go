package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mail"
	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/server"
)

// mailFlags say how mails are sent.
type mailFlags struct {
	config       mail.Config
	passwordFile string
}

func (m *mailFlags) add(f *pflag.FlagSet, a *app) {
	f.StringVar(&m.config.URL, "smtp-url", a.env("ROLLCALL_SMTP_URL", ""), "mail server: smtps://USER@HOST:465 (TLS from the start) or smtp://USER@HOST:587 "+
		"(STARTTLS); the password is in ROLLCALL_SMTP_PASSWORD (environment ROLLCALL_SMTP_URL)")
	f.StringVar(&m.passwordFile, "smtp-password-file", a.env("ROLLCALL_SMTP_PASSWORD_FILE", ""),
		"file that holds the mail server's password (environment ROLLCALL_SMTP_PASSWORD_FILE)")
	f.StringVar(&m.config.CAFile, "smtp-ca-file", a.env("ROLLCALL_SMTP_CA_FILE", ""),
		"PEM file of certificate authorities to trust for the mail server (environment ROLLCALL_SMTP_CA_FILE)")
	f.BoolVar(&m.config.AllowPlain, "smtp-allow-plain", false, "send without TLS to a mail server on another machine that offers none; a password is not sent so")
	f.StringVar(&m.config.From, "mail-from", a.env("ROLLCALL_MAIL_FROM", ""), "sender of mails (environment ROLLCALL_MAIL_FROM)")
	f.StringVar(&m.config.Dir, "mail-dir", a.env("ROLLCALL_MAIL_DIR", ""),
		"folder in which each mail becomes a file, instead of a mail server (environment ROLLCALL_MAIL_DIR)")
}

// sender checks the flags; nil: mails are not configured.
func (m *mailFlags) sender(a *app) (notify.Sender, error) {
	c := m.config
	c.Password = a.Env("ROLLCALL_SMTP_PASSWORD")
	if m.passwordFile != "" {
		if c.Password != "" {
			return nil, usagef("the mail server's password is given twice; choose one of ROLLCALL_SMTP_PASSWORD and --smtp-password-file")
		}
		text, err := readPassword(m.passwordFile)
		if err != nil {
			return nil, err
		}
		c.Password = text
	}
	return mail.New(c)
}

const maxPasswordFile = 64 << 10

func readPassword(file string) (text string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fault.Errorf(fault.ErrInvalid, "read the mail server's password: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := io.ReadAll(io.LimitReader(f, maxPasswordFile))
	text = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if err == nil && text == "" {
		err = fault.Errorf(fault.ErrInvalid, "the mail server's password file %q is empty", file)
	}
	return text, err
}

// warnOfMails says that nobody will be told.
func (a *app) warnOfMails(ctx context.Context, s *server.System) error {
	n, err := s.Told(ctx)
	if err == nil && n > 0 {
		a.note("Mails are not configured, and %d application(s) have notification addresses: nobody is told. Give --smtp-url or --mail-dir, and --mail-from.", n)
	}
	return err
}

// sayMails says how the mails about an application stand: those that nobody sends are why nobody was told.
func (a *app) sayMails(ctx context.Context, s *server.System, app application.Application) error {
	if len(app.Settings.NotificationEmail) == 0 {
		return nil
	}
	mails, err := s.Store.Mails(ctx, app.ID, mostMails)
	if err != nil {
		return err
	}
	counts := map[notify.State]int{}
	for _, m := range mails {
		counts[m.State]++
	}
	switch {
	case counts[notify.Waiting]+counts[notify.Failed] > 0:
		a.say("Mails: %d wait, %d were given up, %d were sent; `rollcall mail list` says why", counts[notify.Waiting], counts[notify.Failed], counts[notify.Sent])
	case counts[notify.Sent] > 0:
		a.say("Mails: %d were sent", counts[notify.Sent])
	case a.Env("ROLLCALL_SMTP_URL") == "" && a.Env("ROLLCALL_MAIL_DIR") == "":
		a.say("Mails: notification addresses are set, and this environment does not say how to send mails; the server has to know (docs/guides/mail.md)")
	}
	return nil
}

func (a *app) mailCommand() *cobra.Command {
	c := &cobra.Command{Use: "mail", Short: "Notification mails: try them, and see what waits", Args: cobra.NoArgs}
	c.AddCommand(a.mailTest(), a.mailList(), a.mailShow())
	return c
}

func (a *app) mailTest() *cobra.Command {
	var mails mailFlags
	c := &cobra.Command{
		Use: "test ADDRESS", Short: "Send a mail now, with the settings that serve takes", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			sender, err := mails.sender(a)
			if err != nil {
				return err
			}
			if sender == nil {
				return fault.Errorf(fault.ErrInvalid, "mails are not configured: give --smtp-url or --mail-dir, and --mail-from, or set them in the environment")
			}
			if err := server.SendTestMail(c.Context(), sender, args[0]); err != nil {
				return err
			}
			if a.json {
				a.printJSON(map[string]any{"sent": true, "recipient": args[0]})
				return nil
			}
			a.say("The mail to %s was sent.", args[0])
			return nil
		},
	}
	mails.add(c.Flags(), a)
	return a.jsonFlag(c)
}

const mostMails = 1000

func (a *app) mailList() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use: "list [--limit N]", Short: "The outbox: mails that wait, were sent or were given up, the newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 || limit > mostMails {
				return usagef("--limit is %d; it takes 1 to %d", limit, mostMails)
			}
			return a.with(c.Context(), func(ctx context.Context, s *server.System) error {
				mails, err := s.Store.Mails(ctx, "", limit)
				if err != nil {
					return err
				}
				rows := [][]string{{"CREATED", "STATE", "TO", "SUBJECT", "TRIES", "ERROR"}}
				for _, m := range mails {
					if a.json {
						a.printJSON(m)
					}
					rows = append(rows, []string{when(m.Mail.Created), string(m.State), m.Recipient, m.Mail.Subject, decimal(m.Attempts), m.Error})
				}
				if !a.json {
					a.table(rows)
				}
				return nil
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 100, "at most so many")
	return a.jsonFlag(c)
}

func (a *app) mailShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ID", Short: "What a mail says (the id is in mail list --json)", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(ctx context.Context, s *server.System) error {
				m, err := s.Store.Mail(ctx, args[0])
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(m)
					return nil
				}
				a.say("To: %s\nSubject: %s\n\n%s", m.Recipient, m.Mail.Subject, mail.Plain(m.Mail))
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}
