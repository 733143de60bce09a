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
func (t *Target) Survey(ctx context.Context, typ string, paths []string, most int, each func(values [][]string)) (complete bool, err error) {
	schemas := t.client.Schemas(typ)
	parsed := make([]*scimclient.Path, len(paths))
	for i, p := range paths {
		if parsed[i], err = schemas.ParsePath(p); err != nil {
			return false, mappingError(err)
		}
	}
	q := scimclient.Query{Excluded: unread(typ), PageSize: surveyPage}
	values := make([][]string, len(paths))
	complete, err = t.client.Survey(ctx, typ, q, most, func(r scim.Resource) {
		for i, p := range parsed {
			values[i] = p.Texts(r)
		}
		each(values)
	})
	if err != nil {
		return false, targetError(reading, err)
	}
	return complete, nil
}
