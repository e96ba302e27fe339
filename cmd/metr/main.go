// Command metr finds out whether a model or a coding agent really writes working
// code. Each verb has a file of its own here; this one picks the implementations
// and stacks them, once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"metr/internal/dataset"
	"metr/internal/gateway"
	"metr/internal/grade/source"
	"metr/internal/runlog"
	"metr/internal/sandbox/attack"
)

func main() {
	attack.Payload() // does not return in a process that attacks the box it is in
	source.Helper()  // does not return in a process that reads sources for a grader
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends at once
	os.Exit(metr(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit statuses, which scripts depend on.
const (
	exitDone        = 0   // whatever the score
	exitNo          = 1   // the verb's own answer is no
	exitUsage       = 2   // usage or bad input
	exitInstrument  = 3   // our instrument failed for some attempts
	exitInterrupted = 130 // --resume goes on
)

// Errors that only say how to end; what they mean was printed already.
var (
	errNo      = errors.New("the answer is no")
	errInvalid = errors.New("some attempts are invalid")
)

// usageError is a mistake of the user's: wrong flags or wrong input.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// metr is the program: it returns the exit status and touches nothing global.
func metr(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.exit(ctx, err)
}

// exit maps an error to the documented exit status, and is the one place that
// prints errors.
func (a *app) exit(ctx context.Context, err error) int {
	var usage usageError
	var input *dataset.InputError
	var newer *runlog.NewerError
	var corrupt *runlog.CorruptError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errNo):
		return exitNo
	case errors.Is(err, errInvalid):
		return exitInstrument
	case ctx.Err() != nil:
		fmt.Fprintln(a.stderr, "metr: interrupted", a.resumeHint)
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &input), errors.As(err, &newer), errors.As(err, &corrupt),
		errors.Is(err, runlog.ErrExists), errors.Is(err, runlog.ErrNoLog):
		fmt.Fprintln(a.stderr, "metr:", oneLine(err))
		return exitUsage
	}
	fmt.Fprintln(a.stderr, "metr:", oneLine(err))
	return exitInstrument
}

func oneLine(err error) string { return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ") }

// app is what the verbs share.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	resumeHint     string         // how to go on, for the message of an interruption
	gate           gateway.Config // the gateway's, before the command line has its say

	noColor bool
	quiet   bool
	json    bool
}

// tty reports whether w is a terminal.
func tty(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (a *app) color() bool { return !a.noColor && os.Getenv("NO_COLOR") == "" && tty(a.stdout) }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "metr",
		Short: "Find out whether a model or a coding agent really writes working code",
		Long: `METR, the Multitask Evaluation of Text-to-Code Reasoning, has an agent solve
tasks, judges what it did in fresh sandboxes, and reports scores with their
intervals. Without a key and without docker, try:

  metr run`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var value *pflag.InvalidValueError
		if errors.As(err, &value) {
			return usage("--%s %q: expected %s; see `%s --help`", value.GetFlag().Name, value.GetValue(), wanted(value.GetFlag()), cmd.CommandPath())
		}
		return usage("%w; see `%s --help`", err, cmd.CommandPath())
	})
	f := root.PersistentFlags()
	f.BoolVar(&a.noColor, "no-color", false, "no colour; so does NO_COLOR in the environment")
	root.AddCommand(a.runCmd(), a.gradeCmd(), a.reportCmd(), a.suiteCmd(), a.doctorCmd(), a.versionCmd())
	root.AddCommand(topics()...)
	root.SetHelpCommand(helpCmd(root))
	wrapArgs(root)
	return root
}

// wanted says what a flag takes.
func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	case "duration":
		return "a time as in 90s or 2m"
	case "bool":
		return "true or false"
	}
	return "a " + f.Value.Type()
}

// wrapArgs makes errors about arguments usage errors.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usage("%w; see `%s --help`", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}
