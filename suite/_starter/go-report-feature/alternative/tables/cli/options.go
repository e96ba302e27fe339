package cli

import (
	"errors"
	"fmt"

	"example.com/hours/entry"
	"example.com/hours/render"
	"example.com/hours/summary"
)

var sums = map[string]func([]entry.Entry) []summary.Line{
	"project": summary.ByProject,
	"tag":     summary.ByTag,
	"day":     summary.ByDay,
}

var formats = map[string]func([]summary.Line, int) string{
	"text": render.Text,
	"csv":  render.CSV,
}

// ErrUsage is wrapped by the errors for wrong options.
var ErrUsage = errors.New("wrong usage")

// options is what the command line asks for.
type options struct {
	project string // only entries of this project; "" for all
	sum     func([]entry.Entry) []summary.Line
	render  func([]summary.Line, int) string
}

func parseOptions(args []string) (options, error) {
	o := options{sum: summary.ByProject, render: render.Text}
	for len(args) > 0 {
		if len(args) < 2 {
			return o, fmt.Errorf("%w: %s needs a value", ErrUsage, args[0])
		}
		switch args[0] {
		case "-project":
			o.project = args[1]
		case "-by":
			if o.sum = sums[args[1]]; o.sum == nil {
				return o, fmt.Errorf("%w: cannot sum up by %s", ErrUsage, args[1])
			}
		case "-format":
			if o.render = formats[args[1]]; o.render == nil {
				return o, fmt.Errorf("%w: unknown format %s", ErrUsage, args[1])
			}
		default:
			return o, fmt.Errorf("%w: unknown option %s", ErrUsage, args[0])
		}
		args = args[2:]
	}
	return o, nil
}
