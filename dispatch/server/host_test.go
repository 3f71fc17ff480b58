package server

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// A handler can know the host that its request was sent to.
func TestHostFrom(t *testing.T) {
	t.Parallel()
	type hostAnswer struct {
		Host string `json:"host"`
	}
	server := start(t, func(o *Options) {
		registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Authenticate: dispatchtest.Authenticate, Logger: o.Logger},
			dispatch.Handle(dispatch.Path{Pattern: "/host"}, dispatch.Need{}, "host", "show", "Show the host",
				func(ctx context.Context, _ struct{}) (hostAnswer, error) {
					return hostAnswer{dispatch.HostFrom(ctx)}, nil
				}))
		if err != nil {
			panic(err)
		}
		o.Registry = registry
	})
	for _, host := range []string{"campus.example", "campus.example:8443", "[::1]:4081"} {
		const body = `{"id":1,"type":"host","subtype":"show","data":{}}`
		connection := server.dial(t)
		_, err := fmt.Fprintf(connection, "POST /api/external/host HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(connection)
		if want := `"data":{"host":"` + host + `"}}`; err != nil || !strings.HasSuffix(string(got), want) {
			t.Errorf("%s, %v\nwant %s", got, err, want)
		}
	}
	if host := dispatch.HostFrom(t.Context()); host != "" {
		t.Errorf("%q outside of a request", host)
	}
}
