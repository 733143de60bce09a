package scim

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Error codes of the provisioning log that a SCIM service can cause (spec/entra-provisioning.md section 8.8).
const (
	conflict             = "Conflict"
	entryConflict        = "EntryConflict"
	tooManyRequests      = "TooManyRequests"
	internalServerError  = "InternalServerError"
	insufficientRights   = "InsufficientRights"
	methodNotAllowed     = "MethodNotAllowed"
	unauthorized         = "Unauthorized"
	unprocessable        = "UnprocessableEntity"
	protocolError        = "WebExceptionProtocolError"
	invalidAnchor        = "InvalidAnchor"
	notImplemented       = "NotImplemented"
	mandatoryMissing     = "MandatoryFieldsMissing"
	attributeNotFound    = "SchemaAttributeNotFound"
	internalError        = "InternalError"
	invalidDomain        = "InvalidDomain"
	timeout              = "Timeout"
	licenseLimitExceeded = "LicenseLimitExceeded"
	onlyOneValue         = "SchemaPropertyCanOnlyAcceptValue"
	incompatible         = "SystemForCrossDomainIdentityManagementServiceIncompatible"
)

// doing is what was being done when an error came: the same answer means different things.
type doing int

const (
	probing doing = iota
	finding
	reading
	creating
	updating
	deleting
)

const allowAddress = "if that is where the service is, allow it with --allow-address"

// targetError judges what the client reports.
func targetError(d doing, err error) error {
	e, ok := errors.AsType[*scimclient.Error](err)
	if !ok {
		if t, ok := errors.AsType[*provisioning.TargetError](err); ok {
			return t
		}
		return &provisioning.TargetError{Code: internalError, Detail: err.Error(), Err: err}
	}
	return targetErrorOf(d, e)
}

func targetErrorOf(d doing, e *scimclient.Error) *provisioning.TargetError {
	code, advice := judge(d, e)
	detail := e.Detail
	if advice != "" {
		detail += " — " + advice
	}
	return &provisioning.TargetError{Code: code, Status: e.Status, Detail: e.Op + ": " + detail, RetryAfter: e.RetryAfter, Ambiguous: e.Ambiguous,
		Paused: e.Paused, Fatal: fatal(d, e, code), Err: e}
}

// mappingError is for a target path that cannot be used: the mapping is wrong, whatever the service.
func mappingError(err error) error {
	return &provisioning.TargetError{Code: attributeNotFound, Detail: err.Error() + " — correct the attribute mapping", Err: err}
}

// fatal reports failures that no object would be spared (spec/entra-provisioning.md section 1.8): refused credentials wherever they are met; answers
// that are not SCIM where a list was asked for; everything else of the kind only in the probe, because a firewall or a single value may be behind it.
func fatal(d doing, e *scimclient.Error, code string) bool {
	switch {
	case e.Status == http.StatusUnauthorized, e.Kind == scimclient.KindTLS, e.Kind == scimclient.KindAddress:
		return true
	case d == probing:
		return e.Incompatible() || code == incompatible || code == insufficientRights || code == methodNotAllowed || code == notImplemented
	case d == finding:
		return e.Incompatible() && e.Kind != scimclient.KindTooLarge
	}
	return false
}

// judge finds the code, and what a person can do beyond what the service said.
func judge(d doing, e *scimclient.Error) (code, advice string) {
	switch e.Kind {
	case scimclient.KindTimeout:
		return timeout, "the service was too slow; it is tried again"
	case scimclient.KindNetwork, scimclient.KindDNS:
		return protocolError, ""
	case scimclient.KindTLS:
		return protocolError, "`rollcall app test` says what is wrong with the certificate and what to do"
	case scimclient.KindAddress:
		return protocolError, allowAddress
	case scimclient.KindCancelled, scimclient.KindRequest:
		return internalError, ""
	case scimclient.KindPaused:
		return tooManyRequests, ""
	case scimclient.KindStatus:
		return judgeStatus(d, e)
	}
	return incompatible, ""
}

func judgeStatus(d doing, e *scimclient.Error) (code, advice string) {
	switch e.Status {
	case http.StatusUnauthorized:
		return unauthorized, "the secret token was refused: it may have expired or been revoked; connect the application again with a new one"
	case http.StatusForbidden:
		return insufficientRights, "the secret token is known, but not allowed to do this: check its rights at the application"
	case http.StatusNotFound, http.StatusGone:
		if d == creating || d == probing || d == finding {
			return incompatible, "check the path of the tenant URL"
		}
		return invalidAnchor, "the account no longer exists at the application; it is matched or created again"
	case http.StatusMethodNotAllowed:
		return methodNotAllowed, "the application does not offer this operation"
	case http.StatusConflict:
		return conflict, "another account at the application has one of these values: correct it there or at the source, or check the matching attribute"
	case http.StatusPreconditionFailed:
		return entryConflict, "somebody else keeps changing the same entry; it is tried again"
	case http.StatusTooManyRequests:
		return tooManyRequests, "the application limits requests: lower rate-limit, or ask its vendor for more"
	case http.StatusPaymentRequired:
		return licenseLimitExceeded, "the application has no free licence"
	case http.StatusNotImplemented:
		return notImplemented, "the application does not offer this operation; ask its vendor"
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return timeout, "the service was too slow; it is tried again"
	}
	if e.Status >= 500 {
		return internalServerError, "the application failed by itself; it is tried again, and its vendor should know"
	}
	return judgeRefusal(d, e)
}

// What services write when they refuse a request for a reason that has a code of its own.
var (
	aboutLicences  = regexp.MustCompile(`(?i)licen[cs]e|\bseats?\b|user limit|quota`)
	aboutDuplicate = regexp.MustCompile(`(?i)already (exists|taken|in use|registered)|duplicate|not unique|must be unique`)
	aboutDomain    = regexp.MustCompile(`(?i)\bdomain\b`)
	aboutRequired  = regexp.MustCompile(`(?i)\brequired\b|mandatory|is missing|must be (present|set|provided)|` +
		`must not be (empty|blank|null)|can(no|')t be (blank|empty|null)`)
	aboutSingle  = regexp.MustCompile(`(?i)(only|at most) one (value|element)|single.valued`)
	aboutUnknown = regexp.MustCompile(`(?i)(unknown|unrecogni[sz]ed|unsupported|invalid|no such) (attribute|property|field|path)|` +
		`attribute .{0,80}(not found|does not exist)`)
)

func judgeRefusal(d doing, e *scimclient.Error) (code, advice string) {
	switch {
	case e.ScimType == scim.Uniqueness:
		return conflict, "another account at the application has one of these values"
	case e.ScimType == scim.InvalidFilter && (d == probing || d == finding):
		return incompatible, "the application cannot filter by the matching attribute; choose another one"
	case e.ScimType == scim.InvalidPath || e.ScimType == scim.NoTarget:
		return attributeNotFound, "the mapping names an attribute that the application does not have"
	}
	switch {
	case aboutLicences.MatchString(e.Detail):
		return licenseLimitExceeded, "the application has no free licence"
	case aboutDuplicate.MatchString(e.Detail):
		return conflict, "another account at the application has one of these values"
	case aboutDomain.MatchString(e.Detail):
		return invalidDomain, "the domain is not accepted by the application: verify it there, or correct the value"
	case aboutRequired.MatchString(e.Detail):
		return mandatoryMissing, "fill the attribute at the source, or map it"
	case aboutSingle.MatchString(e.Detail):
		return onlyOneValue, "map a single value"
	case aboutUnknown.MatchString(e.Detail):
		return attributeNotFound, "the mapping names an attribute that the application does not have"
	}
	return unprocessable, fmt.Sprintf("the application did not accept the request (%d)", e.Status)
}
