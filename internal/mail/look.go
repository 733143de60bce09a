package mail

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/rollcall-id/rollcall/internal/notify"
)

// Plain is the mail as text, without its headers.
func Plain(m notify.Mail) string {
	var b strings.Builder
	b.WriteString(m.Impact + "\n")
	width := 0
	for _, f := range m.Facts {
		width = max(width, len([]rune(f.Name)))
	}
	if len(m.Facts) > 0 {
		b.WriteString("\n")
	}
	for _, f := range m.Facts {
		fmt.Fprintf(&b, "%-*s  %s\n", width+1, f.Name+":", f.Value)
	}
	for _, l := range m.Lists {
		b.WriteString("\n" + l.Heading + "\n")
		for _, line := range l.Lines {
			b.WriteString("  * " + line + "\n")
		}
		if l.More > 0 {
			fmt.Fprintf(&b, "  and %d more\n", l.More)
		}
	}
	for _, s := range m.Steps {
		b.WriteString("\n" + s.Text + "\n")
		if s.Command != "" {
			b.WriteString("  " + s.Command + "\n")
		}
	}
	b.WriteString("\n-- \n" + m.Why + "\n")
	return b.String()
}

// page uses no colours of its own for text and background, no pictures and nothing from elsewhere: a reader's light or dark is what it is read in.
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{.Subject}}</title>
<style>:root{color-scheme:light dark}</style>
</head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:1em auto;padding:0 1em">
<p style="font-weight:600;border-left:4px solid #b8860b;padding-left:.75em">{{.Impact}}</p>
{{- if .Facts}}
<table role="presentation" style="border-collapse:collapse">
{{- range .Facts}}
<tr><td style="padding:.15em 1em .15em 0;vertical-align:top;white-space:nowrap">{{.Name}}</td><td style="padding:.15em 0">{{.Value}}</td></tr>
{{- end}}
</table>
{{- end}}
{{- range .Lists}}
<h2 style="font-size:1em;margin:1.2em 0 .3em">{{.Heading}}</h2>
<ul style="margin:0;padding-left:1.4em">
{{- range .Lines}}
<li>{{.}}</li>
{{- end}}
</ul>
{{- if .More}}
<p style="margin:.3em 0 0 1.4em">and {{.More}} more</p>
{{- end}}
{{- end}}
{{- range .Steps}}
<p style="margin:1.2em 0 .3em">{{.Text}}</p>
{{- if .Command}}
<pre style="margin:0;padding:.5em .75em;border:1px solid #888;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere">{{.Command}}</pre>
{{- end}}
{{- end}}
<p style="margin-top:2em;padding-top:.5em;border-top:1px solid #888;font-size:.85em">{{.Why}}</p>
</body>
</html>
`

// HTML is the mail as a page.
func HTML(m notify.Mail) (string, error) {
	t, err := template.New("mail").Parse(page)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, m)
	return b.String(), err
}
