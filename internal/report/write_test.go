package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"metr/internal/task"
)

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run go test -update", err)
	}
	if !bytes.Equal(got, want) {
		a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		n := 0
		for n < min(len(a), len(b))-1 && a[n] == b[n] {
			n++
		}
		t.Errorf("%s:%d differs; got\n%s\nwant\n%s\nRun go test -update if the new one is right.", path, n+1, a[n], b[n])
	}
}

func TestGoldens(t *testing.T) {
	as, h := epochs()
	js, jh := judges()
	for _, f := range Formats {
		var b bytes.Buffer
		if _, err := Write(&b, f, h, stream(as...), Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "epochs."+f, b.Bytes())
	}
	var several, taught, colored, empty bytes.Buffer
	r, err := Write(&several, "text", jh, stream(js...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "several.text", several.Bytes())
	if err := Judges(&taught, r, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "judges.text", taught.Bytes())
	if err := Judges(&colored, r, Options{Color: true}); err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAll(colored.Bytes(), nil)
	if bytes.Equal(plain, colored.Bytes()) || !bytes.Equal(plain, taught.Bytes()) {
		t.Errorf("colour changes more than colour:\n%q", colored.String())
	}
	if _, err := Write(&empty, "text", Header{Suite: "starter"}, stream(), Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.text", empty.Bytes())
}

func TestTextFitsTheTerminal(t *testing.T) {
	as, h := epochs()
	long := strings.Repeat("漢very-long-", 30)
	for i := range as {
		as[i].Task += long
		as[i].Agent = []string{"model", long, "gold", "nop", "wrong:" + long}[i%5]
		as[i].Model = long
		as[i].Kind, as[i].Language = task.Kind(long), task.Language(long)
		as[i].Reason += long
	}
	h.Log, h.Suite, h.Sandbox, h.SuiteDigest, h.Agents = long, long, long, long, nil
	var b bytes.Buffer
	r, err := Write(&b, "text", h, stream(as...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Judges(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		n := utf8.RuneCountInString(line) + strings.Count(line, "漢")
		if n > width || strings.HasSuffix(line, " ") || strings.ContainsAny(line, "\x1b\a") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

func TestJSONIsReadBack(t *testing.T) {
	as, h := judges()
	var b bytes.Buffer
	if _, err := Write(&b, "json", h, stream(as...), Options{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != len(as)+3 {
		t.Fatalf("%d lines for %d attempts and 3 agents", len(lines), len(as))
	}
	var last struct {
		Event, Log, Suite, Agent, Model string
		Suite_Digest                    string
		Epochs, Tasks, Attempts         int
		Solved, Unsolved, Invalid       *int
		Score                           *struct {
			Estimate, Low, High, Level float64
			Method                     string
		}
		Pass_At                 map[string]float64
		Axes, Kinds, Tokens     map[string]any
		Cost_USD, Wall_S, CPU_S *float64
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if last.Event != "summary" || last.Agent != "wrong" || last.Attempts != 36 || *last.Solved != 1 || last.Score.Level != 0.95 ||
		last.Pass_At == nil || len(last.Axes) != 4 || last.Cost_USD == nil || last.Wall_S == nil || last.CPU_S == nil || last.Suite_Digest == "" {
		t.Errorf("the last line lacks something: %s", lines[len(lines)-1])
	}
	var first struct {
		Event, Task, Outcome string
		Reason               *string
		Epoch                int
		Verdicts             map[string]struct{ Status string }
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	// gold has two graders named tests: neither may hide the other.
	if first.Event != "attempt" || first.Outcome != "solved" || first.Reason == nil || first.Epoch != 1 ||
		len(first.Verdicts) != 4 || first.Verdicts["tests#2"].Status != "pass" {
		t.Errorf("the first line lacks something: %s", lines[0])
	}
}

func TestCSVIsReadBack(t *testing.T) {
	as, h := epochs()
	as[0].Reason = "=HYPERLINK(\"x\")\nsecond line, with comma"
	var b bytes.Buffer
	if _, err := Write(&b, "csv", h, stream(as...), Options{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll() // also checks that all rows are of one length
	if err != nil || len(rows) != len(as)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := rows[1][7]; got != "'=HYPERLINK(\"x\")\nsecond line, with comma" {
		t.Errorf("reason %q could run as a formula", got)
	}
}

func TestJUnitIsReadBack(t *testing.T) {
	as, h := epochs()
	var b bytes.Buffer
	r, err := Write(&b, "junit", h, stream(as...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	failures, errs := 0, 0
	for _, c := range doc.Suite.Cases {
		if c.Failure != nil {
			failures++
		}
		if c.Error != nil {
			errs++
		}
	}
	s := r.Summaries[0]
	if len(doc.Suite.Cases) != len(as) || doc.Suite.Tests != len(as) || failures != s.Unsolved || errs != s.Invalid ||
		doc.Suite.Failures != failures || doc.Suite.Errors != errs {
		t.Errorf("%d cases, %d failures, %d errors; attributes %+v", len(doc.Suite.Cases), failures, errs, doc.Suite)
	}
}

// Whatever a program under test puts into a reason, XML stays well-formed, a
// terminal is not written to, and nothing panics.
func FuzzHostileText(f *testing.F) {
	for _, s := range []string{"", "]]>", "\x1b[31m", "\xff\xfe\x00", "=1+1", "a\tb", strings.Repeat("漢", 500), "a\r\nb", "\ufffe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := attempt(s, s, 1, edgy()...)
		a.Reason, a.Model = s, s
		a.Verdicts[1].Tests[1].Message = s
		for _, format := range Formats {
			var b bytes.Buffer
			if _, err := Write(&b, format, Header{Suite: s, Log: s}, stream(a), Options{}); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			switch format {
			case "text":
				if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) }); i >= 0 || !utf8.Valid(b.Bytes()) {
					t.Errorf("text holds a control character at %d: %q", i, b.String())
				}
			case "junit":
				d := xml.NewDecoder(&b)
				for {
					if _, err := d.Token(); err == io.EOF {
						break
					} else if err != nil {
						t.Fatalf("junit: %v", err)
					}
				}
			}
		}
	})
}
