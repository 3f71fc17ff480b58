package bench

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// The table of BenchmarkOthers stands between these.
const (
	othersBegin = "<!-- others: begin -->"
	othersEnd   = "<!-- others: end -->"
)

// BenchmarkOthers is img/validate beside the same call on other libraries, whose program
// make compare compiles from testdata/others: OTHERS is its path. With BENCH set it
// writes its table into the page there.
func BenchmarkOthers(b *testing.B) {
	program := os.Getenv("OTHERS")
	if program == "" {
		b.Skip("make compare compiles what it is compared with")
	}
	const slice = 2 * time.Second
	other := func(kind string) side {
		address := campusgatetest.FreeAddress(b)
		return side{processes: []*served{launch(b, address, os.Environ(), program, kind, address)}}
	}
	campus := newEmbedded(b, campusgatetest.FillCampus)
	floor := campus.floors(b, campus.floor)
	ask := wrkRequest{path: "/api/external/captcha", body: campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)}
	type row struct {
		name string
		*wrk
	}
	var rows []row
	for _, s := range []struct {
		name string
		side side
	}{
		{"campusgate", campus.gateways(b)},
		{"campusgate, no request log", campus.gateways(b, "CAMPUSGATE_LOG_LEVEL=warn")},
		{"bare fasthttp, the floor", floor},
		{"Fiber", other("fiber")},
		{"bare net/http", other("net/http")},
		{"Gin", other("gin")},
	} {
		contest{
			name: s.name, server: s.side, floor: floor,
			work: campusgatetest.Asking(ask.raw(), 200), floorWork: campusgatetest.Asking(ask.raw(), 200),
		}.compareAnswers(b)
		asking := newWrk(b, s.side, ask)
		asking.run(b, time.Second) // it is warm, and has seen that it has one core
		asking.forget()
		rows = append(rows, row{s.name, asking})
	}
	turns := 0
	for b.Loop() {
		for _, r := range rows {
			r.run(b, slice)
		}
		turns++
	}
	b.ReportMetric(0, "ns/op") // of a turn: it says nothing
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(median(a.cpu), median(b.cpu)) })
	var table strings.Builder
	fmt.Fprintf(&table, "Medians of %d turns of %s, 16 connections, on %s.\n\n", turns, slice, machine())
	table.WriteString("| server | calls/s | CPU µs a call |\n|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&table, "| %s | %.0f | %.1f |\n", r.name, median(r.perSecond), median(r.cpu))
	}
	b.Log("\n" + table.String())
	if folder := os.Getenv("BENCH"); folder != "" {
		writeBetween(b, folder, othersBegin, othersEnd, table.String())
	}
}
