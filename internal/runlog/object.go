package runlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// write makes one object of what fill writes. When it returns nil the object is
// there, whole and durable; otherwise nothing is left that a reader would see.
func (p *place) write(ctx context.Context, key string, onlyNew bool, fill func(io.Writer) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var file *os.File // of a folder: fileblob leaves the flushing to us
	w, err := p.bucket.NewWriter(ctx, key, &blob.WriterOptions{
		ContentType: "application/octet-stream",
		IfNotExist:  onlyNew,
		BeforeWrite: func(as func(any) bool) error { as(&file); return nil },
	})
	if err != nil {
		return fmt.Errorf("run log %s: write %s: %w", p.name, key, err)
	}
	err = fill(w)
	if err == nil && file != nil {
		err = file.Sync()
	}
	if err != nil {
		cancel() // before Close, which otherwise would publish half an object
		w.Close()
		return fmt.Errorf("run log %s: write %s: %w", p.name, key, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("run log %s: write %s: %w", p.name, key, err)
	}
	if file != nil {
		if err := syncDir(filepath.Dir(file.Name())); err != nil {
			return fmt.Errorf("run log %s: write %s: %w", p.name, key, err)
		}
	}
	return nil
}

func (p *place) writeBytes(ctx context.Context, key string, onlyNew bool, data []byte) error {
	return p.write(ctx, key, onlyNew, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// object is one entry of a listing.
type object struct {
	key  string
	size int64
}

// list names the objects under prefix in order, half-written ones left out.
func (p *place) list(ctx context.Context, prefix string) ([]object, error) {
	var out []object
	if p.dir != "" {
		// fileblob takes a folder that it may not read for an empty one.
		f, err := os.Open(filepath.Join(p.dir, filepath.FromSlash(path.Dir(prefix+"x"))))
		if err == nil {
			_, err = f.Readdirnames(1)
			f.Close()
		}
		if err != nil && err != io.EOF && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("run log %s: list: %w", p.name, err)
		}
	}
	it := p.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := it.Next(ctx)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("run log %s: list: %w", p.name, err)
		}
		if !tempName.MatchString(o.Key) {
			out = append(out, object{o.Key, o.Size})
		}
	}
}

// tempName is how fileblob names what it has not yet renamed.
var tempName = regexp.MustCompile(`\.[0-9a-f]{15,16}\.tmp$`)

// staleAfter is how long a half-written file is left alone: it may belong to a
// shard that is alive and writes into the same log.
const staleAfter = time.Hour

// clean removes the half-written files that processes killed long ago left in
// a folder.
func (p *place) clean(now time.Time) error {
	if p.dir == "" {
		return nil
	}
	for _, sub := range []string{".", "segments", "blobs"} {
		entries, err := os.ReadDir(filepath.Join(p.dir, sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run log %s: %w", p.name, err)
		}
		for _, e := range entries {
			if !tempName.MatchString(e.Name()) || !e.Type().IsRegular() {
				continue
			}
			info, err := e.Info()
			if err != nil || now.Sub(info.ModTime()) < staleAfter {
				continue
			}
			if err := os.Remove(filepath.Join(p.dir, sub, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("run log %s: %w", p.name, err)
			}
		}
	}
	return nil
}

// syncDir makes the names in a folder durable, where the system can do that.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func isNotFound(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }
