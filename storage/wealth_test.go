package storage

import (
	"math"
	"testing"
)

func TestWealthScan(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value any
		want  int64 // fen
		bad   bool
	}{
		{name: "NULL", value: nil, want: 0},
		{name: "integer", value: int64(12), want: 1200},
		{name: "negative integer", value: int64(-12), want: -1200},
		{name: "unsigned integer", value: uint64(12), want: 1200},
		{name: "short float", value: float32(12.34), want: 1234},
		{name: "float", value: 12.34, want: 1234},
		{name: "float below its decimal", value: 1.1, want: 110},
		{name: "float after a sum", value: 0.1 + 0.2, want: 30},
		{name: "float noise below", value: 12.339999999999998, want: 1234},
		{name: "negative float", value: -0.05, want: -5},
		{name: "large float", value: 45035996273704.97, want: 4503599627370497},
		{name: "decimal bytes", value: []byte("12.34"), want: 1234},
		{name: "decimal text", value: "12.34", want: 1234},
		{name: "text without a fraction", value: "12", want: 1200},
		{name: "text with one digit", value: "12.3", want: 1230},
		{name: "text with four digits", value: "12.3400", want: 1234},
		{name: "text below zero", value: "-0.05", want: -5},
		{name: "text with zeros before", value: "0012.30", want: 1230},
		{name: "text without a whole part", value: "-.5", want: -50},
		{name: "text that ends in a point", value: "5.", want: 500},
		{name: "half a fen, away from zero", value: "0.005", want: 1},
		{name: "beyond a float's digits", value: "90071992547409.93", want: 9007199254740993},
		{name: "greatest", value: "92233720368547758.07", want: math.MaxInt64},
		{name: "exponent", value: "1e3", want: 100000},
		{name: "too much", value: "92233720368547758.08", bad: true},
		{name: "too much of an integer", value: int64(math.MaxInt64), bad: true},
		{name: "infinite", value: math.Inf(1), bad: true},
		{name: "not a number", value: math.NaN(), bad: true},
		{name: "empty text", value: "", bad: true},
		{name: "a sign alone", value: "-", bad: true},
		{name: "a sign and a point", value: "-.", bad: true},
		{name: "a sign behind the point", value: "12.-5", bad: true},
		{name: "words", value: "rich", bad: true},
		{name: "another type", value: true, bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := wealth(-1)
			if err := got.Scan(test.value); (err != nil) != test.bad {
				t.Fatalf("Scan(%v): %v", test.value, err)
			}
			if !test.bad && int64(got) != test.want {
				t.Errorf("Scan(%v) = %d fen, want %d", test.value, got, test.want)
			}
		})
	}
}

func TestWealthValue(t *testing.T) {
	t.Parallel()
	for fen, want := range map[wealth]string{
		0: "0.00", 1: "0.01", 10: "0.10", 1234: "12.34", 1200: "12.00", -5: "-0.05", -1234: "-12.34",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		if got, err := fen.Value(); err != nil || got != want {
			t.Errorf("%d fen is written %v, %v; want %s", int64(fen), got, err, want)
		}
	}
}
