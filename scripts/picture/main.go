// Command picture draws what a command printed as an SVG, for the README:
//
//	bin/metr run >run.txt
//	go run ./scripts/picture 'metr run' <run.txt >docs/run.svg
//
// The text is drawn as it came, a line a line; the line that says where the run
// is kept is left out. Each line is given its length, so that columns stand
// under each other in any fixed-width font.
package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

const (
	cell   = 8.0  // width of a character
	line   = 18.0 // height of a line
	margin = 20.0
	bar    = 30.0 // height of the title bar
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: picture COMMAND <OUTPUT >FILE.svg")
		os.Exit(2)
	}
	if err := draw(os.Stdout, os.Stdin, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func draw(w io.Writer, r io.Reader, command string) error {
	lines := []string{"$ " + command, ""}
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		if !strings.HasPrefix(sc.Text(), "The run is kept in") {
			lines = append(lines, strings.TrimRight(sc.Text(), " "))
		}
	}
	if err := sc.Err(); err != nil {
		return err
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	columns := 0
	for _, l := range lines {
		columns = max(columns, utf8.RuneCountInString(l))
	}
	width, height := 2*margin+cell*float64(columns), bar+2*margin+line*float64(len(lines))
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %g %g" role="img" aria-label="What %s prints">`+"\n",
		width, height, width, height, escape(command))
	fmt.Fprintf(out, `<rect width="%g" height="%g" rx="8" fill="#16191f"/>`+"\n", width, height)
	for i, c := range []string{"#e0605a", "#dcae4b", "#5fae62"} {
		fmt.Fprintf(out, `<circle cx="%g" cy="%g" r="5.5" fill="%s"/>`+"\n", margin+18*float64(i), bar/2+3, c)
	}
	fmt.Fprintln(out, `<g font-family="DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace" font-size="13.2" fill="#d6dae0">`)
	for i, l := range lines {
		text := strings.TrimLeft(l, " ")
		if text == "" {
			continue
		}
		n := utf8.RuneCountInString(text)
		x := margin + cell*float64(utf8.RuneCountInString(l)-n)
		y := bar + margin + line*(float64(i)+0.75)
		if strings.Trim(text, "─") == "" {
			fmt.Fprintf(out, `<path d="M%g %gh%g" stroke="#4a515c"/>`+"\n", x, y-4, cell*float64(n))
			continue
		}
		fmt.Fprintf(out, `<text x="%g" y="%g" textLength="%g" xml:space="preserve"%s>%s</text>`+"\n", x, y, cell*float64(n), look(l, i), escape(text))
	}
	fmt.Fprintln(out, "</g>\n</svg>")
	return out.Flush()
}

// look is how a line stands out.
func look(l string, i int) string {
	switch {
	case i == 0:
		return ` fill="#8fd19e" font-weight="bold"`
	case strings.HasPrefix(l, " passed "), strings.HasPrefix(l, " solved "):
		return ` fill="#ffffff" font-weight="bold"`
	}
	return ""
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
