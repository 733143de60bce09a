package provisioning

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/record"
)

// HeldAction is one deprovisioning that waits for a decision.
type HeldAction struct {
	Kind   string          `json:"kind"`   // user or group
	Action record.Action   `json:"action"` // disable or delete
	Source record.Identity `json:"source"`
	Target record.Identity `json:"target"`
	Reason string          `json:"reason"`
	Since  time.Time       `json:"since"` // when it was held first
}

// HeldActions lists what waits for a decision, one by one: people before groups, deletions before what can be undone, then by name.
func (e *Engine) HeldActions(ctx context.Context, app application.Application) ([]HeldAction, error) {
	list, err := e.staged(ctx, app)
	if err != nil {
		return nil, err
	}
	accounts := map[Key]record.Identity{}
	for _, typ := range []string{directory.User, directory.Group} {
		if err := e.accountsOf(ctx, app, typ, list, accounts); err != nil {
			return nil, err
		}
	}
	out := make([]HeldAction, len(list))
	for i, x := range list {
		out[i] = HeldAction{
			Kind: kindOf(x.Type), Action: x.Action, Source: record.Identity{ID: x.Source, Name: x.Name}, Target: accounts[Key{x.Type, x.Source}],
			Reason: x.Message, Since: x.Since,
		}
	}
	slices.SortStableFunc(out, func(a, b HeldAction) int {
		return cmp.Or(cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Source.Name, b.Source.Name))
	})
	return out, nil
}

// accountsOf adds the accounts of the escrowed objects of a type.
func (e *Engine) accountsOf(ctx context.Context, app application.Application, typ string, list []Escrow, accounts map[Key]record.Identity) error {
	var ids []string
	for _, x := range list {
		if x.Type == typ {
			ids = append(ids, x.Source)
		}
	}
	for chunk := range slices.Chunk(ids, 2*pageSize) {
		links, err := e.Store.Links(ctx, app.ID, typ, chunk)
		if err != nil {
			return fmt.Errorf("read the links: %w", err)
		}
		for id, l := range links {
			accounts[Key{typ, id}] = record.Identity{ID: l.Target, Name: l.TargetName}
		}
	}
	return nil
}
