package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The limits of what a mail holds, in characters and lines: whatever comes from a directory or a target is cut, so that a mail stays under 100 kB.
const (
	maxSubject = 200
	maxName    = 60
	maxMessage = 240
	maxLine    = 120 // of a message in a list
	maxNames   = 10
	maxCodes   = 10
	perCode    = 3
)

func quarantined(c Cycle, q Quarantine, again bool) Mail {
	subject := fmt.Sprintf("Provisioning to %s is quarantined: %s", c.Application, reason(q))
	impact := fmt.Sprintf("Nobody is created, changed or disabled in %s until this is mended.", c.Application)
	if again {
		impact += " The job was in quarantine already; the reason is another one now."
	}
	facts := []Fact{
		{"Reason", clean(q.Message, maxMessage)}, {"Error code", q.Code}, {"Since", moment(q.Began)},
		{"Next try", moment(q.Next)}, {"Cycle", c.ID},
	}
	if q.Next.IsZero() {
		subject = fmt.Sprintf("Provisioning to %s was given up: four weeks in quarantine (%s)", c.Application, reason(q))
		impact = fmt.Sprintf("Nobody is created, changed or disabled in %s any more: the quarantine lasted for four weeks, and nothing is tried until somebody "+
			"starts provisioning again.", c.Application)
		facts[3].Value = "none, until it is started again"
	}
	var steps []Step
	if credentials(q.Code) {
		steps = append(steps, Step{"Make a new secret token at the application, and connect with it; the token comes on standard input:",
			c.command("app connect", "--tenant-url URL --secret-stdin")})
	} else {
		steps = append(steps, Step{"See what failed, and why:", c.command("app log", "--status failure")})
	}
	steps = append(steps, Step{"When the cause is mended, start provisioning again, or wait for the next try:", c.command("app start", "")})
	return Mail{Kind: Quarantined, Subject: subject, Impact: impact, Facts: facts, Steps: steps}
}

// credentials tells error codes that say the application refuses us.
func credentials(code string) bool { return code == "Unauthorized" || code == "InsufficientRights" }

// reason is why a job is in quarantine, in a few words.
func reason(q Quarantine) string {
	switch q.Code {
	case "Unauthorized":
		return "invalid credentials"
	case "InsufficientRights":
		return "the credentials lack rights"
	case "TooManyFailures":
		return "too many failures"
	case "SystemForCrossDomainIdentityManagementServiceIncompatible":
		return "the application does not answer as SCIM requires"
	case "WebExceptionProtocolError":
		return "no safe connection to the application"
	case "MethodNotAllowed", "NotImplemented":
		return "the application does not offer what is needed"
	}
	return cmp.Or(clean(q.Code, maxName), q.Reason)
}

func recovered(c Cycle, t Thread) Mail {
	return Mail{
		Kind: Recovered, Subject: fmt.Sprintf("Provisioning to %s works again", c.Application),
		Impact: fmt.Sprintf("People are created, changed and disabled in %s again; what waited was done, or is done in the next cycles.", c.Application),
		Facts: []Fact{
			{"In quarantine since", moment(t.Since)}, {"Recovered", moment(c.Now)}, {"Cycle", c.ID},
		},
	}
}

func held(c Cycle, h HeldBack, reminder bool) Mail {
	subject := fmt.Sprintf("%s to %s wait for your decision", count(h.Count, "deletion"), c.Application)
	impact := fmt.Sprintf("%s in %s would be disabled or deleted, more than the %d that you allow in one cycle. None of them was touched; everybody else is "+
		"provisioned as always.", count(h.Count, "account"), c.Application, h.Threshold)
	if reminder {
		subject = "Reminder: " + subject
		impact = "Nobody has decided yet. " + impact
	}
	m := Mail{
		Kind: Held, Subject: subject, Impact: impact,
		Facts: []Fact{{"Held back", strconv.Itoa(h.Count)}, {"Threshold", strconv.Itoa(h.Threshold)}, {"Cycle", c.ID}},
		Steps: []Step{
			{"Look at each of them, with the reason:", c.command("app log", "--status skipped --cycle "+quote(c.ID))},
			{"If it is a mistake, undo the cause (assign again, restore, correct the filter or the import), or keep these accounts as they are:",
				c.command("app decide", "--reject-deletes")},
			{"If all of it is right, let the next cycle carry it out:", c.command("app decide", "--allow-deletes")},
		},
	}
	if len(h.Names) > 0 {
		l := List{Heading: "For example", More: max(0, h.Count-min(len(h.Names), maxNames))}
		for _, name := range h.Names[:min(len(h.Names), maxNames)] {
			l.Lines = append(l.Lines, clean(name, maxName))
		}
		m.Lists = []List{l}
	}
	return m
}

// digest groups what fails by error code, most first.
func digest(c Cycle, since time.Time) Mail {
	m := Mail{
		Kind:   Failures,
		Facts:  []Fact{{"Failing since", moment(since)}, {"Cycle", c.ID}},
		Steps:  []Step{{"See each failure with its reason:", c.command("app log", "--status failure")}},
		Impact: fmt.Sprintf("%s not in %s as the directory says; each is tried again by itself.", were(len(c.Failing)), c.Application),
	}
	m.Subject = fmt.Sprintf("%s could not be provisioned to %s", count(len(c.Failing), "object"), c.Application)
	if len(c.Failing) == 0 {
		m.Subject = fmt.Sprintf("Provisioning to %s does not get on", c.Application)
		m.Impact = fmt.Sprintf("Changes of the directory do not reach %s at the moment; each scheduled cycle tries again.", c.Application)
	}
	if c.Broken != "" {
		m.Facts = append(m.Facts, Fact{"The last cycle", clean(c.Broken, maxMessage)})
	}
	codes := byCode(c.Failing)
	for _, g := range codes[:min(len(codes), maxCodes)] {
		l := List{Heading: fmt.Sprintf("%s: %d", cmp.Or(clean(g[0].Code, maxName), "no code"), len(g)), More: max(0, len(g)-perCode)}
		for _, f := range g[:min(len(g), perCode)] {
			l.Lines = append(l.Lines, clean(f.Name, maxName)+": "+clean(f.Message, maxLine))
		}
		m.Lists = append(m.Lists, l)
	}
	if more := len(codes) - maxCodes; more > 0 {
		m.Facts = append(m.Facts, Fact{"Other error codes", strconv.Itoa(more)})
	}
	return m
}

func were(n int) string {
	if n == 1 {
		return "One person or group is"
	}
	return fmt.Sprintf("%d people and groups are", n)
}

func byCode(failing []Failing) [][]Failing {
	groups := map[string][]Failing{}
	for _, f := range failing {
		groups[f.Code] = append(groups[f.Code], f)
	}
	out := make([][]Failing, 0, len(groups))
	for _, g := range groups {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b []Failing) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0].Code, b[0].Code))
	})
	return out
}

func why(c Cycle, m Mail) string {
	text := fmt.Sprintf("You get this because your address is a notification address of %s. Change who is told with: %s", c.Application,
		c.command("app set", "notification-email=A,B"))
	if m.Digest() {
		text += fmt.Sprintf(". Digests come at most daily; end them with: %s", c.command("app set", "notify-on-failure=off"))
	}
	return text
}

// Trial is the mail of `rollcall mail test`.
func Trial(to, id string, now time.Time) Mail {
	return Mail{
		Kind: Test, Incident: id, Turn: 1, Created: now, To: []string{to}, Subject: "Rollcall can send mails",
		Impact: "Nothing happened: somebody ran `rollcall mail test` to see this mail arrive.", Facts: []Fact{{"Sent", moment(now)}},
		Why: "You get this because your address was named on the command line.",
	}
}

// command is a command about the application.
func (c Cycle) command(verb, rest string) string {
	return strings.TrimSpace("rollcall " + verb + " " + quote(c.Slug) + " " + quote(c.name) + " " + rest)
}

// quote makes one word of a text for a shell.
func quote(text string) string {
	text = clean(text, maxSubject)
	plain := text != "" && strings.IndexFunc(text, func(r rune) bool {
		return !(r == '-' || r == '_' || r == '.' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
	}) < 0
	if plain {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// clean makes one line of a text that somebody else wrote: no control characters, nothing that turns the direction of reading, at most limit characters.
func clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return text
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
