package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
)

// exportLog writes the selected records, one after the other as they are read, to a file that is there as a whole or not at all, or to standard output.
func (a *app) exportLog(ctx context.Context, s *server.System, f logFlags, systems record.Systems) error {
	n := 0
	write := func(w io.Writer) (err error) {
		out := bufio.NewWriter(w)
		if n, err = exportTo(ctx, out, s, f, systems); err != nil {
			return err
		}
		return out.Flush()
	}
	if f.output == "" {
		return write(a.Out)
	}
	if err := replaceFileWith(f.output, write); err != nil {
		return err
	}
	if a.json {
		a.printJSON(map[string]any{"records": n, "file": f.output})
		return nil
	}
	a.say("%d records are in %s.", n, f.output)
	return nil
}

func exportTo(ctx context.Context, w io.Writer, s *server.System, f logFlags, systems record.Systems) (n int, err error) {
	if f.export == "jsonl" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		err = eachRecord(ctx, s, &f.query, func(r record.Record) error {
			n++
			return enc.Encode(systems.Detail(r))
		})
		return n, err
	}
	table, err := record.NewCSV(w)
	if err != nil {
		return 0, err
	}
	err = eachRecord(ctx, s, &f.query, func(r record.Record) error {
		n++
		return table.Write(systems.Detail(r))
	})
	if err != nil {
		return n, err
	}
	return n, table.Flush()
}
