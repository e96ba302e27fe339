package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"metr/internal/task"
)

type junitCase struct {
	XMLName xml.Name      `xml:"testcase"`
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"` // unsolved: the answer is wrong
	Error   *junitProblem `xml:"error"`   // invalid: the instrument failed
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// writeJUnit writes one testsuite with one testcase an attempt.
func writeJUnit(w io.Writer, h Header, attempts Attempts) (*Report, error) {
	r, err := Summarize(h, attempts)
	if err != nil {
		return nil, err
	}
	var n, failures, errors int
	var wall float64
	for _, s := range r.Summaries {
		n += s.Attempts
		failures += s.Unsolved
		errors += s.Invalid
		wall = max(wall, s.WallS)
	}
	buf := bufio.NewWriter(w)
	enc := xml.NewEncoder(buf)
	enc.Indent("", "  ")
	attr := func(name string, value any) xml.Attr {
		return xml.Attr{Name: xml.Name{Local: name}, Value: Safe(fmt.Sprint(value))}
	}
	counts := []xml.Attr{
		attr("name", h.Suite), attr("tests", n), attr("failures", failures), attr("errors", errors),
		attr("time", fmt.Sprintf("%.3f", wall)),
	}
	suites := xml.StartElement{Name: xml.Name{Local: "testsuites"}, Attr: counts}
	suite := xml.StartElement{Name: xml.Name{Local: "testsuite"}, Attr: counts}
	buf.WriteString(xml.Header)
	for _, tok := range []xml.Token{suites, suite} {
		if err := enc.EncodeToken(tok); err != nil {
			return nil, fmt.Errorf("report: writing: %w", err)
		}
	}
	for a, err := range attempts {
		if err != nil {
			return nil, fmt.Errorf("report: reading attempts: %w", err)
		}
		if err := enc.Encode(junitOf(h.Suite, &a)); err != nil {
			return nil, fmt.Errorf("report: writing: %w", err)
		}
	}
	for _, tok := range []xml.Token{suite.End(), suites.End()} {
		if err := enc.EncodeToken(tok); err != nil {
			return nil, fmt.Errorf("report: writing: %w", err)
		}
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("report: writing: %w", err)
	}
	buf.WriteByte('\n')
	return r, buf.Flush()
}

func junitOf(suite string, a *task.Attempt) junitCase {
	c := junitCase{
		Class: Safe(strings.Trim(suite+"."+a.Agent, ".")),
		Name:  Safe(fmt.Sprintf("%s epoch %d", a.Task, a.Epoch)),
		Time:  fmt.Sprintf("%.3f", a.WallS),
	}
	p := &junitProblem{Type: a.Outcome.String(), Message: oneLine(a.Reason, 4*maxReason), Text: Safe(verdictLines(a))}
	switch a.Outcome {
	case task.Solved:
	case task.Unsolved:
		c.Failure = p
	default:
		c.Error = p
	}
	return c
}

// verdictLines says what was looked at: a line a grader, and one a test that
// did not pass.
func verdictLines(a *task.Attempt) string {
	var b strings.Builder
	for _, v := range a.Verdicts {
		fmt.Fprintf(&b, "\n%s (%s): %s", v.Grader, v.Axis, v.Status)
		if v.Reason != "" {
			b.WriteString(": " + v.Reason)
		}
		for _, t := range v.Tests {
			if t.Status != task.Pass {
				fmt.Fprintf(&b, "\n  %s: %s", t.Name, t.Status)
				if t.Message != "" {
					b.WriteString(": " + t.Message)
				}
			}
		}
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}
