package provisioning

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// Values that the mapping marks with Redact() go to the target and are stored nowhere. Of what was written, a link keeps a keyed hash, so that the next
// cycle sees whether it changed; records, failures and quarantines have the values cut out of every text, because targets repeat them in their errors.

// concealer makes the hashes of one application's values.
type concealer struct {
	key []byte // empty: nothing is remembered, and every cycle writes the values again
	app string
}

// concealed is how a hash is told from a value, and how long its hexadecimal digits are.
const (
	concealed       = redacted + " "
	concealedDigits = 32
)

func isConcealed(v any) bool {
	s, ok := v.(string)
	return ok && len(s) == len(concealed)+concealedDigits && strings.HasPrefix(s, concealed)
}

// hide replaces values by their hashes, the elements of a list one by one. Equal values in the sense of the row have one hash.
func (c concealer) hide(v any, m *mapping.AttributeMapping) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = c.hide(e, m)
		}
		return out
	case []string:
		return c.hide(elements(v), m)
	}
	if isConcealed(v) {
		return v
	}
	if len(c.key) == 0 {
		return concealed + strings.Repeat("0", concealedDigits)
	}
	mac := hmac.New(sha256.New, c.key)
	fmt.Fprintf(mac, "%s\x00%s\x00%s", c.app, m.Target, canonical(v, m))
	return concealed + hex.EncodeToString(mac.Sum(nil))[:concealedDigits]
}

// show replaces the hashes of values that are known by the values. A hash of anything else stays, and differs from every value.
func (c concealer) show(v any, known []any, m *mapping.AttributeMapping) any {
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = c.show(e, known, m)
		}
		return out
	}
	if !isConcealed(v) || len(c.key) == 0 {
		return v
	}
	for _, k := range known {
		if c.hide(k, m) == v {
			return k
		}
	}
	return v
}

// secretRows are the rows whose values are concealed, by target path. What active is, and whose account a reference names, has to be known.
func secretRows(compiled *mapping.Compiled) map[string]*mapping.AttributeMapping {
	out := map[string]*mapping.AttributeMapping{}
	for _, m := range compiled.Redacting() {
		if !isActive(m.Target) && m.Type != mapping.Reference {
			out[m.Target] = m
		}
	}
	return out
}

// conceal is what is stored of the values written.
func (r *rules) conceal(written map[string]any) map[string]any {
	if len(r.secret) == 0 {
		return written
	}
	out := maps.Clone(written)
	for path, m := range r.secret {
		if v, ok := out[path]; ok {
			out[path] = r.concealer.hide(v, m)
		}
	}
	return out
}

// secretName reports whether the name of accounts is a value that is not stored.
func (r *rules) secretName() bool {
	name := "userName"
	if r.mapping.Target == "Group" {
		name = "displayName"
	}
	for path := range r.secret {
		if strings.EqualFold(path, name) {
			return true
		}
	}
	return false
}

// reveal puts the values that the mapping gives now in place of their hashes: whatever else was written differs from them.
func (it *item) reveal() {
	if len(it.rules.secret) == 0 {
		return
	}
	for _, values := range [][]mapping.Value{it.Updating, it.Creating} {
		for i := range values {
			if _, secret := it.rules.secret[values[i].Path]; secret {
				it.hush(values[i].Value, values[i].Default)
			}
		}
	}
	if it.Link == nil {
		return
	}
	link := *it.Link
	it.stored, link.Written = link.Written, maps.Clone(link.Written)
	for i := range it.Updating {
		v := &it.Updating[i]
		if m := it.rules.secret[v.Path]; m != nil {
			if old, ok := link.Written[v.Path]; ok {
				link.Written[v.Path] = it.rules.concealer.show(old, append(elements(v.Value), elements(v.Default)...), m)
			}
		}
	}
	it.Link = &link
}

// hush remembers values that no text may show.
func (it *item) hush(values ...any) {
	for _, v := range values {
		for _, e := range elements(v) {
			if isEmpty(e) || isConcealed(e) {
				continue
			}
			if s := strings.ToValidUTF8(text(e), ""); s != "" && !slices.Contains(it.secrets, s) {
				it.secrets = append(it.secrets, s)
			}
		}
	}
}

// hushEntry remembers the secret values of the account.
func (it *item) hushEntry() {
	for path := range it.rules.secret {
		it.hush(it.Target.Values[path])
	}
}

// shortSecret is the length below which a value is only cut out where it stands in quotes: a text is full of single letters.
const shortSecret = 3

// scrub cuts the object's secret values out of a text.
func (it *item) scrub(s string) string {
	if len(it.secrets) == 0 || s == "" {
		return s
	}
	var patterns []string
	for _, secret := range it.secrets {
		for _, form := range []string{secret, escaped(secret, false), escaped(secret, true)} {
			if p := regexp.QuoteMeta(form); len(form) < shortSecret {
				patterns = append(patterns, `"`+p+`"`, `'`+p+`'`)
			} else {
				patterns = append(patterns, p)
			}
		}
	}
	slices.SortFunc(patterns, func(a, b string) int { return len(b) - len(a) }) // a secret may be part of another one
	found, err := regexp.Compile("(?i)" + strings.Join(patterns, "|"))
	if err != nil {
		return redacted // rather nothing than a secret
	}
	return found.ReplaceAllString(s, redacted)
}

// escaped is a value as it stands in JSON and Go strings, or in the query of an address.
func escaped(s string, query bool) string {
	if !query {
		q := fmt.Sprintf("%q", s)
		return q[1 : len(q)-1]
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// scrubbed is an error of the target without secret values; any other error as it is.
func (it *item) scrubbed(err error) error {
	var t *TargetError
	if len(it.secrets) == 0 || !errors.As(err, &t) {
		return err
	}
	if errors.Is(err, fault.ErrUnavailable) { // what ends the cycle, around the target's error
		return fault.Errorf(fault.ErrUnavailable, "%s", it.scrub(err.Error()))
	}
	return it.clean(t)
}

// clean is a copy of the target's error without secret values.
func (it *item) clean(t *TargetError) *TargetError {
	clean := *t
	clean.Detail = it.scrub(t.Detail)
	if t.Err != nil {
		clean.Err = errors.New(it.scrub(t.Err.Error()))
	}
	return &clean
}
