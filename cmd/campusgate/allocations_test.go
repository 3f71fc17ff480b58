package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"testing"

	"campusgate/config"
)

// TestCallAllocations: what a call may allocate, from the socket to the socket. It
// is a count and not a time, the same on every machine: one that has grown is seen.
// The request's line in the log is counted in package dispatch.
func TestCallAllocations(t *testing.T) {
	if raced() {
		t.Skip("make test counts apart: the race detector empties pools at random")
	}
	const runs = 100
	client, calls := countedCalls(t)
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			got := testing.AllocsPerRun(runs, func() { must(t, call.work(client)) })
			if got > call.most {
				t.Errorf("%v allocations, want at most %v", got, call.most)
			}
		})
	}
}

// BenchmarkCall is the same calls, for profiles: see `make profile`.
func BenchmarkCall(b *testing.B) {
	client, calls := countedCalls(b)
	for _, call := range calls {
		b.Run(call.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(b, call.work(client))
			}
		})
	}
}

// countedCall is a call, and the most that it may allocate.
type countedCall struct {
	name string
	work work
	most float64
}

// countedCalls are the calls of a gateway, and its client.
func countedCalls(t testing.TB) (*connection, []countedCall) {
	t.Helper()
	client := dial(t, []string{serveCounted(t)}, 1)[0]
	_, encoded := noise(t, 112) // about 50 KB
	uploads := posting("/pic"+campusQuery(0), envelope("pic/upload", `{"from":"shop","base64":"`+encoded+`"}`))
	must(t, asking(uploads, 200)(client))
	picture := "/api/external" + pictureURL.FindStringSubmatch(string(client.body))[1]
	property := "/api/external/get/property" + campusQuery(0)
	return client, []countedCall{
		{"img/validate", asking(posting("/captcha", envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)), 200), 8},
		{"img/generate", asking(posting("/captcha", envelope("img/generate", `{}`)), 200), 60},
		{"product/info", asking(posting("/get/product"+campusQuery(0), envelope("product/info", fmt.Sprintf(`{"product_id":%d}`, campusProduct(0)))), 200), 100},
		{"shop/list, 30 rows", asking(posting("/get/shop"+campusQuery(0), envelope("shop/list", `{}`)), 200), 495},
		{"GET property, 50 rows", asking(getting(property+"&type=1&lab="+url.QueryEscape(foundWord), ""), 200), 1195},
		{"GET property, 1,000 rows", asking(getting(property+"&type=2", ""), 200), 21100},
		{"purchase/apply + pay", buy, 352},
		{"pic/upload", asking(uploads, 200), 95},
		{"GET pic", asking(getting(picture, ""), 200), 8},
		{"GET pic, If-None-Match", asking(getting(picture, "If-None-Match: *\r\n"), 304), 8},
	}
}

// serveCounted runs the gateway in this process, without a log and without
// remembered tokens, and tells its address.
func serveCounted(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	configuration, err := config.Load("", []string{
		"CAMPUSGATE_DATABASE_DSN=" + databaseIn(folder), "CAMPUSGATE_PICTURES_DIR=" + filepath.Join(folder, "pictures"),
		"CAMPUSGATE_AUTH_CACHE_TTL=0s", "CAMPUSGATE_DATABASE_TIMEOUT=10m", // the campus is filled in one transaction
	})
	must(t, err)
	ctx := context.WithoutCancel(t.Context())
	db, err := openDatabase(ctx, configuration)
	must(t, err)
	fillCampus(t, db)
	g, err := newGateway(configuration, slog.New(slog.DiscardHandler), db, false)
	must(t, err)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	must(t, err)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- g.serve(running, listener) }()
	t.Cleanup(func() {
		stop()
		must(t, <-done)
		must(t, db.Close())
	})
	return listener.Addr().String()
}

var pictureURL = regexp.MustCompile(`"url":"\./api/external([^"]+)"`)
