package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// HTTPClient is what a fetch needs of http.Client.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// maxFile bounds a download; published files are below 2 MB.
const maxFile = 256 << 20

// fetch returns the path of a checked copy of the layout's published file,
// which it downloads if the cache has none. A copy in the cache is checked
// again each time: it is small, and scores depend on it.
func (o *Opener) fetch(ctx context.Context, l *layout) (string, error) {
	p := l.files[0]
	dir := o.Cache
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("%s: no folder for fetched files: %w; name a local copy with --data FILE", l.word, err)
		}
		dir = filepath.Join(base, "metr", "data")
	}
	path := filepath.Join(dir, p.sha256[:12]+"-"+p.name)
	if sum, err := sumFile(path); err == nil && sum == p.sha256 {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("%s: %w", l.word, err)
	}
	tmp, err := os.CreateTemp(dir, ".fetch-*")
	if err != nil {
		return "", fmt.Errorf("%s: %w", l.word, err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if err := o.download(ctx, p, tmp); err != nil {
		return "", fmt.Errorf("%s: %w", l.word, err)
	}
	if err := tmp.Chmod(0o644); err != nil {
		return "", err
	}
	if err := tmp.Sync(); err != nil {
		return "", err
	}
	if err := tmp.Close(); err != nil {
		return "", err
	}
	return path, os.Rename(tmp.Name(), path)
}

// download writes the published file to w and checks it.
func (o *Opener) download(ctx context.Context, p published, w io.Writer) error {
	url := p.url
	if o.Mirror != "" {
		url = strings.TrimSuffix(o.Mirror, "/") + "/" + p.name
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// Without this the transport would unpack what a server packed for the way,
	// and the digest is of the file.
	req.Header.Set("Accept-Encoding", "identity")
	const local = "; without a network, name a local copy with --data FILE"
	resp, err := o.client().Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s could not be fetched: %w"+local, p.name, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s could not be fetched: %s answered %s"+local, p.name, url, resp.Status)
	}
	h := sha256.New()
	body := &progressReader{r: io.LimitReader(resp.Body, maxFile+1), name: p.name, total: resp.ContentLength, report: o.Progress}
	n, err := io.Copy(io.MultiWriter(w, h), body)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s broke off after %d bytes: %w"+local, p.name, n, err)
	case n > maxFile:
		return fmt.Errorf("%s is larger than %d MiB at %s; expected the published file", p.name, maxFile>>20, url)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != p.sha256 {
		return fmt.Errorf("%s is not the published file: %s gave sha256 %s, expected %s; a copy that you trust can be named with --data FILE",
			p.name, url, sum, p.sha256)
	}
	return nil
}

func (o *Opener) client() HTTPClient {
	if o.Client != nil {
		return o.Client
	}
	return &http.Client{Timeout: 10 * time.Minute}
}

// progressReader reports how far a download is.
type progressReader struct {
	r           io.Reader
	name        string
	done, total int64
	report      func(file string, done, total int64)
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.done += int64(n)
	if p.report != nil && n > 0 {
		p.report(p.name, p.done, p.total)
	}
	return n, err
}

func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
