package report

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	width      = 100 // columns that text fits in
	maxShown   = 10  // reasons and attempts listed
	green, red = "32", "31"
	yellow     = "33"
	bold       = "1"
)

// printer writes lines and tables, painted or not.
type printer struct {
	*bufio.Writer
	color bool
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *printer) paint(code, s string) string {
	if !p.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// table prints rows in columns without borders. A nil row is a separator.
func (p *printer) table(head table.Row, rows []table.Row, right ...int) {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	var cfg []table.ColumnConfig
	for _, n := range right {
		cfg = append(cfg, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(cfg)
	if head != nil {
		t.AppendHeader(head)
	}
	for _, r := range rows {
		if r == nil {
			t.AppendSeparator()
			continue
		}
		t.AppendRow(r)
	}
	p.line("%s", t.Render())
}

// ordered lists the keys of m: those of order first, in its order, then others.
func ordered[K cmp.Ordered, V any](m map[K]V, order []K) []K {
	var out []K
	for _, k := range order {
		if _, ok := m[k]; ok {
			out = append(out, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(order, k) {
			out = append(out, k)
		}
	}
	return out
}

// clip makes s safe for a terminal and cuts it to n columns.
func clip(s string, n int) string {
	return text.Snip(oneLine(s, 4*n), n, "…")
}
