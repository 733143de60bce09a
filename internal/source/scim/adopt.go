package scim

import (
	"context"
	"errors"
	"net/http"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/scim"
)

// make creates an object, or makes a local one SCIM's where the organization's rule says so. What has the name counts before what has the address.
func (b Backend) make(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, attributes scim.Resource, members []string,
) (directory.Object, error) {
	if b.Link == organization.LinkEmail && rt.Name == directory.User {
		found, err := b.byAddress(ctx, w, attributes)
		if err != nil {
			return directory.Object{}, err
		}
		if found != nil {
			return b.adopt(ctx, w, rt, *found, attributes, members)
		}
	}
	o, err := w.Create(ctx, rt.Name, attributes, members)
	var taken *directory.TakenError // another value than the name: its holder is not whom the rule means
	if b.Link == organization.LinkNever || b.Link == "" || !errors.Is(err, fault.ErrConflict) || errors.As(err, &taken) {
		return o, err
	}
	name := directory.Object{Type: rt.Name, Attributes: attributes}.Name()
	holder, findErr := w.ObjectByName(ctx, b.Organization, rt.Name, name)
	if errors.Is(findErr, fault.ErrNotFound) {
		return o, err // gone meanwhile; the client's next try makes it
	}
	if findErr != nil {
		return o, findErr
	}
	return b.adopt(ctx, w, rt, holder, attributes, members)
}

// byAddress finds the one local user whose e-mail address is the userName or the address of the request, nil when none or several have it, or when somebody
// has the name itself.
func (b Backend) byAddress(ctx context.Context, w *directory.Writer, attributes scim.Resource) (*directory.Object, error) {
	in := directory.Object{Type: directory.User, Attributes: attributes}
	_, err := w.ObjectByName(ctx, b.Organization, directory.User, in.Name())
	if !errors.Is(err, fault.ErrNotFound) {
		return nil, err
	}
	found := map[string]directory.Object{}
	for _, address := range []string{in.Name(), in.Email()} {
		users, err := w.LocalByEmail(ctx, b.Organization, address)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			found[u.ID] = u
		}
	}
	if len(found) == 1 {
		for _, u := range found {
			return &u, nil
		}
	}
	return nil, nil
}

// adopt makes a local object SCIM's. Its name and its addresses, by which somebody signs in and gets mail, stay as they are: whoever can write them at the
// identity provider must not get at an account by one request (CVE-2022-1680). What the request does not mention stays too.
func (b Backend) adopt(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, found directory.Object, in scim.Resource, members []string,
) (directory.Object, error) {
	old, err := w.Touch(ctx, b.Organization, rt.Name, found.ID)
	if err != nil {
		return old, err
	}
	if !old.Live() || old.Owner != directory.OwnerLocal {
		return old, fault.Errorf(fault.ErrConflict, "%s %q is SCIM's already", rt.Name, old.Name()) // of another request at the same time, too
	}
	if !old.Active() {
		return old, scim.Errorf(http.StatusConflict, scim.Uniqueness, "the %s %q exists, was not made through SCIM and is switched off. Nobody is switched on by "+
			"linking: an administrator of the organization switches it on, or removes it", rt.Name, old.Name())
	}
	next, err := replaced(rt, old.Attributes, over(old.Attributes, without(in, "userName", "emails")))
	if err != nil {
		return old, err
	}
	o, err := w.Adopt(ctx, old, kept(rt, next))
	if err != nil {
		return o, err
	}
	if len(members) > 0 && rt.Name == directory.Group {
		if o, _, err = w.ChangeMembers(ctx, o, []scim.MemberOp{{Kind: scim.MemberReplaceAll, Values: members}}); err != nil {
			return o, err
		}
	}
	return o, b.protect(ctx, w, old, o)
}

// over lays the attributes of a request over those of a local object; of a complex attribute and of an extension, each part by itself.
func over(old, in scim.Resource) scim.Resource {
	out := without(old)
	for name, value := range in {
		out[name] = value
		parts, nested := value.(map[string]any)
		if before, _ := old[name].(map[string]any); nested && before != nil {
			out[name] = map[string]any(over(before, parts))
		}
	}
	return out
}

// taken says whose the name is that a request cannot have: a client can look up and update what is SCIM's, and nothing else.
func (b Backend) taken(ctx context.Context, rt *scim.ResourceType, attributes scim.Resource, err error) error {
	if !errors.Is(err, fault.ErrConflict) {
		return err
	}
	name := directory.Object{Type: rt.Name, Attributes: attributes}.Name()
	holder, findErr := b.store().ObjectByName(ctx, b.Organization, rt.Name, name)
	if findErr != nil || b.visible(holder) {
		return collision(rt, attributes, err)
	}
	return scim.Errorf(http.StatusConflict, scim.Uniqueness, "a %s %q exists that was not made through SCIM, and is not taken over. An administrator of the "+
		"organization allows it with `rollcall data-integration set … --link user-name`, or renames or removes that one", rt.Name, name)
}
