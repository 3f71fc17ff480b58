package dispatch_test

import (
	"context"
	"net/netip"
	"testing"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

func TestLimitKey(t *testing.T) {
	for address, want := range map[string]string{
		"198.51.100.7":           "198.51.100.7",
		"::ffff:198.51.100.7":    "198.51.100.7",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::", // a client can pick the rest
		"2001:db8:1:2::":         "2001:db8:1:2::",
		"fe80::1:2:3:4:5%eth0":   "fe80:0:0:1::",
		"2001:db8:1:3::ffff:1:2": "2001:db8:1:3::",
	} {
		if got := dispatch.LimitKey(netip.MustParseAddr(address)); got != netip.MustParseAddr(want) {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

// TestUploadPanic: a panic leaves the gate, which lets one upload in at once.
func TestUploadPanic(t *testing.T) {
	upload := dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{Upload: true}, "echo", "say", "", func(context.Context, dispatchtest.SayRequest) (dispatchtest.SayResult, error) { panic("lost") })
	registry := dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, upload)
	for range 3 {
		response := registry.Dispatch(t.Context(), dispatch.Inbound{Path: "/open", Body: []byte(`{"id":7,"type":"echo","subtype":"say","data":{"text":"hi"}}`)})
		if response.Status != dispatch.UnknownError.Number {
			t.Errorf("%+v", response)
		}
	}
}
