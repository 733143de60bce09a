package cli

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) mappingImport() *cobra.Command {
	var m mappingChange
	c := &cobra.Command{
		Use:   "import ORG NAME FILE [--plan] [--yes]",
		Short: "Replace the mapping by a Microsoft Graph synchronizationSchema; lists what cannot be honoured and the impact before it asks",
		Args:  cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			data, err := a.readInput(args[2], graphschema.MaxBytes)
			if err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				set, remarks, err := s.ImportMapping(ctx, app, data)
				a.showRemarks(remarks)
				if err != nil {
					return fault.Errorf(fault.ErrInvalid, "%s was not imported, and nothing was changed: %w", args[2], err)
				}
				m.remarks = remarks
				return a.changeMapping(ctx, s, app, set, "import of "+args[2], m)
			})
		},
	}
	m.flags(c)
	return a.jsonFlag(c)
}

// readInput reads a file, or standard input for "-".
func (a *app) readInput(name string, most int) ([]byte, error) {
	in := a.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fault.Errorf(fault.ErrInvalid, "cannot read the file: %w", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, int64(most)+1))
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "cannot read %s: %w", name, err)
	}
	if len(data) > most {
		return nil, fault.Errorf(fault.ErrInvalid, "%s is longer than %d bytes, which is the most that is allowed", name, most)
	}
	return data, nil
}

// showRemarks lists what of a document is not honoured.
func (a *app) showRemarks(remarks []graphschema.Remark) {
	if len(remarks) == 0 {
		return
	}
	a.note("What this document says and Rollcall does not do, or does otherwise:")
	for _, r := range remarks {
		a.note("  %s: %s: %s", r.Severity, r.Path, strings.ReplaceAll(r.Text, "\n", "\n    "))
	}
}
