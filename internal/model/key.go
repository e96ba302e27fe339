package model

import (
	"fmt"
	"io"
	"log/slog"
)

// Key is a secret that shows itself to nobody but who calls Reveal. Printing,
// logging and encoding it give a placeholder, also where it lies in a field that
// is not exported: it holds a function, whose address is all that reflection
// finds.
type Key struct{ reveal func() string }

// NewKey keeps secret; an empty one is no key.
func NewKey(secret string) Key {
	if secret == "" {
		return Key{}
	}
	return Key{func() string { return secret }}
}

// Reveal returns the secret, "" where there is none.
func (k Key) Reveal() string {
	if k.reveal == nil {
		return ""
	}
	return k.reveal()
}

// Set says whether there is a key.
func (k Key) Set() bool { return k.reveal != nil }

// String is a placeholder.
func (k Key) String() string {
	if k.Set() {
		return "[key]"
	}
	return "[no key]"
}

// GoString is a placeholder.
func (k Key) GoString() string { return k.String() }

// Format writes the placeholder for every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText writes a placeholder; encoding/json uses it too.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalJSON writes a placeholder.
func (k Key) MarshalJSON() ([]byte, error) { return []byte(`"` + k.String() + `"`), nil }

// LogValue is a placeholder.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
