package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
)

// What comes in time and is not too long is answered as it is; all else is unknown, and
// does not tell the query.
func TestDo(t *testing.T) {
	t.Parallel()
	waits := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/whole":
			_, _ = w.Write(make([]byte, client.MaxBody))
		case "/long":
			_, _ = w.Write(make([]byte, client.MaxBody+1))
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/moved":
			http.Redirect(w, r, "/whole", http.StatusFound)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		case "/slow":
			select {
			case <-waits:
			case <-r.Context().Done():
			}
		case "/dead":
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(waits) })
	c := client.New()
	for path, want := range map[string]int{
		"whole": 200, "broken": 500, "moved": 302, "long": 0, "cut": 0, "slow": 0, "dead": 0,
	} {
		t.Run(path, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if path == "slow" {
				cancel()
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/"+path+"?sign=secret", nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := c.Do(request)
			switch {
			case want == 0 && (!errors.Is(err, channel.ErrUnknown) || answer.Status != 0):
				t.Errorf("%d, %v", answer.Status, err)
			case want != 0 && (err != nil || answer.Status != want):
				t.Errorf("%d, %v", answer.Status, err)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("it tells the query: %v", err)
			}
		})
	}
}
