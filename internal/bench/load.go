package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Figure is what one phase measured.
type Figure struct {
	Phase       string  `json:"phase"`
	Users       int     `json:"users"`       // in the service while measuring
	Connections int     `json:"connections"` // closed loop: one request in flight on each
	Operations  int     `json:"operations"`
	PerSecond   float64 `json:"perSecond"`
	P50         float64 `json:"p50ms"`
	P99         float64 `json:"p99ms"`
	ServerCPU   float64 `json:"serverCpuUs"` // processor microseconds of the server for one operation; 0: unknown
	ServerRSS   float64 `json:"serverRssMb"` // resident memory of the server after the phase; 0: unknown
	Errors      int     `json:"errors"`      // wrong status or wrong answer
}

// operation does the i-th operation of a phase on worker w and reports whether the answer was right.
type operation func(ctx context.Context, w, i int) bool

// run drives a closed loop: each worker has one operation in flight, until the time is over or limit operations were started.
func run(ctx context.Context, workers int, d time.Duration, limit int, op operation) Figure {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next, failed atomic.Int64
	latencies := make([][]time.Duration, workers)
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for time.Since(begin) < d && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if limit > 0 && i >= limit {
					return
				}
				t := time.Now()
				if !op(ctx, w, i) {
					failed.Add(1)
				}
				latencies[w] = append(latencies[w], time.Since(t))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(begin)
	all := slices.Concat(latencies...)
	slices.Sort(all)
	f := Figure{Connections: workers, Operations: len(all), Errors: int(failed.Load())}
	if len(all) > 0 {
		f.PerSecond = float64(len(all)) / elapsed.Seconds()
		f.P50 = milliseconds(all[len(all)/2])
		f.P99 = milliseconds(all[len(all)*99/100])
	}
	return f
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
