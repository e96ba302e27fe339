package dataset

import (
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sourceFile is one answer of a folder.
type sourceFile struct{ path, task string }

// sourceFiles lists TASK_ID/N.py, or with the suffix of another language, below dir, by folder and number.
func sourceFiles(dir string) ([]sourceFile, error) {
	out := []sourceFile{}
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, inputErr(dir, 0, "cannot be read: %v", cause(err))
	}
	for _, d := range folders {
		if strings.HasPrefix(d.Name(), ".") || !isDir(filepath.Join(dir, d.Name())) {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, d.Name()))
		if err != nil {
			return nil, inputErr(filepath.Join(dir, d.Name()), 0, "cannot be read: %v", cause(err))
		}
		slices.SortFunc(files, func(a, b os.DirEntry) int { return compareNumbered(a.Name(), b.Name()) })
		for _, e := range files {
			p := filepath.Join(dir, d.Name(), e.Name())
			if isSource(p) && !isDir(p) {
				out = append(out, sourceFile{p, strings.ReplaceAll(d.Name(), "_", "/")})
			}
		}
	}
	if len(out) == 0 {
		return nil, inputErr(dir, 0, "is a folder without answers; expected a file, or a folder with files like HumanEval_0/0.py")
	}
	return out, nil
}

// isSource tells the files of answers by their suffix.
func isSource(p string) bool {
	for _, s := range suffixes {
		if filepath.Ext(p) == "."+s {
			return true
		}
	}
	return false
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// compareNumbered orders 2.py before 10.py.
func compareNumbered(a, b string) int {
	if n := len(a) - len(b); n != 0 && isNumbered(a) && isNumbered(b) {
		return n
	}
	return strings.Compare(a, b)
}

func isNumbered(name string) bool {
	_, err := strconv.ParseUint(strings.TrimSuffix(name, filepath.Ext(name)), 10, 63)
	return err == nil
}

// fromFolder reads the files one after the other.
func (a *Answers) fromFolder() iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		epochs := map[string]int{}
		for _, s := range a.folder {
			ans, err := a.fromFile(s)
			if err != nil {
				yield(Answer{}, err)
				return
			}
			epochs[ans.TaskID]++
			ans.Epoch = epochs[ans.TaskID]
			if !yield(ans, nil) {
				return
			}
		}
	}
}

func (a *Answers) fromFile(s sourceFile) (Answer, error) {
	t, ok := a.index.find(s.task)
	if !ok {
		return Answer{}, inputErr(s.path, 0, "task %q is not in suite %s%s", s.task, a.index.suite.Name, a.index.hint())
	}
	if t.Function == nil {
		return Answer{}, inputErr(s.path, 0, "task %s takes a patch, not a program", t.ID)
	}
	f, err := open(s.path)
	if err != nil {
		return Answer{}, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxRow+1))
	if err != nil {
		return Answer{}, readErr(s.path, err)
	}
	if len(src) > maxRow {
		return Answer{}, inputErr(s.path, 0, "is larger than %d MiB", maxRow>>20)
	}
	if !utf8.Valid(src) {
		bad := firstInvalid(src)
		return Answer{}, inputErr(s.path, 1+strings.Count(string(src[:bad]), "\n"), "is not valid UTF-8")
	}
	return Answer{TaskID: t.ID, Form: Solution, Text: string(src), File: s.path}, nil
}
