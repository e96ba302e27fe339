package runlog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
)

// place is the folder or bucket that a log lives in.
type place struct {
	name   string // as the user wrote it
	bucket *blob.Bucket
	dir    string // of a folder; "" of a bucket
}

// openPlace opens a plain path, file:///path, file://./relative, mem://, or a
// bucket whose driver the program has linked in. With create, a folder that is
// not there is made.
func openPlace(ctx context.Context, name string, create bool) (*place, error) {
	scheme, _, isURL := strings.Cut(name, "://")
	switch {
	case name == "":
		return nil, errors.New("run log: no place given; expected a folder or a URL")
	case !isURL:
		return openFolder(name, name, create)
	}
	u, err := url.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("run log: %w", err)
	}
	switch scheme {
	case fileblob.Scheme:
		if u.RawQuery != "" || u.Fragment != "" || (u.Host != "" && u.Host != "." && u.Host != "localhost") {
			return nil, fmt.Errorf("run log %s: expected file:///absolute/folder or file://./relative/folder", name)
		}
		dir := u.Path
		if u.Host == "." {
			dir = "." + dir
		}
		return openFolder(name, filepath.FromSlash(dir), create)
	case memblob.Scheme:
		return &place{name: name, bucket: memblob.OpenBucket(nil)}, nil
	}
	if !blob.DefaultURLMux().ValidBucketScheme(scheme) {
		return nil, fmt.Errorf("run log %s: this build of metr keeps run logs in folders (a path or file://), not in %s://; write to a folder and copy it, its objects are the same in a bucket", name, scheme)
	}
	prefix := strings.Trim(u.Path, "/")
	u.Path = ""
	bucket, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("run log %s: %w", name, err)
	}
	if prefix != "" {
		bucket = blob.PrefixedBucket(bucket, prefix+"/")
	}
	return &place{name: name, bucket: bucket}, nil
}

func openFolder(name, dir string, create bool) (*place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("run log %s: %w", name, err)
	}
	if create {
		for _, sub := range []string{"segments", "blobs"} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
				return nil, fmt.Errorf("run log %s: %w", name, err)
			}
		}
		for _, d := range []string{dir, filepath.Dir(dir)} {
			if err := syncDir(d); err != nil {
				return nil, fmt.Errorf("run log %s: %w", name, err)
			}
		}
	}
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("run log %s: %w", name, ErrNoLog)
	case err != nil:
		return nil, fmt.Errorf("run log %s: %w", name, err)
	case !info.IsDir():
		return nil, fmt.Errorf("run log %s: it is a file, expected a folder", name)
	}
	// Temporary files stand beside the final ones: a rename over file systems fails.
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fmt.Errorf("run log %s: %w", name, err)
	}
	return &place{name: name, bucket: bucket, dir: dir}, nil
}
