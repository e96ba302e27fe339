package oci

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// image is an unpacked image.
type image struct {
	digest string // of its configuration, which names every layer's content
	rootfs string
	env    []string
}

// prepare finds the image that ref names, unpacks it below cache unless that was
// done before, and returns it. A reference with a tag is looked up once: what it
// meant then is remembered below cache/refs.
func prepare(ctx context.Context, ref, cache string, m mapping, notice func(string, ...any)) (*image, error) {
	sweep(cache)
	remembered := filepath.Join(cache, "refs", strings.NewReplacer("/", "_", ":", "_", "@", "_").Replace(ref))
	if _, err := os.Stat(ref); err != nil {
		if b, err := os.ReadFile(remembered); err == nil {
			if im, err := unpacked(cache, strings.TrimSpace(string(b)), m); err == nil {
				return im, nil
			}
		}
		notice("fetching and unpacking the image %s (once)", ref)
	}
	img, err := open(ctx, ref)
	if err != nil {
		return nil, err
	}
	digest, err := img.ConfigName()
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", ref, err)
	}
	im, err := unpacked(cache, digest.String(), m)
	if errors.Is(err, os.ErrNotExist) {
		if err = unpack(ctx, img, cache, digest.String(), m); err == nil {
			im, err = unpacked(cache, digest.String(), m)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", ref, err)
	}
	if _, err := os.Stat(ref); err != nil {
		if err := os.MkdirAll(filepath.Dir(remembered), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(remembered, []byte(digest.String()+"\n"), 0o644); err != nil {
			return nil, err
		}
	}
	return im, nil
}

// open reads what ref names: a folder, a file, or else a reference.
func open(ctx context.Context, ref string) (v1.Image, error) {
	st, err := os.Stat(ref)
	switch {
	case err == nil && st.IsDir():
		return fromLayout(ref)
	case err == nil:
		img, err := tarball.ImageFromPath(ref, nil)
		if err != nil {
			return nil, fmt.Errorf("image %s: not a docker-archive of one image (as `docker save` writes it): %w", ref, err)
		}
		return img, nil
	case strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "."):
		return nil, fmt.Errorf("image %s: no such file or folder", ref)
	}
	r, err := name.ParseReference(ref)
	if err != nil {
		return nil, fmt.Errorf("image %q: neither a file, a folder nor a reference such as python:3.13-slim: %w", ref, err)
	}
	img, err := remote.Image(r, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH}))
	if err != nil {
		return nil, fmt.Errorf("image %s: not to be had from its registry: %w", ref, err)
	}
	return img, nil
}

// fromLayout takes the image for this machine of an OCI layout folder.
func fromLayout(dir string) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("image %s: not an OCI layout folder: %w", dir, err)
	}
	im, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", dir, err)
	}
	want := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	for _, d := range im.Manifests {
		if d.MediaType.IsImage() && (d.Platform == nil || d.Platform.Satisfies(want)) {
			return index.Image(d.Digest)
		}
		if d.MediaType.IsIndex() {
			if inner, err := index.ImageIndex(d.Digest); err == nil {
				if im, err := inner.IndexManifest(); err == nil {
					for _, d := range im.Manifests {
						if d.Platform != nil && d.Platform.Satisfies(want) {
							return inner.Image(d.Digest)
						}
					}
				}
			}
		}
	}
	return nil, fmt.Errorf("image %s: the layout has no image for %s/%s", dir, want.OS, want.Architecture)
}

// place is where the image of a digest lies when it is unpacked for a mapping.
func place(cache, digest string, m mapping) string {
	return filepath.Join(cache, fmt.Sprintf("%s-%d", strings.ReplaceAll(digest, ":", "-"), m.Outside))
}

// unpacked reads an image that was unpacked before.
func unpacked(cache, digest string, m mapping) (*image, error) {
	dir := place(cache, digest, m)
	b, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		return nil, err
	}
	config, err := v1.ParseConfigFile(strings.NewReader(string(b)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove the folder to have it unpacked again", dir, err)
	}
	return &image{digest: digest, rootfs: filepath.Join(dir, "rootfs"), env: config.Config.Env}, nil
}

// sweep removes what unpacking processes that are gone left unfinished.
func sweep(cache string) {
	es, _ := os.ReadDir(cache)
	for _, e := range es {
		rest, ok := strings.CutPrefix(e.Name(), ".unpack-")
		pid, _, _ := strings.Cut(rest, "-")
		if n, err := strconv.Atoi(pid); ok && err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			_ = os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}
