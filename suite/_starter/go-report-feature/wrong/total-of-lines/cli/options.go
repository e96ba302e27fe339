package cli

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUsage is wrapped by the errors for wrong options.
var ErrUsage = errors.New("wrong usage")

// options is what the command line asks for.
type options struct {
	project string // only entries of this project; "" for all
	by      string // project, tag or day
	format  string // text or csv
}

func parseOptions(args []string) (options, error) {
	o := options{by: "project", format: "text"}
	for len(args) > 0 {
		if len(args) < 2 {
			return o, fmt.Errorf("%w: %s needs a value", ErrUsage, args[0])
		}
		switch args[0] {
		case "-project":
			o.project = args[1]
		case "-by":
			o.by = args[1]
		case "-format":
			o.format = args[1]
		default:
			return o, fmt.Errorf("%w: unknown option %s", ErrUsage, args[0])
		}
		args = args[2:]
	}
	if !slices.Contains([]string{"project", "tag", "day"}, o.by) {
		return o, fmt.Errorf("%w: -by %s, expected project, tag or day", ErrUsage, o.by)
	}
	if !slices.Contains([]string{"text", "csv"}, o.format) {
		return o, fmt.Errorf("%w: -format %s, expected text or csv", ErrUsage, o.format)
	}
	return o, nil
}
