package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/config"
)

// TestCallAllocations: what a call may allocate, from the socket to the socket. It
// is a count and not a time, the same on every machine: one that has grown is seen.
func TestCallAllocations(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test counts apart: the race detector empties pools at random")
	}
	const runs = 100
	client, calls := countedCalls(t)
	for _, call := range calls {
		t.Run(call.name, func(t *testing.T) {
			got := testing.AllocsPerRun(runs, func() { must(t, call.work(client)) })
			if got > call.max {
				t.Errorf("%v allocations, want at most %v", got, call.max)
			}
		})
	}
}

// BenchmarkCall is the same calls, for profiles: see `make profile` and `make pgo`.
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

// countedCall is a call, and the max that it may allocate.
type countedCall struct {
	name string
	work campusgatetest.Work
	max  float64
}

// countedCalls are the calls of a gateway, and its client.
func countedCalls(t testing.TB) (*campusgatetest.Connection, []countedCall) {
	t.Helper()
	client := campusgatetest.Dial(t, []string{serveCounted(t)}, 1)[0]
	_, encoded := campusgatetest.Noise(t, 112) // about 50 KB
	uploads := campusgatetest.Posting("/pic"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("pic/upload", `{"from":"shop","base64":"`+encoded+`"}`))
	must(t, campusgatetest.Asking(uploads, 200)(client))
	picture := "/api/external" + pictureURL.FindStringSubmatch(string(client.Body))[1]
	property := "/api/external/get/property" + campusgatetest.CampusQuery(0)
	return client, []countedCall{
		{"img/validate", campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)), 200), 10},
		{"img/generate", campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/generate", `{}`)), 200), 61},
		{"product/info", campusgatetest.Asking(campusgatetest.Posting("/get/product"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("product/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusProduct(0)))), 200), 104},
		{"shop/list, 30 rows", campusgatetest.Asking(campusgatetest.Posting("/get/shop"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("shop/list", `{}`)), 200), 476},
		{"GET property, 50 rows", campusgatetest.Asking(campusgatetest.Getting(property+"&type=1&lab="+url.QueryEscape(campusgatetest.FoundWord), ""), 200), 1195},
		{"GET property, 1,000 rows", campusgatetest.Asking(campusgatetest.Getting(property+"&type=2", ""), 200), 21100},
		{"product/detail", asking("/browse", "product/detail", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusGoods(0))), 163},
		{"course/info, 50 sections", asking("/browse", "course/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusCourse)), 540},
		{"cart/list, 100 lines", asking("/cart", "cart/list", `{"count":100}`), 2070},
		{"order/prepare, 50 lines", asking("/order", "order/prepare", campusgatetest.CampusOrder()), 2040},
		{"purchase/apply + pay", campusgatetest.Buy, 390},
		{"pic/upload", campusgatetest.Asking(uploads, 200), 95},
		{"GET pic", campusgatetest.Asking(campusgatetest.Getting(picture, ""), 200), 9},
		{"GET pic, If-None-Match", campusgatetest.Asking(campusgatetest.Getting(picture, "If-None-Match: *\r\n"), 304), 9},
	}
}

// asking sends a call as the user 0.
func asking(path, call, data string) campusgatetest.Work {
	return campusgatetest.Asking(campusgatetest.Posting(path+campusgatetest.CampusQuery(0), campusgatetest.Envelope(call, data)), 200)
}

// serveCounted runs the gateway in this process, with a log that nobody reads and without
// remembered tokens, and tells its address.
func serveCounted(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	configuration, err := config.Load("", []string{
		"CAMPUSGATE_DATABASE_DSN=" + campusgatetest.DatabaseIn(folder), "CAMPUSGATE_PICTURES_DIR=" + filepath.Join(folder, "pictures"),
		"CAMPUSGATE_AUTH_CACHE_TTL=0s", "CAMPUSGATE_DATABASE_TIMEOUT=10m", // the campus is filled in one transaction
	})
	must(t, err)
	ctx := context.WithoutCancel(t.Context())
	db, err := process{stderr: io.Discard}.openDatabase(ctx, configuration)
	must(t, err)
	campusgatetest.FillCampus(t, db)
	logger, lines := newServingLogger(io.Discard, configuration.Log)
	g, err := newGateway(configuration, logger, db, nil, nil)
	must(t, err)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	must(t, err)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- g.serve(running, listener) }()
	t.Cleanup(func() {
		stop()
		must(t, <-done)
		lines.close(campusgatetest.Patience)
		must(t, db.Close())
	})
	return listener.Addr().String()
}

var pictureURL = regexp.MustCompile(`"url":"\./api/external([^"]+)"`)
