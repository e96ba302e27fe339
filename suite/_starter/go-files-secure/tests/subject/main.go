// Command subject sets up folders and lets the judge use the candidate's store
// on them.
package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/handout/share"
	"example.com/handout/store"
)

func main() {
	serve(table{
		"NewWorld":     newWorld,
		"ErrForbidden": store.ErrForbidden,
		"ErrNotExist":  fs.ErrNotExist,
		"ErrNoLink":    share.ErrNoLink,
	})
}

// world is a folder with a customer's folder "anna" in it and other things
// beside that.
type world struct {
	dir   string
	store *store.Store
	links *share.Links
}

// newWorld makes the folder and opens a store on root, a path in it that may be
// a symbolic link. relative opens it by a relative path.
func newWorld(root string, relative bool) (*world, error) {
	dir, err := os.MkdirTemp("", "world")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "anna"), 0o755); err != nil {
		return nil, err
	}
	if err := os.Symlink("anna", filepath.Join(dir, "link-to-anna")); err != nil {
		return nil, err
	}
	path := dir + "/" + root
	if relative {
		if err := os.Chdir(dir); err != nil {
			return nil, err
		}
		path = root
	}
	s, err := store.Open(path)
	if err != nil {
		return nil, err
	}
	return &world{dir, s, share.New(s)}, nil
}

// Put writes a file of the world, not through the store.
func (w *world) Put(path, text string) error {
	file := filepath.Join(w.dir, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// Link puts a symbolic link at path. A target that begins with "WORLD/" is made
// absolute. What was at path before is removed.
func (w *world) Link(path, target string) error {
	file := filepath.Join(w.dir, path)
	if err := os.RemoveAll(file); err != nil {
		return err
	}
	if len(target) > 6 && target[:6] == "WORLD/" {
		target = filepath.Join(w.dir, target[6:])
	}
	return os.Symlink(target, file)
}

// Look reads a file of the world, not through the store; "" if there is none.
func (w *world) Look(path string) (string, error) {
	b, err := os.ReadFile(filepath.Join(w.dir, path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// Abs is the absolute path of something in the world.
func (w *world) Abs(path string) string { return filepath.Join(w.dir, path) }

func (w *world) Read(name string) (string, error) {
	b, err := w.store.Read(name)
	return string(b), err
}

func (w *world) Write(name, text string) error       { return w.store.Write(name, []byte(text)) }
func (w *world) List(name string) ([]string, error)  { return w.store.List(name) }
func (w *world) AddLink(name string) (string, error) { return w.links.Add(name) }

func (w *world) ReadLink(token string) (string, error) {
	b, err := w.links.Read(token)
	return string(b), err
}
