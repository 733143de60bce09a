// Package scimfake is a hostile SCIM service for tests: it stands in front of an honest one (any http.Handler) and does to chosen requests what real
// services have been seen to do: break the connection after the write was done, throttle, fail for one person, send a login page, answer 404 for an
// empty list, ignore filters, forget members, refuse PATCH.
//
// A Target is a list of Rules and a seed: which requests are struck is decided by the rules and, where a rule has a probability, by random numbers
// that are the same for the same seed and the same order of requests. It also records every request. It owns no SCIM semantics of its own: what is
// not struck is answered by the honest handler.
package scimfake
