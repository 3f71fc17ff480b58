package wire

import (
	"testing"
	"time"
)

// A time's text is as the library writes the layout, in every year and zone.
func TestClockText(t *testing.T) {
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/St_Johns"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		clock := Clock{Location: location}
		for _, at := range []time.Time{
			time.Unix(0, 0),
			time.Date(2019, 11, 28, 22, 25, 52, 0, location),
			time.Date(1880, 1, 1, 0, 0, 0, 0, time.UTC), // zones had seconds then
			time.Date(0, 1, 1, 0, 0, 0, 0, location),
			time.Date(-1, 12, 31, 23, 59, 59, 0, location),
			time.Date(9999, 12, 31, 23, 59, 59, 0, location),
			time.Date(10000, 1, 1, 0, 0, 0, 0, location),
		} {
			want := at.In(location).Format("2006-01-02 15:04:05")
			if got := clock.Text(at.Unix()); got != want {
				t.Errorf("%d in %s is %q, want %q", at.Unix(), zone, got, want)
			}
		}
	}
}
