package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"metr/internal/dataset"
	"metr/internal/environment"
	"metr/internal/task"
	"metr/suite"
)

// suiteFlags say which tasks are meant.
type suiteFlags struct {
	data      string
	kinds     []string
	languages []string
	limit     int
	sample    int
	seed      int64
}

func (s *suiteFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.data, "data", "", "local copy of a published data set: a file, or a folder that holds it")
	f.StringSliceVar(&s.kinds, "kind", nil, "only tasks of these kinds")
	f.StringSliceVar(&s.languages, "language", nil, "only tasks in these languages")
	f.IntVar(&s.limit, "limit", 0, "only the first so many tasks")
	f.IntVar(&s.sample, "sample", 0, "only so many tasks, drawn by --seed")
	f.Int64Var(&s.seed, "seed", 1, "seed of what is drawn at random")
}

func (s *suiteFlags) filter() (dataset.Filter, error) {
	f := dataset.Filter{Sample: s.sample, Limit: s.limit, Seed: uint64(s.seed)}
	if s.sample < 0 || s.limit < 0 {
		return f, usage("--sample and --limit: expected numbers from 0")
	}
	for _, k := range s.kinds {
		if !slices.Contains(task.Kinds, task.Kind(k)) {
			return f, usage("--kind %q: expected one of %v", k, task.Kinds)
		}
		f.Kinds = append(f.Kinds, task.Kind(k))
	}
	for _, l := range s.languages {
		if known := slices.Concat(task.Languages, task.DataLanguages); !slices.Contains(known, task.Language(l)) {
			return f, usage("--language %q: expected one of %v", l, known)
		}
		f.Languages = append(f.Languages, task.Language(l))
	}
	return f, nil
}

// words are the suites that a word names.
func words() []string { return append([]string{"starter"}, dataset.Words()...) }

// loaded is a suite and, for a published data set, what its result files need.
type loaded struct {
	*task.Suite
	set *dataset.Set // nil for folders of tasks
}

// loadSuite resolves what the user wrote: a word, SUITE/GLOB, a folder, or a
// file whose format is recognised by its content.
func (a *app) loadSuite(ctx context.Context, arg string, flags suiteFlags) (loaded, error) {
	name, glob := cut(arg)
	l, err := a.open(ctx, name, flags.data)
	if err != nil {
		return l, err
	}
	if l.Digest == "" {
		l.Digest = dataset.Digest(l.Tasks)
	}
	f, err := flags.filter()
	if err != nil {
		return l, err
	}
	f.Glob = glob
	chosen, err := f.Select(l.Suite)
	if err != nil {
		return l, usageError{err}
	}
	l.Suite = chosen
	return l, nil
}

// runnable leaves out, by name, the tasks whose tool chain this machine lacks.
func (a *app) runnable(ctx context.Context, l *loaded) error {
	ready, out, lacks, err := environment.Ready(ctx, l.Tasks)
	if err != nil || len(out) == 0 {
		return err
	}
	var ids, why []string
	for _, t := range out {
		ids = append(ids, t.ID)
	}
	for _, m := range lacks {
		why = append(why, m.Error())
	}
	if len(ready) == 0 {
		return usage("no task of %s can be run here: %s", l.Name, strings.Join(why, "; "))
	}
	fmt.Fprintf(a.stderr, "metr: left out %s: %s\n", strings.Join(ids, ", "), strings.Join(why, "; "))
	s := *l.Suite
	s.Tasks, s.Digest = ready, dataset.Digest(ready)
	l.Suite = &s
	return nil
}

// cut splits SUITE/GLOB. SUITE is a word, or else the longest beginning of arg
// that is a file or a folder.
func cut(arg string) (name, glob string) {
	name, glob = dataset.CutGlob(arg, func(w string) bool { return slices.Contains(words(), w) })
	if glob != "" {
		return name, glob
	}
	for i := len(arg); i > 0; i = strings.LastIndexByte(arg[:i], '/') {
		if _, err := os.Stat(arg[:i]); err == nil {
			return arg[:i], strings.TrimPrefix(arg[i:], "/")
		}
	}
	return arg, ""
}

func (a *app) open(ctx context.Context, name, data string) (loaded, error) {
	switch {
	case name == "starter":
		s, err := suite.Starter()
		return loaded{Suite: s}, err
	case dataset.Known(name):
		cache, err := environment.CacheDir()
		if err != nil {
			return loaded{}, err
		}
		o := &dataset.Opener{Cache: filepath.Join(cache, "data"), Progress: a.fetching()}
		set, err := o.Open(ctx, name, data)
		if err != nil {
			return loaded{}, usageOr(err)
		}
		return loaded{&set.Suite, set}, nil
	}
	st, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return loaded{}, usage("suite %q is neither a known word nor a file or folder; known are %s", name, strings.Join(words(), ", "))
	case err != nil:
		return loaded{}, usageError{err}
	case st.IsDir():
		s, err := task.LoadSuite(os.DirFS(name), ".", filepath.Base(abs(name)))
		if err != nil {
			return loaded{}, usageError{err}
		}
		return loaded{Suite: s}, nil
	}
	set, err := dataset.OpenFile(name)
	if err != nil {
		return loaded{}, usageOr(err)
	}
	return loaded{&set.Suite, set}, nil
}

// usageOr makes an error that is not of our instrument a usage error.
func usageOr(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return usageError{err}
}

func abs(p string) string {
	if a, err := filepath.Abs(p); err == nil {
		return a
	}
	return p
}

// fetching shows the progress of a download on a terminal.
func (a *app) fetching() func(string, int64, int64) {
	if a.quiet || !tty(a.stderr) {
		return nil
	}
	return func(file string, done, total int64) {
		if total > 0 {
			fmt.Fprintf(a.stderr, "\rfetching %s: %d %%\x1b[K", file, done*100/total)
		}
		if done == total {
			fmt.Fprint(a.stderr, "\r\x1b[K")
		}
	}
}
