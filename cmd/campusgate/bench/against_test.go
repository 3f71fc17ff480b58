package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// The table of BenchmarkAgainst stands between these.
const (
	againstBegin = "<!-- against: begin -->"
	againstEnd   = "<!-- against: end -->"
)

// BenchmarkAgainst is calls beside those of an earlier program: make against compiles
// that of REVISION, and AGAINST is its path. Both serve what the demo of the earlier one
// left. Two processes of one program differ by a tenth, by where their memory happens
// to lie: each turn starts them anew. With BENCH set it writes its table into the page
// there.
func BenchmarkAgainst(b *testing.B) {
	program := os.Getenv("AGAINST")
	if program == "" {
		b.Skip("make against compiles what it is compared with")
	}
	demo, rows := playDemo(b, program)
	turns := 0
	for b.Loop() {
		ours, earlier := demo.serve(b, campusgatetest.Program(b)), demo.serve(b, program)
		for _, row := range rows {
			row.play(b, ours, earlier)
		}
		for _, side := range slices.Concat(ours[:], earlier[:]) {
			side.stop()
		}
		turns++
	}
	b.ReportMetric(0, "ns/op") // of a turn: it says nothing
	var table strings.Builder
	fmt.Fprintf(&table, "Medians of %d turns, 16 connections, beside %s, on %s. Ratios with the least and the greatest of a turn.\n\n", turns, os.Getenv("REVISION"), machine())
	table.WriteString("| call | calls/s | earlier | ratio | CPU µs a call | earlier | ratio |\n|---|---|---|---|---|---|---|\n")
	for _, row := range rows {
		table.WriteString(row.line() + "\n")
	}
	b.Log("\n" + table.String())
	if folder := os.Getenv("BENCH"); folder != "" {
		writeBetween(b, folder, againstBegin, againstEnd, table.String())
	}
}

// demoData is the folder that a demo has left.
type demoData string

// playDemo has a program make its demo, and uploads a picture.
func playDemo(b *testing.B, program string) (demoData, []*againstRow) {
	b.Helper()
	folder := b.TempDir()
	command := exec.Command(program, "serve", "--demo") //nolint:noctx // it is stopped below
	command.Env = campusgatetest.Embedded(folder)
	demo := campusgatetest.StartCommand(b, command)
	defer demo.Stop()
	own := "?token=" + demo.DemoToken(b, campusgatetest.DemoBuyer)
	picture, encoded := campusgatetest.Noise(b, 112)
	demo.Call(b, "/pic"+own, "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`)
	post := func(call, path, data string) wrkRequest {
		return wrkRequest{path: "/api/external" + path, body: campusgatetest.Envelope(call, data)}
	}
	show := wrkRequest{path: "/api/external/get/pic/shop/" + campusgatetest.MD5(picture)}
	unchanged := show
	unchanged.header = `If-None-Match: "` + campusgatetest.MD5(picture) + `"`
	info := post("product/info", "/get/product"+own, fmt.Sprintf(`{"product_id":%d}`, campusgatetest.DemoProduct))
	return demoData(folder), []*againstRow{
		{name: "img/validate", ask: post("img/validate", "/captcha", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)},
		{name: "img/generate", ask: post("img/generate", "/captcha", `{}`)},
		{name: "product/info, auth.cache_ttl 2s", ask: info},
		{name: "product/info, auth.cache_ttl 0", ask: info, uncached: 1},
		{name: "shop/list", ask: post("shop/list", "/get/shop"+own, `{}`)},
		{name: "GET property", ask: wrkRequest{path: "/api/external/get/property" + own + "&type=1"}},
		{name: "GET pic, 50 KB", ask: show},
		{name: "GET pic, If-None-Match", ask: unchanged},
	}
}

// serve starts a program on a copy of the data: one that remembers tokens and one that
// does not.
func (d demoData) serve(b *testing.B, program string) (sides [2]side) {
	b.Helper()
	for i, ttl := range []string{"2s", "0s"} {
		folder, address := filepath.Join(b.TempDir(), "data"), campusgatetest.FreeAddress(b)
		must(b, os.CopyFS(folder, os.DirFS(string(d))))
		sides[i] = side{processes: []*served{launch(b, address, campusgatetest.Embedded(folder,
			"CAMPUSGATE_SERVER_LISTEN="+address, "CAMPUSGATE_LIMITS_PER_MINUTE=0", "CAMPUSGATE_AUTH_CACHE_TTL="+ttl), program, "serve")}}
	}
	return sides
}

// againstRow is a call, and what each turn has measured of it.
type againstRow struct {
	name          string
	ask           wrkRequest
	uncached      int // 1: by the process with auth.cache_ttl 0
	ours, earlier measured
}

// measured are the medians of each turn.
type measured struct{ perSecond, cpu []float64 } // µs a call

// play has wrk ask both for a turn of some slices.
func (r *againstRow) play(b *testing.B, ours, earlier [2]side) {
	b.Helper()
	mine, other := newWrk(b, ours[r.uncached], r.ask), newWrk(b, earlier[r.uncached], r.ask)
	for i := range 4 {
		if i == 1 { // both are warm, and have seen that they have one core
			mine.forget()
			other.forget()
		}
		pair := []*wrk{mine, other}
		pair[i%2].run(b, time.Second)
		pair[1-i%2].run(b, time.Second)
	}
	r.ours.add(mine)
	r.earlier.add(other)
}

func (m *measured) add(w *wrk) {
	m.perSecond, m.cpu = append(m.perSecond, median(w.perSecond)), append(m.cpu, median(w.cpu))
}

// line is the row of the table. A ratio of less than 1 is one of a call that is dearer
// than it was.
func (r *againstRow) line() string {
	ratios := func(one, other []float64) string {
		all := make([]float64, len(one))
		for i := range all {
			all[i] = one[i] / other[i]
		}
		return fmt.Sprintf("%.2f (%.2f to %.2f)", median(all), slices.Min(all), slices.Max(all))
	}
	return fmt.Sprintf("| %s | %.0f | %.0f | %s | %.1f | %.1f | %s |", r.name,
		median(r.ours.perSecond), median(r.earlier.perSecond), ratios(r.ours.perSecond, r.earlier.perSecond),
		median(r.ours.cpu), median(r.earlier.cpu), ratios(r.earlier.cpu, r.ours.cpu))
}
