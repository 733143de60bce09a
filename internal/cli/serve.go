package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) serveCommand() *cobra.Command {
	var o server.ServeOptions
	var mails mailFlags
	c := &cobra.Command{
		Use: "serve", Short: "Run the server: SCIM for every organization, and scheduled provisioning", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.checkLimits(o); err != nil {
				return err
			}
			if o.RequestLogRetention < 0 {
				return usagef("--request-log-retention is %s; it takes how long to keep requests, such as 720h, or 0 to log none", o.RequestLogRetention)
			}
			if o.ProvisioningLogRetention < 0 {
				return usagef("--provisioning-log-retention is %s; it takes how long to keep records, such as 2160h, or 0 to keep all", o.ProvisioningLogRetention)
			}
			var err error
			if o.Mail, err = mails.sender(a); err != nil {
				return err
			}
			o.PublicURL = strings.TrimRight(o.PublicURL, "/")
			spendMemory(a.Env("GOGC"))
			o.Ready = func(url string) { a.say("listening on %s", url) }
			return a.with(c.Context(), func(ctx context.Context, s *server.System) error {
				if o.Mail == nil {
					if err := a.warnOfMails(ctx, s); err != nil {
						return err
					}
				}
				return s.Serve(ctx, o)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	f.StringVar(&o.PublicURL, "public-url", a.env("ROLLCALL_PUBLIC_URL", ""), "how clients reach the server (environment ROLLCALL_PUBLIC_URL)")
	f.StringVar(&o.TLSCert, "tls-cert", "", "certificate chain, PEM file")
	f.StringVar(&o.TLSKey, "tls-key", "", "private key, PEM file")
	f.BoolVar(&o.AllowHTTP, "allow-http", false, "listen without TLS on an address that others can reach: for a proxy in front that ends TLS")
	f.Float64Var(&o.SCIMRateLimit, "scim-rate-limit", 500, "SCIM requests per second and token, 25 or more; 0: no limit")
	f.Float64Var(&o.AddressRateLimit, "address-rate-limit", 20,
		"SCIM requests per second and client address that have no valid token (IPv6: per network of 64 bits); 0: no limit")
	f.StringArrayVar(&o.TrustedProxies, "trusted-proxy", nil,
		"address or network (10.0.0.0/8) of a proxy in front whose X-Forwarded-For names the client; may be given several times")
	f.DurationVar(&o.RequestLogRetention, "request-log-retention", 30*24*time.Hour, "how long the log keeps SCIM requests; 0: log none")
	f.DurationVar(&o.ProvisioningLogRetention, "provisioning-log-retention", 90*24*time.Hour,
		"how long the provisioning log keeps records, such as 2160h for 90 days; 0: for ever")
	mails.add(f, a)
	f.BoolVar(&o.NoSchedule, "no-schedule", false, "run no provisioning cycles of its own")
	return c
}

// checkLimits refuses limits that are none, and says where one is not taken as it was given.
func (a *app) checkLimits(o server.ServeOptions) error {
	if !(o.SCIMRateLimit >= 0) {
		return usagef("--scim-rate-limit is %g; it takes requests per second, or 0 for no limit", o.SCIMRateLimit)
	}
	if !(o.AddressRateLimit >= 0) {
		return usagef("--address-rate-limit is %g; it takes requests per second, or 0 for no limit", o.AddressRateLimit)
	}
	if o.SCIMRateLimit > 0 && o.SCIMRateLimit < server.Guaranteed {
		a.note("--scim-rate-limit %g is taken as %d: every organization may send that many requests a second.", o.SCIMRateLimit, server.Guaranteed)
	}
	return nil
}

// gcPercent lets the heap of a long-running server grow further before it is collected: it is small (tens of megabytes), and a request allocates about a
// thousandth of it.
const gcPercent = 300

// spendMemory trades memory for time, unless the environment says otherwise (GOGC).
func spendMemory(gogc string) {
	if gogc == "" {
		debug.SetGCPercent(gcPercent)
	}
}

func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring a database of an older version up to date", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			from, to, err := server.Migrate(c.Context(), server.Options{Dir: a.data, Database: a.database, Key: a.Env("ROLLCALL_KEY"), Logger: a.logger()})
			if err != nil {
				return err
			}
			if from == to {
				a.say("The database is up to date (version %d).", to)
				return nil
			}
			a.say("The database was migrated from version %d to version %d.", from, to)
			return nil
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version, revision := buildVersion()
			if a.json {
				a.printJSON(map[string]string{"version": version, "revision": revision, "go": runtime.Version()})
				return nil
			}
			a.say("rollcall %s", strings.TrimSpace(fmt.Sprintf("%s %s %s", version, revision, runtime.Version())))
			return nil
		},
	}
	return a.jsonFlag(c)
}

func buildVersion() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return info.Main.Version, revision
}
