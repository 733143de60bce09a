package provisioning

import (
	"time"
)

// The retry schedule of a failing object (spec/entra-provisioning.md 1.7): in the next cycle, then 6, 12 and 24 hours after the last try, then daily until
// day 28 after the first failure. A foreground cycle tries everything at once.
const (
	firstRetry  = 6 * time.Hour
	secondRetry = 12 * time.Hour
	dailyRetry  = 24 * time.Hour
	giveUpAfter = 28 * 24 * time.Hour
)

// codeStaged marks an object whose deprovisioning waits for a decision. It is looked at in every cycle, so that an undone cause is noticed at once.
const codeStaged = "TooManyDeletes"

// codeUnlinked marks an object whose link somebody broke: the next cycle matches it anew, although nothing in the directory changed. It is no failure.
const codeUnlinked = "LinkBroken"

// failed is the escrow of an object that failed now. given up: it has failed for so long that it is not tried again until it changes.
func (e Escrow) failed(now time.Time, code, message string) (next Escrow, givenUp bool) {
	if e.Since.IsZero() || !e.failing() {
		e.Since, e.Attempts = now, 0
	}
	e.Attempts++
	e.Code, e.Message, e.Excluded, e.Action = code, message, false, ""
	e.Next = now.Add(retryDelay(e.Attempts))
	return e, now.Sub(e.Since) >= giveUpAfter
}

func retryDelay(attempts int) time.Duration {
	switch attempts {
	case 1:
		return 0
	case 2:
		return firstRetry
	case 3:
		return secondRetry
	}
	return dailyRetry
}

// due says whether a cycle should try the object although nothing touched it.
func (e Escrow) due(now time.Time, foreground bool) bool {
	if e.Excluded {
		return false
	}
	return foreground || e.Code == codeStaged || !now.Before(e.Next)
}

// failing says whether the object counts as failed: staged and rejected deletions are not failures, and neither is a broken link.
func (e Escrow) failing() bool { return !e.Excluded && e.Code != codeStaged && e.Code != codeUnlinked }

// unsure reports whether the request that failed may have been carried out: its answer was lost, or was no answer. Whoever goes by what was written before
// would be wrong then, and would leave an account active whose restoring nobody heard of, or disabled when the cause of disabling is undone.
func (e Escrow) unsure() bool {
	switch e.Code {
	case "WebExceptionProtocolError", "Timeout", "InternalServerError", "SystemForCrossDomainIdentityManagementServiceIncompatible":
		return e.failing()
	}
	return false
}
