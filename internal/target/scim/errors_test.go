package scim

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

func TestJudge(t *testing.T) {
	status := func(status int, scimType, detail string) *scimclient.Error {
		return &scimclient.Error{Op: "X /Users", Kind: scimclient.KindStatus, Status: status, ScimType: scimType, Detail: detail}
	}
	kind := func(k scimclient.Kind) *scimclient.Error {
		return &scimclient.Error{Op: "X /Users", Kind: k, Status: 200, Detail: "d"}
	}
	for _, tt := range []struct {
		doing doing
		err   *scimclient.Error
		code  string
		fatal bool
	}{
		{creating, status(409, "uniqueness", "taken"), conflict, false},
		{creating, status(400, "uniqueness", "taken"), conflict, false},
		{creating, status(400, "", "userName already exists"), conflict, false},
		{creating, status(422, "", "Email has been taken: must be unique"), conflict, false},
		{creating, status(400, "invalidValue", "userName is required"), mandatoryMissing, false},
		{creating, status(400, "invalidValue", "name.familyName can't be blank"), mandatoryMissing, false},
		{creating, status(400, "", "no seats left"), licenseLimitExceeded, false},
		{creating, status(402, "", "pay"), licenseLimitExceeded, false},
		{creating, status(400, "", "the domain x.org is not verified"), invalidDomain, false},
		{updating, status(400, "invalidPath", "what?"), attributeNotFound, false},
		{updating, status(400, "", "unknown attribute colour"), attributeNotFound, false},
		{updating, status(400, "", "roles accepts only one value"), onlyOneValue, false},
		{updating, status(400, "invalidValue", "nope"), unprocessable, false},
		{updating, status(422, "", "nope"), unprocessable, false},
		{updating, status(404, "", "gone"), invalidAnchor, false},
		{reading, status(410, "", "gone"), invalidAnchor, false},
		{creating, status(404, "", "gone"), incompatible, false},
		{updating, status(412, "", "changed"), entryConflict, false},
		{updating, status(429, "", "slow down"), tooManyRequests, false},
		{updating, kind(scimclient.KindPaused), tooManyRequests, false},
		{updating, status(401, "", "who?"), unauthorized, true},
		{updating, status(403, "", "no"), insufficientRights, false},
		{probing, status(403, "", "no"), insufficientRights, true},
		{updating, status(405, "", "no"), methodNotAllowed, false},
		{updating, status(501, "", "no"), notImplemented, false},
		{updating, status(500, "", "no"), internalServerError, false},
		{probing, status(503, "", "no"), internalServerError, false},
		{updating, status(504, "", "no"), timeout, false},
		{updating, status(408, "", "no"), timeout, false},
		{finding, kind(scimclient.KindListNotFound), incompatible, true},
		{probing, kind(scimclient.KindHTML), incompatible, true},
		{finding, kind(scimclient.KindFilterIgnored), incompatible, true},
		{updating, kind(scimclient.KindHTML), incompatible, false},
		{finding, kind(scimclient.KindTooLarge), incompatible, false},
		{probing, status(400, "invalidFilter", "no"), incompatible, true},
		{finding, status(400, "invalidFilter", "no"), incompatible, false},
		{reading, kind(scimclient.KindNetwork), protocolError, false},
		{reading, kind(scimclient.KindDNS), protocolError, false},
		{reading, kind(scimclient.KindTLS), protocolError, true},
		{reading, kind(scimclient.KindAddress), protocolError, true},
		{reading, kind(scimclient.KindTimeout), timeout, false},
		{reading, kind(scimclient.KindCancelled), internalError, false},
	} {
		tt.err.RetryAfter, tt.err.Ambiguous = 7, true
		got := targetErrorOf(tt.doing, tt.err)
		if got.Code != tt.code || got.Fatal != tt.fatal {
			t.Errorf("%v while %d: got %s, fatal %v; want %s, %v", tt.err, tt.doing, got.Code, got.Fatal, tt.code, tt.fatal)
		}
		if got.RetryAfter != 7 || !got.Ambiguous || got.Status != tt.err.Status || !strings.Contains(got.Detail, tt.err.Detail) || !errors.Is(got, error(tt.err)) {
			t.Errorf("%v: got %+v; want everything passed on", tt.err, got)
		}
	}
}

func TestTargetErrorOfOtherErrors(t *testing.T) {
	inner := &provisioning.TargetError{Code: conflict}
	if got := targetError(updating, inner); got != error(inner) {
		t.Errorf("got %v; want a TargetError to stay as it is", got)
	}
	if got := asTargetError(t, targetError(updating, errors.New("x"))); got.Code != internalError || got.Detail != "x" {
		t.Errorf("got %+v; want InternalError", got)
	}
}
