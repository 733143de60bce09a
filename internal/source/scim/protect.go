package scim

import (
	"context"
	"net/http"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// protect refuses a write that took the last administrator of the organization out of action: the user was switched off, deleted, or renamed so that nobody
// would know whose account it is. before and after are the user's states around the write; the zero Object stands for none. It runs after the write and in its
// transaction: an error undoes it.
//
// An administrator, who signs in by an e-mail address, can act while no user of the directory has that address or one who has it is active.
func (b Backend) protect(ctx context.Context, w *directory.Writer, before, after directory.Object) error {
	lost := except(addresses(before, true), addresses(after, true))
	off := except(addresses(after, false), addresses(before, false))
	if len(lost)+len(off) == 0 {
		return nil
	}
	administrators, err := w.AdministratorEmails(ctx, b.Organization, false)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(administrators, func(a string) bool { return slices.Contains(lost, a) || slices.Contains(off, a) })
	if at < 0 {
		return nil
	}
	name := administrators[at]
	// From here on, two writes about administrators run one after the other, so that each sees what the other one did.
	if administrators, err = w.AdministratorEmails(ctx, b.Organization, true); err != nil {
		return err
	}
	for _, a := range administrators {
		users, err := w.UsersByAddress(ctx, b.Organization, a)
		if err != nil {
			return err
		}
		stranger := len(users) == 0 && !slices.Contains(lost, a)
		if stranger || slices.ContainsFunc(users, func(u directory.Object) bool { return u.Live() && u.Active() }) {
			return nil
		}
	}
	return scim.Errorf(http.StatusForbidden, "", "%q is the last administrator of this organization who can act, and cannot be switched off, deleted or renamed "+
		"through SCIM. Make somebody else an administrator first (`rollcall organization add-administrator`), then try again", name)
}

// except returns the texts that are not among the others.
func except(texts, others []string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return slices.Contains(others, s) })
}

// addresses are the folded texts by which a user could be an administrator; none of a user who is not switched on, or off, as asked.
func addresses(o directory.Object, active bool) []string {
	if o.ID == "" || o.Type != directory.User || o.Active() != active {
		return nil
	}
	out := []string{scim.Fold(o.Name())}
	elements, _ := o.Attributes["emails"].([]any)
	for _, e := range elements {
		element, _ := e.(map[string]any)
		if value, _ := element["value"].(string); value != "" {
			out = append(out, scim.Fold(value))
		}
	}
	return out
}
