package requirements

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Level says how binding a requirement is.
type Level string

// The levels of RFC 2119, and Spec for what this library decided beyond the RFCs.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
	Spec   Level = "SPEC"
)

var levels = []Level{Must, Should, May, Spec}

// Requirement is one thing that holds, and how we know.
type Requirement struct {
	ID     string `json:"id"`     // stable: never given to another requirement
	Source string `json:"source"` // document and section
	Level  Level  `json:"level"`
	Text   string `json:"text"`

	// Tests prove it: "suite/Area/name[/case]" of the conformance suite, or "directory.TestName[/case]".
	Tests []string `json:"tests,omitempty"`
	Open  string   `json:"open,omitempty"` // why nothing proves it yet, or what is missing
	Moot  string   `json:"moot,omitempty"` // why it cannot be broken here
}

// Proven reports whether tests show that the requirement holds, in full.
func (r Requirement) Proven() bool { return len(r.Tests) > 0 && r.Open == "" }

// Area is a group of requirements that come from one document.
type Area struct {
	Name         string        `json:"name"`
	Requirements []Requirement `json:"requirements"`
}

//go:embed data/*.json
var data embed.FS

// order is how areas are shown.
var order = []string{"rfc7643", "rfc7644", "rfc9865", "rules", "lessons", "suites", "limits"}

// Load returns all requirements. What is wrong with them is an error: the data are part of the program.
func Load() ([]Area, error) {
	seen := map[string]bool{}
	areas := make([]Area, 0, len(order))
	for _, name := range order {
		content, err := data.ReadFile(path.Join("data", name+".json"))
		if err != nil {
			return nil, fmt.Errorf("reading the requirements: %w", err)
		}
		area, err := parse(content, seen)
		if err != nil {
			return nil, fmt.Errorf("data/%s.json: %w", name, err)
		}
		areas = append(areas, area)
	}
	return areas, nil
}

func parse(content []byte, seen map[string]bool) (Area, error) {
	var area Area
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&area); err != nil {
		return area, fmt.Errorf("this is not an area of requirements: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return area, errors.New("something follows the area; expected nothing")
	}
	for _, r := range area.Requirements {
		if err := r.check(); err != nil {
			return area, fmt.Errorf("requirement %q: %w", r.ID, err)
		}
		if seen[r.ID] {
			return area, fmt.Errorf("requirement %q is there twice; an id belongs to one requirement for ever", r.ID)
		}
		seen[r.ID] = true
	}
	return area, nil
}

func (r Requirement) check() error {
	switch {
	case r.ID == "" || r.Source == "" || r.Text == "":
		return errors.New("id, source and text are needed")
	case !slices.Contains(levels, r.Level):
		return fmt.Errorf("level is %q; expected one of %v", r.Level, levels)
	case strings.ContainsAny(r.ID+r.Source+r.Text+r.Open+r.Moot, "|\n"):
		return errors.New("a bar or a line break would break the table")
	case r.Moot != "" && (r.Open != "" || len(r.Tests) > 0):
		return errors.New("what is moot has no tests and is not open")
	case r.Moot == "" && r.Open == "" && len(r.Tests) == 0:
		return errors.New("no test proves it; name one, or say in open why there is none")
	}
	return nil
}
