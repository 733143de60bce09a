package provisioning

import (
	"fmt"
	"time"
)

// The thresholds of quarantine (spec/entra-provisioning.md 1.8), evaluated on the objects of one cycle. References are managers and members.
const (
	quarantineFloor      = 5_000  // failures below which nothing is evaluated
	quarantineShare      = 40     // percent of the objects that failed, references excluded
	quarantineBase       = 40_000 // failures without references
	quarantineTotal      = 60_000 // failures with references
	quarantineEnds       = 28 * 24 * time.Hour
	quarantineLongest    = 24 * time.Hour
	reasonException      = "EncounteredQuarantineException"
	reasonBase           = "EncounteredBaseEscrowThreshold"
	reasonTotal          = "EncounteredTotalEscrowThreshold"
	reasonProportion     = "EncounteredEscrowProportionThreshold"
	codeTooManyFailures  = "TooManyFailures"
	firstQuarantineDelay = 30 * time.Minute
)

// health counts how the objects of a cycle ended.
type health struct {
	ok        int // objects that succeeded or had nothing to change
	failed    int // objects that failed, references excluded
	reference int // references that failed
}

// verdict says whether the failures of a cycle are too many. Empty reason: they are not.
func (h health) verdict() (reason, message string) {
	total := h.failed + h.reference
	switch {
	case total < quarantineFloor:
		return "", ""
	case h.failed > quarantineBase:
		return reasonBase, fmt.Sprintf("%d objects failed; more than %d are too many", h.failed, quarantineBase)
	case total > quarantineTotal:
		return reasonTotal, fmt.Sprintf("%d objects and references failed; more than %d are too many", total, quarantineTotal)
	case h.failed >= quarantineFloor && h.failed*100 > quarantineShare*(h.failed+h.ok):
		return reasonProportion, fmt.Sprintf("%d of %d objects failed; more than %d %% are too many", h.failed, h.failed+h.ok, quarantineShare)
	}
	return "", ""
}

// quarantined is the quarantine after a cycle that had to be stopped or failed too often. before is the one the job was in; nil: none.
func quarantined(before *Quarantine, now time.Time, reason, code, message string) *Quarantine {
	q := Quarantine{Began: now}
	if before != nil {
		q = *before
	}
	q.Reason, q.Code, q.Message = reason, code, message
	q.SeriesCount++
	q.NextAttempt = now.Add(quarantineDelay(q.SeriesCount))
	return &q
}

// quarantineDelay grows from half an hour to a day.
func quarantineDelay(attempts int) time.Duration {
	d := firstQuarantineDelay
	for range attempts - 1 {
		if d *= 2; d >= quarantineLongest {
			return quarantineLongest
		}
	}
	return d
}

// Over says whether the quarantine lasted for four weeks: the job is disabled, nothing is tried any more until somebody starts it.
func (q Quarantine) Over(now time.Time) bool { return now.Sub(q.Began) > quarantineEnds }
