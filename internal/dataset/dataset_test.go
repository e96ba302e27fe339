package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"metr/internal/task"
)

// shared is where the published data sets lie for tests.
const shared = "../../../shared/data"

func sharedFile(t testing.TB, name string) string {
	t.Helper()
	p := filepath.Join(shared, name)
	if _, err := os.Stat(p); err != nil {
		t.Fatalf("this test reads the published data set %s beside the project (shared/data): %v", name, err)
	}
	return p
}

var published7 = []struct {
	word, file, first string
	count             int
}{
	{"humaneval", "humaneval/HumanEval.jsonl.gz", "HumanEval/0", 164},
	{"humaneval+", "evalplus/HumanEvalPlus-Mini.jsonl.gz", "HumanEval/0", 164},
	{"mbpp", "mbpp/mbpp.jsonl.gz", "MBPP/1", 974},
	{"mbpp-sanitized", "mbpp/sanitized-mbpp.json", "MBPP/2", 427},
	{"mbpp+", "evalplus/MbppPlus.jsonl.gz", "Mbpp/2", 378},
	{"mbxp-python", "mxeval/mbpp_release_v1.jsonl.gz", "MBPP/1", 974},
	{"mbxp-js", "mxeval/mbjsp_release_v1.2.jsonl.gz", "MBJSP/1", 966},
}

func openShared(t testing.TB, word string) *Set {
	t.Helper()
	for _, c := range published7 {
		if c.word == word {
			set, err := OpenFile(sharedFile(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			return set
		}
	}
	t.Fatalf("no data set %s", word)
	return nil
}

func TestPublishedDataSets(t *testing.T) {
	for _, c := range published7 {
		t.Run(c.word, func(t *testing.T) {
			path := sharedFile(t, c.file)
			set, err := new(Opener).Open(context.Background(), c.word, path)
			if err != nil {
				t.Fatal(err)
			}
			if len(set.Tasks) != c.count || set.Name != c.word || set.Tasks[0].ID != c.first {
				t.Fatalf("%d tasks of %s, the first %s; expected %d, %s", len(set.Tasks), set.Name, set.Tasks[0].ID, c.count, c.first)
			}
			fromDir, err := new(Opener).Open(context.Background(), c.word, shared)
			if err != nil {
				t.Fatal(err)
			}
			if fromDir.Digest != set.Digest {
				t.Errorf("%s and %s have different digests", fromDir.Path, path)
			}
			without := 0
			for _, task := range set.Tasks {
				checkTask(t, task)
				if task.Solution.Empty() {
					without++
				}
			}
			if want := map[string]int{"mbxp-js": 28}[c.word]; without != want {
				t.Errorf("%d tasks have no solution, expected %d", without, want)
			}
		})
	}
}

// checkTask holds what graders and agents rely on.
func checkTask(t *testing.T, x *task.Task) {
	t.Helper()
	f := x.Function
	switch {
	case x.Kind != task.Complete, x.Version != 1, x.Title == "", x.Licence == "", x.Limits.CPU == 0:
		t.Fatalf("%s: %+v is not filled in", x.ID, x)
	case len(x.Workspace) != 1 || len(x.Workspace[f.File].Data) == 0:
		t.Fatalf("%s: workspace is not the one file %s", x.ID, f.File)
	case !strings.Contains(x.Instruction, strings.Trim(string(x.Workspace[f.File].Data), "\n")):
		t.Fatalf("%s: the instruction does not show the file", x.ID)
	case f.Test == "" && len(f.Asserts) == 0 && len(f.BaseInput) == 0:
		t.Fatalf("%s: nothing judges it", x.ID)
	}
	if !x.Solution.Empty() && string(x.Solution.Changes[0].Data) != f.Reference {
		t.Fatalf("%s: the solution is not the reference program", x.ID)
	}
	for _, raw := range [][]byte{f.BaseInput, f.PlusInput} {
		var lists [][]json.RawMessage
		if f.Dataset == "evalplus" && json.Unmarshal(mask(raw), &lists) != nil {
			t.Fatalf("%s: inputs are not lists of arguments: %.60s", x.ID, raw)
		}
	}
}

func TestSanitizedTestSplit(t *testing.T) {
	n := 0
	for _, x := range openShared(t, "mbpp-sanitized").Tasks {
		var id int
		if json.Unmarshal([]byte(lastPart(x.ID)), &id) != nil {
			t.Fatalf("id %q", x.ID)
		}
		if id >= 11 && id <= 510 {
			n++
		}
	}
	if n != 257 {
		t.Errorf("%d tasks in the test split, expected 257", n)
	}
}

// TestPinnedDigests holds that the digests in the table are those of the
// published files, made again from the copies where these were repacked.
func TestPinnedDigests(t *testing.T) {
	sum := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }
	read := func(name string, unpack bool) []byte {
		b, err := os.ReadFile(sharedFile(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if unpack {
			z, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := out.ReadFrom(z); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
		return b
	}
	for _, c := range []struct {
		word string
		n    int
		text []byte
	}{
		{"humaneval", 0, read("humaneval/HumanEval.jsonl.gz", false)},
		{"humaneval+", 1, read("evalplus/HumanEvalPlus-Mini.jsonl.gz", false)},
		{"mbpp+", 0, read("evalplus/MbppPlus.jsonl.gz", false)},
		{"mbpp", 0, append(read("mbpp/mbpp.jsonl.gz", true), '\n')},
		{"mbxp-python", 0, read("mxeval/mbpp_release_v1.jsonl.gz", true)},
		{"mbxp-js", 0, read("mxeval/mbjsp_release_v1.2.jsonl.gz", true)},
	} {
		l, _ := layoutOf(c.word)
		if got := sum(c.text); got != l.files[c.n].sha256 {
			t.Errorf("%s: the copy gives %s, the table says %s", c.word, got, l.files[c.n].sha256)
		}
	}
	if got := openShared(t, "mbpp+").MD5; got != "ee43ecabebf20deef4bb776a405ac5b1" {
		t.Errorf("EvalPlus's hash of MBPP+ v0.2.0: %s", got)
	}
}

func gz(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	heRow   = `{"task_id": "HumanEval/7", "prompt": "def f():\n", "entry_point": "f", "canonical_solution": "    return 1\n", "test": "def check(c):\n    assert c() == 1\n", "extra": [1]}`
	mbppRow = `{"task_id": 3, "text": "Write f.", "code": "def f(): return 1", "test_list": ["assert f() == 1"], "test_setup_code": "", "challenge_test_list": []}`
	plusRow = `{"task_id": "HumanEval/7", "prompt": "def f(x):\n", "entry_point": "f", "canonical_solution": "    return x\n", "contract": "", "base_input": [[1]], "plus_input": [[123456789012345678901234567890]], "atol": 0}`
)

func TestReadShapes(t *testing.T) {
	two := strings.Replace(heRow, "/7", "/8", 1)
	want := ""
	for name, text := range map[string]string{
		"jsonl":          heRow + "\n" + two + "\n",
		"jsonl, no end":  heRow + "\n" + two,
		"blank lines":    "\n\n" + heRow + "\n  \n" + two + "\n\n",
		"CRLF":           heRow + "\r\n" + two + "\r\n",
		"byte order":     "\ufeff" + heRow + "\n" + two,
		"array":          "[" + heRow + "," + two + "]",
		"pretty array":   "\n[\n " + heRow + ",\n " + two + "\n]\n",
		"map":            `{"a": ` + heRow + `, "b": ` + two + `}`,
		"gzip":           gz(t, heRow+"\n"+two),
		"gzip in pieces": gz(t, heRow+"\n") + gz(t, two),
	} {
		set, err := Read(name, strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(set.Tasks) != 2 || set.Name != "humaneval" {
			t.Errorf("%s: %d tasks of %s", name, len(set.Tasks), set.Name)
		}
		if want == "" {
			want = set.Digest
		}
		if set.Digest != want {
			t.Errorf("%s: the digest depends on the file's shape", name)
		}
	}
}

func TestEvalPlusKeepsRawInputs(t *testing.T) {
	set, err := Read("x", strings.NewReader(strings.Replace(plusRow, `[[1]]`, `{}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	f := set.Tasks[0].Function
	if string(f.BaseInput) != "[]" || string(f.PlusInput) != "[[123456789012345678901234567890]]" {
		t.Errorf("inputs %s and %s", f.BaseInput, f.PlusInput)
	}
}

// TestDocstringCannotBreakOut holds that an MBPP text stays inside its quotes.
func TestDocstringCannotBreakOut(t *testing.T) {
	set, err := Read("x", strings.NewReader(strings.Replace(mbppRow, "Write f.", `Say \"\"\" and \\n.`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	got := string(set.Tasks[0].Workspace["solution.py"].Data)
	want := "\"\"\"\n" + `Say \"\"\" and \\n.` + "\nassert f() == 1\n\"\"\"\n"
	if got != want {
		t.Errorf("workspace is\n%s\nexpected\n%s", got, want)
	}
}

func TestReadBadInput(t *testing.T) {
	packed := gz(t, strings.Repeat(heRow+"\n", 1))
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f: is empty; expected the rows of a data set"},
		{"blank", " \n\n", "f: is empty; expected the rows of a data set"},
		{"no rows", "[]", "f: is empty; expected the rows of a data set"},
		{"duplicate", heRow + "\n\n" + heRow, `f:3: task id "HumanEval/7" occurs twice, first in line 1; ids must be unique`},
		{"duplicate in list", "[\n" + heRow + ",\n" + heRow + "\n]", `f:3: task id "HumanEval/7" occurs twice, first in line 2; ids must be unique`},
		{"truncated gzip", packed[:len(packed)-12], "f: is a truncated gzip file: it ends in the middle; copy or fetch it again"},
		{"gzip of one byte", packed[:2], "f: is a truncated gzip file: it ends in the middle; copy or fetch it again"},
		{"damaged gzip", packed[:len(packed)-6] + "xxxxxx", "f: is a damaged gzip file (gzip: invalid checksum); copy or fetch it again"},
		{"UTF-8", heRow + "\n" + strings.Replace(heRow, "/7", "/\xff", 1), "f:2: is not valid UTF-8 at byte 24 of the line"},
		{"UTF-8 in list", "[" + heRow + ",\n\n" + strings.Replace(heRow, "/7", "/\xff", 1) + "]", "f:3: is not valid UTF-8"},
		{"UTF-8 cut at end", "[" + heRow + ",\n\"\xe2\x82", "f:2: is not valid UTF-8"},
		{"not JSON", heRow + "\n{\"task_id\": \"HumanEval/8\", \n", "f:2: is not valid JSON: unexpected end of JSON input"},
		{"half a list", "[" + heRow + ",\n", "f:2: ends in the middle of the JSON text"},
		{"after the list", "[" + heRow + "]\nx", "f:2: there is more text after the end of the JSON text"},
		{"not an object", heRow + "\n3\n", "f:2: expected a JSON object, found a number"},
		{"list of lists", "[[]]", "f:1: expected a JSON object, found a list"},
		{"text", "hello\n", "f:1: expected a JSON object, found text that is not JSON"},
		{"missing", strings.Replace(heRow, `"canonical_solution"`, `"canon"`, 1), `f:1: field "canonical_solution" is missing; expected a string`},
		{"later missing", heRow + "\n" + strings.Replace(strings.Replace(heRow, "/7", "/8", 1), `"test"`, `"tset"`, 1), `f:2: field "test" is missing; expected a string`},
		{"type", strings.Replace(heRow, `"f"`, `4`, 1), `f:1: field "entry_point": expected a string, found a number`},
		{"null", strings.Replace(heRow, `"f"`, `null`, 1), `f:1: field "entry_point": expected a string, found null`},
		{"empty field", strings.Replace(heRow, `"f"`, `" "`, 1), `f:1: field "entry_point" is empty`},
		{"id", strings.Replace(mbppRow, `: 3`, `: 3.5`, 1), `f:1: field "task_id": expected a task id (a string or a whole number), found a number`},
		{"id with a line break", strings.Replace(heRow, "/7", `/7\n`, 1), `f:1: field "task_id": "HumanEval/7\n" is not a task id: it is longer than 200 bytes or has control characters`},
		{"no tests", strings.Replace(mbppRow, `["assert f() == 1"]`, `[]`, 1), `f:1: field "test_list" is an empty list; expected at least one test`},
		{"tests", strings.Replace(mbppRow, `["assert f() == 1"]`, `[1]`, 1), `f:1: field "test_list": expected a list of strings, found a list`},
		{"inputs", strings.Replace(plusRow, `[[1]]`, `[1]`, 1), `f:1: field "base_input": entry 1: expected a list of arguments, found a number`},
		{"samples", `{"task_id": "HumanEval/0", "completion": ""}`, `f:1: holds samples; expected the rows of a data set`},
		{"swebench", `{"instance_id": "a", "base_commit": "b"}`, `f:1: holds SWE-bench rows, which are not function-level tasks; expected one of humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, mbxp-python, mbxp-js, mbxp-typescript, mbxp-java, mbxp-cpp, mbxp-go, mbxp-perl`},
		{"language", `{"task_id": "A/1", "prompt": "p", "entry_point": "f", "test": "t", "language": "scala"}`, `f:1: holds rows in the language "scala"; expected one of python, javascript, typescript, java, cpp, go, perl`},
		{"unknown", `{"a": 1}`, `f:1: holds rows with the keys ["a"], which are of no known format; expected a data set (task_id and prompt or text), samples (task_id and completion or solution) or predictions (instance_id and model_patch)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read("f", strings.NewReader(c.text))
			var ie *InputError
			if !errors.As(err, &ie) || err.Error() != c.want {
				t.Errorf("error\n  %v\nexpected\n  %s", err, c.want)
			}
		})
	}
}

func TestOpenMistakes(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	he := sharedFile(t, "humaneval/HumanEval.jsonl.gz")
	for _, c := range []struct{ word, data, want string }{
		{"humanevil", "", `"humanevil" is not a data set; known are humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, mbxp-python, mbxp-js, mbxp-typescript, mbxp-java, mbxp-cpp, mbxp-go, mbxp-perl`},
		{"mbpp", he, he + ": holds the data set humaneval, not mbpp"},
		{"mbpp", dir, dir + ": is a folder without mbpp; expected one of mbpp.jsonl, mbpp.jsonl.gz in it or in its folder mbpp"},
		{"mbpp", dir + "/x", dir + "/x: cannot be read: no such file or directory"},
	} {
		if _, err := new(Opener).Open(ctx, c.word, c.data); err == nil || err.Error() != c.want {
			t.Errorf("error\n  %v\nexpected\n  %s", err, c.want)
		}
	}
	if _, err := OpenFile(dir); err == nil || err.Error() != dir+": is a folder; expected a file" {
		t.Errorf("error %v", err)
	}
}

func TestRecognise(t *testing.T) {
	for name, want := range map[string]Format{
		"humaneval/HumanEval.jsonl.gz":    Rows,
		"mbpp/sanitized-mbpp.json":        Rows,
		"mxeval/mbpp_samples.jsonl.gz":    Samples,
		"swebench/verified-8.jsonl":       SWEBench,
		"evalplus/MbppPlus.jsonl.gz":      Rows,
		"mxeval/mbpp_release_v1.jsonl.gz": Rows,
	} {
		if got, err := Recognise(sharedFile(t, name)); err != nil || got != want {
			t.Errorf("%s: %q, %v; expected %q", name, got, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{heRow, mbppRow, plusRow, "[" + heRow + "]", `{"a": ` + plusRow + "}", gz(f, heRow), "\ufeff{}", "[{},\n\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := Read("f", bytes.NewReader(b))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("the message is not one line: %q", err)
			}
			return
		}
		if err := set.CheckIDs(); err != nil || len(set.Tasks) == 0 || set.Digest == "" {
			t.Fatalf("%d tasks, %v", len(set.Tasks), err)
		}
	})
}

// MBXP's languages beyond those with published data here, in rows of our own.
func TestMBXPLanguages(t *testing.T) {
	for _, c := range []struct {
		word, lang, id, file, spoken string
		solution                     string // "": null, as in Go's and Perl's files
	}{
		{"mbxp-typescript", "typescript", "MBTSP/1", "solution.ts", "TypeScript", "return 1;\n}"},
		{"mbxp-java", "java", "MBJP/1", "solution.java", "Java", "return 1;\n}\n}"},
		{"mbxp-cpp", "cpp", "MBCPP/1", "solution.cpp", "C++", "return 1;\n}"},
		{"mbxp-go", "go", "MBGP/1", "solution.go", "Go", ""},
		{"mbxp-perl", "perl", "MBPLP/1", "solution.pl", "Perl", ""},
	} {
		row := map[string]any{"task_id": c.id, "language": c.lang, "prompt": "head {\n", "description": "d", "test": "check()", "entry_point": "f", "canonical_solution": nil}
		if c.solution != "" {
			row["canonical_solution"] = c.solution
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		set, err := Read("f", strings.NewReader(string(text)+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		x := set.Tasks[0]
		checkTask(t, x)
		if set.Name != c.word || !Known(c.word) || string(x.Language) != c.lang || x.Function.File != c.file || x.Function.Dataset != "mbxp" ||
			!strings.Contains(x.Instruction, "whole "+c.spoken+" file") || x.Solution.Empty() != (c.solution == "") {
			t.Errorf("%s: %s %+v", c.word, set.Name, x)
		}
		answers := filepath.Join(t.TempDir(), "a.jsonl")
		if err := os.WriteFile(answers, []byte(`{"task_id": "`+c.id+`", "language": "`+c.lang+`", "completion": "x"}`+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenAnswers(answers, &set.Suite); err != nil {
			t.Error(err)
		}
		dir := filepath.Join(t.TempDir(), strings.ReplaceAll(c.id, "/", "_"))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, strings.Replace(c.file, "solution", "0", 1)), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if a, err := OpenAnswers(filepath.Dir(dir), &set.Suite); err != nil || a.Count != 1 {
			t.Errorf("%s: answers in a folder: %v", c.word, err)
		}
	}
}
