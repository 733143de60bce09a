package server

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
)

// warnEvery is how often a running server looks for tokens that end soon.
const warnEvery = 24 * time.Hour

// watchTokens logs which tokens end soon, now and once a day until stop is called.
func (s *System) watchTokens(ctx context.Context) (stop func()) {
	s.warnOfTokens(ctx)
	stopped := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(stopped)
		daily := time.NewTicker(warnEvery)
		defer daily.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-daily.C:
				s.warnOfTokens(ctx)
			}
		}
	}()
	return func() {
		cancel()
		<-stopped
	}
}

// warnOfTokens logs each token that ends soon. Not being able to look must not keep a server from running.
func (s *System) warnOfTokens(ctx context.Context) {
	now := s.now()
	organizations, err := s.Store.TokensEnding(ctx, now, now.Add(organization.WarnBefore))
	for _, o := range organizations {
		tokens, e := s.Store.Tokens(ctx, o.ID)
		if e != nil {
			err = e
			break
		}
		for _, t := range organization.EndingSoon(tokens, now) {
			s.logger.Warn("a SCIM token ends soon", "detail", t.Warning(o.Slug, now), "organization", o.Slug, "token", t.ID, "expires", t.Expires)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.logger.Error("whether SCIM tokens end soon could not be found out", "error", err)
	}
}
