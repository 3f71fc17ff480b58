package config

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what stands for a secret wherever one is printed.
const hidden = "[hidden]"

// Secret is a value that must not reach a log, a message or an encoded configuration: fmt with any verb, slog and the
// encoders that use [encoding.TextMarshaler] all print a fixed text for it. [Secret.Reveal] gives the value.
type Secret string

// Reveal returns the value, for the client that has to send it.
func (s Secret) Reveal() string { return string(s) }

// String hides the value.
func (s Secret) String() string { return hidden }

// GoString hides the value.
func (s Secret) GoString() string { return hidden }

// Format hides the value. String alone would not: for a verb that does not fit, as %d, fmt prints the value itself.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the value from encoders. There is no error.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
