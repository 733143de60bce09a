package scimtest

import (
	"context"
	"testing"
)

// reporter is what the suite needs of a *testing.T. That it is no more lets the suite also run against services that are meant to fail it, without failing
// the test that runs it.
type reporter interface {
	Helper()
	Context() context.Context
	Cleanup(f func())
	Run(name string, f func(t reporter)) bool
	Log(args ...any)
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Failed() bool
}

// testRun reports to a test of package testing.
type testRun struct{ *testing.T }

func (r testRun) Run(name string, f func(t reporter)) bool {
	return r.T.Run(name, func(t *testing.T) { f(testRun{t}) })
}
