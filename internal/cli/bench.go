package cli

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/bench"
)

func (a *app) benchCommand() *cobra.Command {
	var users, connections, people string
	cfg := bench.Config{}
	c := &cobra.Command{
		Use: "bench", Short: "Measure this machine: the SCIM endpoint and provisioning cycles, on made-up people in a temporary folder",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if cfg.Sizes, err = numbers("--users", users); err != nil {
				return err
			}
			if cfg.Connections, err = numbers("--connections", connections); err != nil {
				return err
			}
			if cfg.People, err = numbers("--people", people); err != nil {
				return err
			}
			spendMemory(a.Env("GOGC")) // the load comes from this process, and should cost as little as it can
			cfg.Database = a.database
			cfg.Progress = func(s string) { a.note("%s", s) }
			if !a.json {
				a.say("%s", bench.Machine())
				cfg.Show = func(f bench.Figure) { a.say("%s", f) }
				cfg.ShowCycle = func(cy bench.Cycle) { a.say("%s", cy) }
			}
			r, err := bench.Run(c.Context(), cfg)
			if a.json {
				a.printJSON(r)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&users, "users", "1000,10000", "people in the service while measuring, separated by commas; none: skip")
	f.StringVar(&connections, "connections", "1,8,32", "connections, separated by commas")
	f.StringVar(&people, "people", "10000", "people of the directories whose cycles are measured; none: skip")
	f.DurationVar(&cfg.PerPhase, "phase", 2*time.Second, "time for each phase")
	return a.jsonFlag(c)
}

const maxBench = 1_000_000

func numbers(flag, list string) ([]int, error) {
	if list == "none" || list == "" {
		return nil, nil
	}
	var out []int
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > maxBench {
			return nil, usagef("%s has %q; it takes whole numbers from 1 to %d separated by commas, or none", flag, part, maxBench)
		}
		if len(out) > 0 && n <= out[len(out)-1] {
			return nil, usagef("%s must ascend, and %d follows %d", flag, n, out[len(out)-1])
		}
		out = append(out, n)
	}
	return out, nil
}
