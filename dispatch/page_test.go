package dispatch

import "testing"

func TestTakesGzip(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "gzip, deflate, br": true, "br;q=1.0, GZIP;q=0.5": true, "br, *": true, "br": false, "identity": false,
		"gzip;q=0": false, "gzip; q=0.000, *": false, "*;q=0": false, "gzip;q=0.001": true, "xgzip": false, "*, gzip;q=0": false,
	} {
		if got := takesGzip(accept); got != want {
			t.Errorf("%q: %t, want %t", accept, got, want)
		}
	}
}
