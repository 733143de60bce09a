package scimtest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// recorder keeps what a test reports. Like package testing, it runs each test in a goroutine of its own, which Fatal ends.
type recorder struct {
	ctx context.Context

	mu       sync.Mutex
	problem  string // the first
	cleanups []func()
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Log(...any)               {}
func (r *recorder) Error(args ...any)        { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Cleanup(f func())         { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) { r.fail(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatal(args ...any) {
	r.fail(fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fail(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.problem != ""
}

func (r *recorder) fail(problem string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.problem == "" {
		r.problem, _, _ = strings.Cut(problem, "\n")
	}
}

func (r *recorder) Run(_ string, f func(t reporter)) bool {
	sub := &recorder{ctx: r.ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, f := range slices.Backward(sub.cleanups) {
				f()
			}
		}()
		f(sub)
	}()
	<-done
	if sub.problem != "" {
		r.fail(sub.problem)
	}
	return sub.problem == ""
}
