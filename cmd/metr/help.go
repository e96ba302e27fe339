package main

import (
	"embed"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed help/*.md
var helpFiles embed.FS

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
