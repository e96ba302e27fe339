package cli

import (
	"errors"
	"fmt"
)

// ErrUsage is wrapped by the errors for wrong options.
var ErrUsage = errors.New("wrong usage")

// options is what the command line asks for.
type options struct {
	project string // only entries of this project; "" for all
}

func parseOptions(args []string) (options, error) {
	var o options
	for len(args) > 0 {
		if len(args) < 2 {
			return o, fmt.Errorf("%w: %s needs a value", ErrUsage, args[0])
		}
		switch args[0] {
		case "-project":
			o.project = args[1]
		default:
			return o, fmt.Errorf("%w: unknown option %s", ErrUsage, args[0])
		}
		args = args[2:]
	}
	return o, nil
}
