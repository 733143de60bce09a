package mail

import (
	"context"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/notify"
)

// folder writes each mail into a file, for installations without a mail server, and for who wants to see them.
type folder struct {
	dir  string
	from mail.Address
}

func newFolder(dir string, from mail.Address) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "make the folder for mails: %w", err)
	}
	return &folder{dir: dir, from: from}, nil
}

// Send implements notify.Sender. A mail that is written twice is one file.
func (f *folder) Send(_ context.Context, q notify.Queued) error {
	m, err := compose(q, f.from)
	if err != nil {
		return err
	}
	name := q.Mail.Created.UTC().Format("20060102T150405Z") + "-" + strings.Map(fileSafe, q.ID) + ".eml"
	path := filepath.Join(f.dir, name)
	part := path + ".part"
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write a mail into the folder: %w", err)
	}
	_, err = m.WriteTo(out)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return fmt.Errorf("write a mail into the folder: %w", err)
	}
	return nil
}

func fileSafe(r rune) rune {
	if r == '-' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return r
	}
	return '_'
}
