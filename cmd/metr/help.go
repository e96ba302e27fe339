package main

import (
	"embed"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed help/*.md
var helpFiles embed.FS

// helpCmd is cobra's, except that an unknown word is a mistake and not an
// occasion for the general help.
func helpCmd(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB or TOPIC]",
		Short: "Help about a verb, or a topic",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage("help: %q is no verb and no topic; metr help lists them", strings.Join(args, " "))
			}
			return c.Help()
		},
	}
}

// topics are the texts of metr help TOPIC.
func topics() []*cobra.Command {
	es, err := helpFiles.ReadDir("help")
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	var out []*cobra.Command
	for _, e := range es {
		b, err := helpFiles.ReadFile("help/" + e.Name())
		if err != nil {
			panic(err)
		}
		title, text, _ := strings.Cut(string(b), "\n")
		out = append(out, &cobra.Command{
			Use:   strings.TrimSuffix(e.Name(), ".md"),
			Short: strings.TrimPrefix(title, "# "),
			Long:  strings.TrimSpace(text),
		})
	}
	return out
}
