package channel_test

import (
	"strings"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
)

func TestYuan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"20": 2000, "20.0": 2000, "20.00": 2000, "0.01": 1, "0.1": 10, "0.29": 29, "1.15": 115, "100000000": 1e10, "007": 700, "0": 0,
	} {
		if got, err := channel.ParseYuan(text); err != nil || got != want {
			t.Errorf("%q is %d fen, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", ".", ".5", "5.", "1.234", "-1", "+1", " 1", "1 ", "1,5", "1e2", "0x1", "1.-1", "1.2.3", "NaN", "１", strings.Repeat("9", 13), "1_0",
	} {
		if got, err := channel.ParseYuan(text); err == nil {
			t.Errorf("%q is %d fen", text, got)
		}
	}
}

// Every fen comes back: floats would lose some.
func TestYuanKept(t *testing.T) {
	t.Parallel()
	for fen := range int64(100_000) {
		text := channel.FormatYuan(fen)
		if got, err := channel.ParseYuan(text); err != nil || got != fen {
			t.Fatalf("%d fen are %q, and come back as %d, %v", fen, text, got, err)
		}
	}
	if got := channel.FormatYuan(10); got != "0.10" {
		t.Errorf("10 fen are %q", got)
	}
}

func TestBeijing(t *testing.T) {
	t.Parallel()
	if got := time.Unix(1_795_658_400, 0).In(channel.Beijing).Format(time.RFC3339); got != "2026-11-26T10:00:00+08:00" {
		t.Error(got)
	}
}
