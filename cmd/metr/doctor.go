package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"metr/internal/environment"
	"metr/internal/sandbox"
	"metr/internal/sandbox/docker"
	"metr/internal/sandbox/native"
	"metr/internal/sandbox/oci"
)

func (a *app) doctorCmd() *cobra.Command {
	var try attacks
	var attackIt bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine can do, and what to do about what it cannot",
		Long: `Doctor tries what METR needs: the sandboxes (native, oci with crun or runc, a
Docker daemon) and their limits, the tool chains of the languages, a folder for
its cache. For what is missing it says what to install. The exit status is 1 if
no sandbox works.

With --attack it attacks the sandbox, in less than a minute: the ways in which
hostile code under test would escape from it, use the machine up, spy, or leave
something behind. Each is tried in boxes of its own and told apart as held,
broken, or not promised by that sandbox. The exit status is 1 if one is broken.
Attacks that would harm a machine that they reach are not tried without isolation.`,
		Example: `  metr doctor
  metr doctor --json
  metr doctor --attack
  metr doctor --attack --only memory,fork-bomb --json
  metr doctor --attack --sandbox crun`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if attackIt {
				return a.attack(ctx, try)
			}
			if cmd.Flags().Changed("sandbox") || cmd.Flags().Changed("only") {
				return usage("--sandbox and --only go with --attack; see `%s --help`", cmd.CommandPath())
			}
			checks, ok := a.sandboxChecks(ctx)
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

// sandboxChecks says which sandboxes can be used here, what native's lack, and
// what to install for the others; and whether any works.
func (a *app) sandboxChecks(ctx context.Context) (checks []sandbox.Check, any bool) {
	add := func(c sandbox.Check) { checks, any = append(checks, c), any || c.OK }
	probed := native.Probe(ctx) // the first says whether it works, the others what it lacks
	if probed[0].OK {
		add(sandbox.Check{Name: "sandbox native", OK: true, Detail: "what --sandbox auto takes"})
	} else {
		add(sandbox.Check{Name: "sandbox native", Detail: "its boxes do not work here"})
	}
	checks = append(checks, probed...)
	if runtime.GOOS == "linux" {
		for _, tool := range []string{"crun", "runc"} {
			add(runtimeCheck(ctx, tool))
		}
	}
	c := sandbox.Check{Name: "sandbox docker", OK: true, Detail: "a daemon answers"}
	if err := docker.Ping(ctx, ""); err != nil {
		why, _, _ := strings.Cut(plain(err, "sandbox docker: "), " (")
		c.OK, c.Detail, c.Fix = false, "no daemon that answers", why
	} else if image := os.Getenv(imageVariable); image != "" {
		c.Detail += "; boxes of the image " + image
	} else if runtime.GOOS != "linux" {
		c.OK, c.Detail, c.Fix = false, "a daemon answers; no image is named", "set "+imageVariable+" to an image with the tool chains that the tasks need, or use --sandbox docker:IMAGE"
	}
	add(c)
	return checks, any
}

// runtimeCheck tries a container runtime in a box.
func runtimeCheck(ctx context.Context, tool string) sandbox.Check {
	c := sandbox.Check{Name: "sandbox oci with " + tool, OK: true}
	if _, err := exec.LookPath(tool); err != nil {
		c.OK, c.Detail, c.Fix = false, "not installed", "install it, for instance `apt-get install "+tool+"`; not needed where another sandbox works"
		return c
	}
	b, err := oci.New(ctx, oci.Config{Runtime: tool})
	if err != nil {
		c.OK, c.Detail, c.Fix = false, "its boxes do not work here", plain(err, "sandbox oci: ")
		return c
	}
	defer b.Close()
	c.Detail = "--sandbox " + tool + ": " + b.Describe()
	return c
}

// plain is what an error says without the prefix.
func plain(err error, prefix string) string { return strings.TrimPrefix(err.Error(), prefix) }

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
