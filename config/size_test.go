package config

import "testing"

func TestSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		bytes Size
		again string // as String gives it
	}{
		{"0", 0, "0"},
		{"0MiB", 0, "0"},
		{"1", 1, "1"},
		{"1023", 1023, "1023"},
		{"1024", 1024, "1KiB"},
		{"1536KiB", 1536 << 10, "1536KiB"},
		{"8MiB", 8 << 20, "8MiB"},
		{"1024MiB", 1 << 30, "1GiB"},
		{"8589934591GiB", 8589934591 << 30, "8589934591GiB"},
		{"9223372036854775807", 1<<63 - 1, "9223372036854775807"},
	}
	for _, tt := range tests {
		size, err := parseSize(tt.text)
		if err != nil || size != tt.bytes {
			t.Errorf("parseSize(%q) = %d, %v, want %d", tt.text, size, err, tt.bytes)
		}
		if got := size.String(); got != tt.again {
			t.Errorf("Size(%d).String() = %q, want %q", size, got, tt.again)
		}
	}
}

func TestSizeProblems(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "MiB", "-1", "+1", "1.5MiB", "8MB", "8M", "8mib", "8 MiB", " 8MiB", "1e3", "0x10", "1_000",
		"8589934592GiB", "9223372036854775808", "18446744073709551615KiB",
	} {
		if size, err := parseSize(text); err == nil {
			t.Errorf("parseSize(%q) = %d, want an error", text, size)
		}
	}
}
