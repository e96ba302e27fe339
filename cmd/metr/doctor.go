package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"metr/internal/environment"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
)

func (a *app) doctorCmd() *cobra.Command {
	var try attacks
	var attackIt bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine can do, and what to do about what it cannot",
		Long: `Doctor tries what METR needs: a sandbox, limits, the tool chains of the languages,
a folder for its cache. The exit status is 1 if no sandbox works.

With --attack it attacks the sandbox, in less than a minute: the ways in which
hostile code under test would escape from it, use the machine up, spy, or leave
something behind. Each is tried in boxes of its own and told apart as held,
broken, or not promised by that sandbox. The exit status is 1 if one is broken.
Attacks that would harm a machine that they reach are not tried without isolation.`,
		Example: `  metr doctor
  metr doctor --json
  metr doctor --attack
  metr doctor --attack --only memory,fork-bomb --json
  metr doctor --attack --sandbox oci`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if attackIt {
				return a.attack(ctx, try)
			}
			if cmd.Flags().Changed("sandbox") || cmd.Flags().Changed("only") {
				return usage("--sandbox and --only go with --attack; see `%s --help`", cmd.CommandPath())
			}
			checks := native.Probe(ctx)
			ok := checks[0].OK
			checks = append(checks, environment.Probe(ctx)...)
			dir, err := environment.CacheDir()
			if err == nil {
				err = os.MkdirAll(dir, 0o755)
			}
			checks = append(checks, check1("cache folder", dir, err))
			if a.json {
				enc := json.NewEncoder(a.stdout)
				for _, c := range checks {
					if err := enc.Encode(c); err != nil {
						return err
					}
				}
			} else {
				a.printChecks(checks)
			}
			if !ok {
				return errNo
			}
			return nil
		},
	}
	c.Flags().BoolVar(&a.json, "json", false, "one line a check, or an attack, on standard output")
	c.Flags().BoolVar(&attackIt, "attack", false, "attack the sandbox and show what holds")
	c.Flags().StringVar(&try.sandbox, "sandbox", "auto", "with --attack: `which` sandbox: "+strings.Join(sandboxes, ", "))
	c.Flags().StringSliceVar(&try.only, "only", nil, "with --attack: these `attacks` alone, by name")
	return c
}

func check1(name, detail string, err error) sandbox.Check {
	c := sandbox.Check{Name: name, OK: err == nil, Detail: detail}
	if err != nil {
		c.Detail = "missing"
		c.Fix = err.Error()
	}
	return c
}

func (a *app) printChecks(checks []sandbox.Check) {
	t := a.table("", "what", "found")
	var fixes []string
	for _, c := range checks {
		mark := "ok"
		if !c.OK {
			mark = "--"
		}
		t.AppendRow(table.Row{mark, c.Name, c.Detail})
		if c.Fix != "" {
			fixes = append(fixes, c.Name+": "+c.Fix)
		}
	}
	t.Render()
	if len(fixes) > 0 {
		fmt.Fprintln(a.stdout, "\nWhat to do:\n  "+strings.Join(fixes, "\n  "))
	}
}

// version is the program's version as the Go tool recorded it.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok || b.Main.Version == "" || b.Main.Version == "(devel)" {
		return "devel"
	}
	return b.Main.Version
}

func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(*cobra.Command, []string) {
			fmt.Fprintf(a.stdout, "metr %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
