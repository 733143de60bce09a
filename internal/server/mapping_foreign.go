package server

import (
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// ForeignToEntra lists what Entra would refuse of the application's exported mapping. Empty: nothing that is known.
func ForeignToEntra(app application.Application) ([]string, error) {
	var out []string
	for i := range app.Mapping.Objects {
		m := &app.Mapping.Objects[i]
		f, err := scope.Compile(m.Scope)
		if err != nil {
			return nil, fmt.Errorf("scoping filter of %q: %w", m.Name, err)
		}
		for _, remark := range f.Foreign() {
			out = append(out, fmt.Sprintf("scoping filter of %q: %s", m.Name, remark))
		}
	}
	return out, nil
}
