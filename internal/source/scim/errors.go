package scim

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// explain turns the meaning of a directory's error into a SCIM error. What has no meaning for a client stays as it is and becomes a 500.
func explain(rt *scim.ResourceType, id string, err error) error {
	var e *scim.Error
	switch {
	case err == nil, errors.As(err, &e), errors.Is(err, fault.ErrConflict):
		return err
	case errors.Is(err, fault.ErrNotFound):
		return scimserver.NotFound(rt, id)
	case errors.Is(err, fault.ErrInvalid):
		return scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "%v", err)
	case errors.Is(err, fault.ErrPrecondition):
		return scim.Errorf(http.StatusPreconditionFailed, "", "%v", err)
	case errors.Is(err, fault.ErrFull), errors.Is(err, fault.ErrUnavailable):
		return unavailable(err, "the database of this service cannot take the request at the moment. Try again later")
	}
	return err
}

// unavailable is a 503 with a text for the client. The cause names files and servers: it is for the log.
func unavailable(cause error, text string) error {
	e := scim.Errorf(http.StatusServiceUnavailable, "", "%s", text)
	e.Cause = cause
	return e
}

// collision turns a taken name into 409 uniqueness. The message names the caller's own value and nothing of the object that holds it.
func collision(rt *scim.ResourceType, attributes scim.Resource, err error) error {
	if !errors.Is(err, fault.ErrConflict) {
		return err
	}
	var taken *directory.TakenError
	switch {
	case errors.As(err, &taken) && taken.Value.Secret:
		return scim.Errorf(http.StatusConflict, scim.Uniqueness, "%v", taken)
	case errors.As(err, &taken):
		return scimserver.Conflict(rt, taken.Value.Path, fmt.Sprint(taken.Value.Value))
	case !directory.Standard(rt.Name):
		return scim.Errorf(http.StatusConflict, scim.Uniqueness, "%v", err)
	}
	name := "userName"
	if rt.Name == directory.Group {
		name = "displayName"
	}
	value, _ := attributes[name].(string)
	return scimserver.Conflict(rt, name, value)
}
