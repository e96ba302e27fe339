package runlog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	digestPrefix = "sha256:"
	// compressFrom is from what size in bytes a blob is compressed.
	compressFrom = 4 << 10
	// maxBlob bounds what a blob may unfold to, in bytes.
	maxBlob = 1 << 30
)

// Digest names content as Put does: sha256:HEX.
func Digest(data []byte) string {
	s := sha256.Sum256(data)
	return digestPrefix + hex.EncodeToString(s[:])
}

// Put keeps data under its digest and returns once it is durable. Putting the
// same again costs nothing.
func (l *Log) Put(ctx context.Context, data []byte) (digest string, err error) {
	if len(data) > maxBlob {
		return "", fmt.Errorf("run log %s: a blob of %d bytes, at most %d are allowed", l.place.name, len(data), maxBlob)
	}
	digest = Digest(data)
	l.mu.Lock()
	closed, known := l.closed, l.blobs[digest]
	l.mu.Unlock()
	if closed {
		return "", ErrClosed
	}
	if known {
		return digest, nil
	}
	key := blobKey(digest)
	if len(data) >= compressFrom {
		if data, err = l.zstd.encode(data); err != nil {
			return "", fmt.Errorf("run log %s: %w", l.place.name, err)
		}
		key += ".zst"
	}
	// Written even if it is there already: that mends a damaged one.
	if err := l.place.writeBytes(ctx, key, false, data); err != nil {
		return "", err
	}
	l.mu.Lock()
	l.blobs[digest] = true
	l.mu.Unlock()
	return digest, nil
}

// Get returns what Put kept under digest, verified against it.
func (l *Log) Get(ctx context.Context, digest string) ([]byte, error) {
	if h, ok := strings.CutPrefix(digest, digestPrefix); !ok || len(h) != 64 || strings.Trim(h, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("run log %s: %q is not a digest; expected sha256: and 64 hex digits", l.place.name, digest)
	}
	key := blobKey(digest)
	data, err := l.place.bucket.ReadAll(ctx, key)
	if isNotFound(err) {
		key += ".zst"
		data, err = l.place.bucket.ReadAll(ctx, key)
		if err == nil {
			if data, err = l.zstd.decode(data); err != nil {
				return nil, &CorruptError{Place: l.place.name, Object: key, Why: err.Error()}
			}
		}
	}
	if isNotFound(err) {
		return nil, &CorruptError{Place: l.place.name, Object: blobKey(digest), Why: "the blob is missing"}
	}
	if err != nil {
		return nil, fmt.Errorf("run log %s: %s: %w", l.place.name, key, err)
	}
	if Digest(data) != digest {
		return nil, &CorruptError{Place: l.place.name, Object: key, Why: "the content does not match its digest"}
	}
	return data, nil
}

func blobKey(digest string) string { return "blobs/" + strings.TrimPrefix(digest, digestPrefix) }

// codec is zstd, set up on first use: most commands never need it.
type codec struct {
	once sync.Once
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	err  error
}

func (c *codec) init() error {
	c.once.Do(func() {
		if c.enc, c.err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true)); c.err == nil {
			c.dec, c.err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxBlob))
		}
	})
	return c.err
}

func (c *codec) encode(data []byte) ([]byte, error) {
	if err := c.init(); err != nil {
		return nil, err
	}
	return c.enc.EncodeAll(data, nil), nil
}

func (c *codec) decode(data []byte) ([]byte, error) {
	if err := c.init(); err != nil {
		return nil, err
	}
	return c.dec.DecodeAll(data, nil)
}
