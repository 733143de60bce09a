package mail

import (
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"github.com/rollcall-id/rollcall/internal/notify"
)

// maxReferences is how many earlier mails of an incident a mail refers to: the first, which opens the thread, and the last ones.
const maxReferences = 10

// compose makes the message of a mail for its recipient.
func compose(q notify.Queued, from mail.Address) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(q.Recipient)
	if err != nil || to.Address != q.Recipient || strings.ContainsAny(q.Recipient, "\r\n") {
		return nil, fmt.Errorf("%w: %q is not an e-mail address", notify.ErrRefused, q.Recipient)
	}
	html, err := HTML(q.Mail)
	if err != nil {
		return nil, fmt.Errorf("write a mail: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(encoding(html)))
	m.FromMailAddress(&from)
	m.ToMailAddress(to)
	m.Subject(q.Mail.Subject)
	m.SetDateWithValue(q.Mail.Created)
	domain := from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	m.SetMessageIDWithValue(messageID(q.Mail, q.Mail.Turn, domain))
	if q.Mail.Turn > 1 {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+messageID(q.Mail, q.Mail.Turn-1, domain)+">")
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, references(q.Mail, domain))
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	if q.Mail.Digest() {
		m.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<mailto:"+from.Address+"?subject="+url.PathEscape("unsubscribe "+q.Recipient+" from "+
			q.Application)+">")
	}
	m.SetBodyString(gomail.TypeTextPlain, Plain(q.Mail))
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	return m, nil
}

// encoding is the one that makes less of the text: quoted-printable can be read as it is, and makes three bytes of each that is not ASCII.
func encoding(text string) gomail.Encoding {
	wide := 0
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf || text[i] == '=' {
			wide++
		}
	}
	if wide > len(text)/4 {
		return gomail.EncodingB64
	}
	return gomail.EncodingQP
}

// messageID is the same for every try of a mail, and for each of its recipients.
func messageID(m notify.Mail, turn int, domain string) string {
	return fmt.Sprintf("%s.%d@%s", m.Incident, turn, domain)
}

func references(m notify.Mail, domain string) string {
	ids := []string{"<" + messageID(m, 1, domain) + ">"}
	for turn := max(2, m.Turn-maxReferences+1); turn < m.Turn; turn++ {
		ids = append(ids, "<"+messageID(m, turn, domain)+">")
	}
	return strings.Join(ids, " ")
}
