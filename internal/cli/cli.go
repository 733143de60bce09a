// Package cli is the command line of design/cli.md: it parses flags, calls the domain through internal/server, and prints. Names, flags, JSON keys and
// exit statuses are a contract that scripts depend on. It owns no rule about people: whatever it refuses, the domain refused.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/server"
)

// Exit statuses.
const (
	exitDone   = 0 // done
	exitFailed = 1 // the operation failed
	exitUsage  = 2 // wrong usage
	exitSome   = 3 // the operation ran, and some objects failed
	exitHeld   = 4 // the operation is held and waits for a decision
)

// Main runs the program with the process's arguments and returns its exit status.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv})
}

// Streams are the process's ends, so that tests can replace them.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	Env func(string) string
}

// Run runs one command line and returns its exit status.
func Run(ctx context.Context, args []string, s Streams) int {
	a := &app{Streams: s}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	err := root.ExecuteContext(ctx)
	return a.report(err)
}

// app is one invocation: its streams and the global flags.
type app struct {
	Streams
	data      string
	database  string
	addresses []string
	verbose   bool
	publicURL string
	json      bool // the command's --json, for report
	started   bool // flags and operands were accepted: what fails now is the operation, not the usage
	printed   bool // a JSON document is on standard output already
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "rollcall",
		Short:         "Automatic user provisioning, both ends: a SCIM service for applications, a provisioning service for directories",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	f := root.PersistentFlags()
	f.StringVar(&a.data, "data", a.env("ROLLCALL_DATA", "./rollcall-data"), "folder of the embedded database and the key file (environment ROLLCALL_DATA)")
	f.StringVar(&a.database, "database", a.env("ROLLCALL_DATABASE", ""), "postgres://… ; empty: the embedded database in --data (environment ROLLCALL_DATABASE)")
	f.StringSliceVar(&a.addresses, "allow-address", a.list("ROLLCALL_ALLOW_ADDRESS"),
		"address or network (10.20.0.0/16) that SCIM targets may have besides public ones, instead of every private network; none: public ones only "+
			"(environment ROLLCALL_ALLOW_ADDRESS)")
	f.BoolVar(&a.verbose, "verbose", false, "log what happens inside on standard error")
	root.AddCommand(
		a.demoCommand(), a.serveCommand(), a.organizationCommand(), a.dataIntegrationCommand(), a.directoryCommand(), a.schemaCommand(), a.appCommand(),
		a.whyCommand(), a.logCommand(), a.mailCommand(), a.benchCommand(), a.migrateCommand(), a.versionCommand(),
	)
	a.watch(root)
	return root
}

// watch notes when a command begins to run. An error before that is wrong usage: of flags, of operands, of required flags.
func (a *app) watch(c *cobra.Command) {
	if c.RunE == nil && c.HasSubCommands() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q for %q", args[0], c.CommandPath())
			}
			return c.Help()
		}
	}
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			a.started = true
			return run(c, args)
		}
	}
	for _, sub := range c.Commands() {
		a.watch(sub)
	}
}

func (a *app) env(name, otherwise string) string {
	if v := a.Env(name); v != "" {
		return v
	}
	return otherwise
}

// list reads a variable that holds several values with commas between them.
func (a *app) list(name string) []string {
	if v := a.Env(name); v != "" {
		return strings.Split(v, ",")
	}
	return nil
}

func (a *app) logger() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: level}))
}

// system opens the data that the command works on. The caller closes it.
func (a *app) system(ctx context.Context) (*server.System, error) {
	addresses, err := server.ParseAddresses(a.addresses)
	if err != nil {
		return nil, err
	}
	return server.Open(ctx, server.Options{Dir: a.data, Database: a.database, Key: a.Env("ROLLCALL_KEY"), Logger: a.logger(), Addresses: addresses})
}

// with opens the data, runs fn and closes the data again.
func (a *app) with(ctx context.Context, fn func(ctx context.Context, s *server.System) error) error {
	s, err := a.system(ctx)
	if err != nil {
		return err
	}
	return errors.Join(fn(ctx, s), s.Close())
}

// exit is an error that ends the program with a status of its own. An empty message prints nothing: the command has said it all.
type exit struct {
	status  int
	message string
}

func (e *exit) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &exit{status: exitUsage, message: fmt.Sprintf(format, args...)}
}

// report prints the error, if any, and returns the exit status it stands for.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	status := a.status(err)
	if message := err.Error(); message != "" {
		fmt.Fprintf(a.Err, "rollcall: %s\n", strings.TrimSpace(message))
		if status == exitUsage {
			fmt.Fprintln(a.Err, "Run the command with --help to see its flags.")
		}
		if a.json && !a.printed {
			a.printJSON(map[string]string{"error": message})
		}
	}
	return status
}

func (a *app) status(err error) int {
	var e *exit
	switch {
	case errors.As(err, &e):
		return e.status
	case !a.started:
		return exitUsage
	case errors.Is(err, fault.ErrHeld):
		return exitHeld
	default:
		return exitFailed
	}
}
