package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) mappingExport() *cobra.Command {
	c := &cobra.Command{
		Use: "export ORG NAME [FILE]", Short: "Write the mapping as a Microsoft Graph synchronizationSchema, to a file or standard output",
		Args: cobra.RangeArgs(2, 3),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				doc, err := s.ExportMapping(ctx, app)
				if err != nil {
					return err
				}
				foreign, err := server.ForeignToEntra(app)
				if err != nil {
					return err
				}
				for _, remark := range foreign {
					a.note("Entra will not take this: %s.", remark)
				}
				if len(args) == 2 || args[2] == "-" {
					a.printed = true
					if _, err := a.Out.Write(doc); err != nil {
						return fmt.Errorf("write the mapping: %w", err)
					}
					return nil
				}
				if err := replaceFile(args[2], doc); err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{"application": app.Name, "file": args[2], "bytes": len(doc), "foreign": list(foreign)})
					return nil
				}
				a.say("The mapping of %s is in %s.", app.Name, args[2])
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

// replaceFile writes a file as a whole or not at all: whoever reads it meanwhile sees the old one or the new one. A file that was there keeps its mode.
func replaceFile(path string, data []byte) error {
	return replaceFileWith(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// replaceFileWith is replaceFile for what is written bit by bit.
func replaceFileWith(path string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fault.Errorf(fault.ErrInvalid, "cannot write the file: %w", err)
		}
	}()
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is there and not a regular file", path)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".rollcall-export-*")
	if err != nil {
		return err
	}
	err = write(f)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
