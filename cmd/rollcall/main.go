// Command rollcall is automatic user provisioning that anyone can run: both ends in one binary. See README.md.
package main

import (
	"os"

	"github.com/rollcall-id/rollcall/internal/cli"
)

func main() { os.Exit(cli.Main()) }
