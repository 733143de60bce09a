package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

const linkColumns = "type, source_id, source_name, target_id, target_name, state, managed, written, updated"

func scanLink(rows *sql.Rows) (provisioning.Link, error) {
	var l provisioning.Link
	var written string
	var updated int64
	err := rows.Scan(&l.Type, &l.Source, &l.SourceName, &l.Target, &l.TargetName, &l.State, &l.Managed, &written, &updated)
	if err != nil {
		return l, err
	}
	l.Updated = fromMicros(updated)
	if l.Written, err = decodeWritten(written); err != nil {
		return l, fmt.Errorf("read the values written for %s %s: %w", l.Type, l.Source, err)
	}
	return l, nil
}

// decodeWritten reads the values of a link. Whole numbers come back as int64, as mappings make them, not as float64.
func decodeWritten(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		return nil, err
	}
	for k, v := range m {
		m[k] = wholeNumbers(v)
	}
	return m, nil
}

func wholeNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			if n, err := v.Int64(); err == nil {
				return n
			}
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		for i := range v {
			v[i] = wholeNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = wholeNumbers(v[k])
		}
	}
	return v
}

// Links implements provisioning.Links.
func (s *Store) Links(ctx context.Context, app, typ string, sources []string) (map[string]provisioning.Link, error) {
	list, err := idList(sources, maxIDs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]provisioning.Link, len(sources))
	if len(sources) == 0 {
		return out, nil
	}
	found, err := collect(ctx, s.q, scanLink, "select "+linkColumns+" from link where application_id = $1 and type = $2 and source_id in (select id from "+
		s.d.list(3)+" l)", app, typ, list)
	for _, l := range found {
		out[l.Source] = l
	}
	return out, s.d.fail("read links", err)
}

// ScanLinks implements provisioning.Links.
func (s *Store) ScanLinks(ctx context.Context, app, typ, after string, limit int) ([]provisioning.Link, error) {
	out, err := collect(ctx, s.q, scanLink, "select "+linkColumns+
		" from link where application_id = $1 and type = $2 and source_id > $3 order by source_id limit $4", app, typ, after, limit)
	return out, s.d.fail("read links", err)
}

// LinkByTarget implements provisioning.Links.
func (s *Store) LinkByTarget(ctx context.Context, app, typ, target string) (provisioning.Link, error) {
	found, err := collect(ctx, s.q, scanLink, "select "+linkColumns+
		" from link where application_id = $1 and type = $2 and target_id = $3 and target_id <> ''", app, typ, target)
	if err != nil {
		return provisioning.Link{}, s.d.fail("read a link", err)
	}
	if len(found) == 0 {
		return provisioning.Link{}, fault.Errorf(fault.ErrNotFound, "no %s is linked to the account with id %q at the target", typ, target)
	}
	return found[0], nil
}

// Escrows implements provisioning.Links.
func (s *Store) Escrows(ctx context.Context, app string) ([]provisioning.Escrow, error) {
	out, err := collect(ctx, s.q, func(rows *sql.Rows) (e provisioning.Escrow, err error) {
		var since, next int64
		err = rows.Scan(&e.Type, &e.Source, &e.Name, &since, &e.Attempts, &next, &e.Code, &e.Message, &e.Excluded, &e.Action)
		e.Since, e.Next = fromMicros(since), fromMicros(next)
		return e, err
	}, `select type, source_id, name, since, attempts, next, code, message, excluded, action from escrow where application_id = $1
		order by type, source_id`, app)
	return out, s.d.fail("read escrows", err)
}
