package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"metr/internal/sandbox"
	"metr/internal/sandbox/oci"
)

// importHost makes an image that is nothing but the places for the host's
// programs, which boxes bind read-only.
func (b *Backend) importHost(ctx context.Context) error {
	dirs, links := oci.HostPrograms()
	// The daemon puts its init below /sbin, which must not lie over it.
	dirs = slices.DeleteFunc(dirs, func(d string) bool { return d == "/sbin" })
	links = slices.DeleteFunc(links, func(l [2]string) bool { return l[0] == "/sbin" })
	b.system = dirs
	text, err := skeleton(dirs, links)
	if err != nil {
		return err
	}
	b.image = fmt.Sprintf("metr-host:%x", sha256.Sum256(text))[:26]
	got, err := b.api.ImageInspect(ctx, b.image)
	if errdefs.IsNotFound(err) {
		r, ierr := b.api.ImageImport(ctx, client.ImageImportSource{Source: bytes.NewReader(text), SourceName: "-"}, b.image, client.ImageImportOptions{})
		if ierr == nil {
			_, ierr = io.Copy(io.Discard, r)
			r.Close()
		}
		if ierr != nil {
			return fmt.Errorf("sandbox docker: import an image: %w", ierr)
		}
		got, err = b.api.ImageInspect(ctx, b.image)
	}
	if err != nil {
		return fmt.Errorf("sandbox docker: image %s: %w", b.image, err)
	}
	b.id = got.ID
	return nil
}

// skeleton is a tar of folders to mount on, links, and accounts.
func skeleton(dirs []string, links [][2]string) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	made := map[string]bool{".": true, "/": true}
	var mkdir func(string) error
	mkdir = func(d string) error {
		if made[d] {
			return nil
		}
		if err := mkdir(path.Dir(d)); err != nil {
			return err
		}
		made[d] = true
		return w.WriteHeader(&tar.Header{Name: d[1:] + "/", Typeflag: tar.TypeDir, Mode: 0o755})
	}
	file := func(name, text string) error {
		if err := mkdir(path.Dir(name)); err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: name[1:], Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))}); err != nil {
			return err
		}
		_, err := io.WriteString(w, text)
		return err
	}
	var errs []error
	for _, d := range dirs {
		if st, err := os.Stat(d); err == nil && !st.IsDir() {
			errs = append(errs, file(d, ""))
			continue
		}
		errs = append(errs, mkdir(d))
	}
	for _, d := range []string{sandbox.Work, sandbox.Home, "/tmp", "/proc", "/dev", "/sys", "/sbin"} {
		errs = append(errs, mkdir(d))
	}
	for _, l := range links {
		errs = append(errs, w.WriteHeader(&tar.Header{Name: l[0][1:], Typeflag: tar.TypeSymlink, Linkname: l[1], Mode: 0o777}))
	}
	errs = append(errs,
		file("/etc/passwd", "root:x:0:0:root:/:/bin/false\nmetr:x:1000:1000:metr:"+sandbox.Home+":/bin/sh\n"),
		file("/etc/group", "root:x:0:\nmetr:x:1000:\n"),
		file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
		w.Close())
	return buf.Bytes(), errors.Join(errs...)
}

// The labels of what boxes leave at the daemon while they live.
const (
	labelMetr = "metr"     // "box"
	labelOf   = "metr.of"  // HOST/PID of the metr that it belongs to
	labelBox  = "metr.box" // the box's name
)

func self() string {
	host, _ := os.Hostname()
	return host + "/" + strconv.Itoa(os.Getpid())
}

// orphaned reports whether what carries the label belongs to a process of this
// machine that is gone.
func orphaned(label string) bool {
	host, _ := os.Hostname()
	pid, ok := strings.CutPrefix(label, host+"/")
	n, err := strconv.Atoi(pid)
	return ok && err == nil && n > 0 && !alive(n)
}

// sweep removes containers, then volumes, whose metr is gone.
func (b *Backend) sweep(ctx context.Context) {
	ours := client.Filters{}.Add("label", labelMetr+"=box")
	if l, err := b.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours}); err == nil {
		for _, c := range l.Items {
			if orphaned(c.Labels[labelOf]) {
				_, _ = b.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true})
			}
		}
	}
	if l, err := b.api.VolumeList(ctx, client.VolumeListOptions{Filters: ours}); err == nil {
		for _, v := range l.Items {
			if orphaned(v.Labels[labelOf]) {
				_, _ = b.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
			}
		}
	}
}
