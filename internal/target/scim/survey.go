package scim

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// surveyPage is how many entries are asked for at once. A service that gives fewer is read on from there.
const surveyPage = 500

var _ provisioning.Surveyor = (*Target)(nil)

// Survey implements provisioning.Surveyor. Members of groups are not read.
func (t *Target) Survey(ctx context.Context, typ string, most int, each func(provisioning.Entry)) (complete bool, err error) {
	q := scimclient.Query{Excluded: unread(typ), PageSize: surveyPage}
	complete, err = t.client.Survey(ctx, typ, q, most, func(r scim.Resource) { each(entry(typ, r)) })
	if err != nil {
		return false, targetError(reading, err)
	}
	return complete, nil
}
