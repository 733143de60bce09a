package expression_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/rollcall-id/rollcall/expression"
)

// testCase is one line of testdata/cases, whose README describes it.
type testCase struct {
	expression        string
	given             attributes
	want              expression.Value
	shows, like       *string // instead of want
	fails             *string
	ignored, redacted bool
}

const (
	leastCases            = 400
	leastCasesOfAFunction = 5
)

func TestCases(t *testing.T) {
	total, of := 0, map[string]int{}
	for _, file := range caseFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for i, line := range lines(t, file) {
				if line == "" || strings.HasPrefix(line, "# ") {
					continue
				}
				number := i + 1
				c, err := parseCase(line)
				if err != nil {
					t.Fatalf("%s:%d: %v", file, number, err)
				}
				total++
				for _, name := range called.FindAllStringSubmatch(c.expression, -1) {
					of[name[1]]++
				}
				if problem := c.run(t.Context()); problem != "" {
					t.Errorf("%s:%d: %s\n%s", file, number, line, problem)
				}
			}
		})
	}
	t.Logf("%d cases", total)
	if total < leastCases {
		t.Errorf("%d cases: at least %d are promised", total, leastCases)
	}
	for _, f := range expression.Functions() {
		if of[f.Name] < leastCasesOfAFunction {
			t.Errorf("%s is in %d cases: at least %d are promised", f.Name, of[f.Name], leastCasesOfAFunction)
		}
	}
}

var called = regexp.MustCompile(`(\w+) ?\(`)

func caseFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

func lines(t testing.TB, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(b), "\n")
}

// parseCase reads a line. The arrow before what is wanted is the last one, and that before the attributes the last one before it.
func parseCase(line string) (c testCase, err error) {
	at := strings.LastIndex(line, " → ")
	if at < 0 {
		return c, fmt.Errorf("no → in %s", line)
	}
	left, want := line[:at], strings.TrimSpace(line[at+len(" → "):])
	text, given, _ := strings.Cut(left, " ← ")
	c.expression = strings.NewReplacer("⏎", "\n", "⇥", "\t").Replace(text)
	c.given = attributes{}
	for given != "" {
		name, rest, found := strings.Cut(given, ": ")
		if !found {
			return c, fmt.Errorf("no colon in the attributes %s", given)
		}
		if c.given[strings.TrimSpace(name)], given, err = parseValue(rest); err != nil {
			return c, err
		}
		given = strings.TrimLeft(given, "; ")
	}
	return c, c.parseWant(want)
}

func (c *testCase) parseWant(want string) (err error) {
	want, c.redacted = strings.CutSuffix(want, " (redacted)")
	want, c.ignored = strings.CutSuffix(want, " (ignored)")
	kind, rest, _ := strings.Cut(want, " ")
	switch kind {
	case "error":
		c.fails = &rest
	case "like":
		c.like = &rest
	case "shows":
		v, _, err := parseValue(rest)
		c.shows = new(v.Text())
		return err
	case "null":
	default:
		c.want, rest, err = parseValue(want)
		if err == nil && rest != "" {
			err = fmt.Errorf("what is %s?", rest)
		}
	}
	return err
}

// parseValue reads a value and returns what follows it.
func parseValue(text string) (v expression.Value, rest string, err error) {
	var list []string
	for {
		var quoted string
		if quoted, err = strconv.QuotedPrefix(text); err != nil {
			break
		}
		unquoted, err := strconv.Unquote(quoted)
		if err != nil {
			return v, "", err
		}
		list = append(list, unquoted)
		text = text[len(quoted):]
		if text == "," {
			return expression.ListOf(list), "", nil
		}
		next, found := strings.CutPrefix(text, ", ")
		if !found || !strings.HasPrefix(next, `"`) && len(list) > 1 {
			break
		}
		if text = next; !strings.HasPrefix(text, `"`) {
			return v, "", fmt.Errorf("a text expected at %s", text)
		}
	}
	switch {
	case len(list) == 1:
		return expression.Str(list[0]), text, nil
	case len(list) > 1:
		return expression.ListOf(list), text, nil
	}
	word, rest, _ := strings.Cut(text, ";")
	if word == "True" || word == "False" {
		return expression.Boolean(word == "True"), rest, nil
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return expression.Int(n), rest, err
}

// run returns what is wrong.
func (c *testCase) run(ctx context.Context) string {
	p, err := expression.Compile(c.expression)
	var got expression.Value
	if err == nil {
		got, err = p.Eval(ctx, &expression.Env{
			Source: c.given,
			Now:    func() time.Time { return time.Date(2021, 7, 2, 15, 33, 38, 0, time.UTC) },
			Unique: func(_ context.Context, v string) (bool, error) {
				return v != "taken" && !strings.HasPrefix(v, "John.Smith@"), nil
			},
			DefaultDomain: "contoso.com",
		})
	}
	switch {
	case err != nil && c.fails != nil && strings.Contains(err.Error(), *c.fails):
		return ""
	case err != nil:
		return "got the error: " + err.Error()
	case c.fails != nil:
		return fmt.Sprintf("got %s %q; want an error", got.Kind(), got.List())
	case c.like != nil:
		matches, err := regexp2.MustCompile(*c.like, regexp2.None).MatchString(got.Text())
		if err != nil || !matches {
			return fmt.Sprintf("got %q, %v", got.Text(), err)
		}
		return ""
	case c.shows != nil && got.Text() != *c.shows:
		return fmt.Sprintf("got %q", got.Text())
	case c.shows == nil && (got.Kind() != c.want.Kind() || !slices.Equal(got.List(), c.want.List())):
		return fmt.Sprintf("got %s %q", got.Kind(), got.List())
	case got.IgnoreFlow() != c.ignored || got.Redacted() != c.redacted:
		return fmt.Sprintf("ignored %v, redacted %v", got.IgnoreFlow(), got.Redacted())
	}
	return ""
}
