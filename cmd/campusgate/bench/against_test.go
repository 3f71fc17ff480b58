package bench

import (
	"bytes"
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

// The turns of BenchmarkAgainst, and their slices of a second beside the first, which
// counts for nothing.
const (
	againstTurns  = 9
	againstSlices = 4
)

// BenchmarkAgainst is calls beside those of an earlier program: make against compiles
// that of REVISION, and AGAINST is its path. Both serve what the demo of the earlier one
// left. Two processes of one program differ by a tenth and more, by where their memory
// happens to lie: each turn starts them anew. With BENCH set it writes its table into
// the page there.
func BenchmarkAgainst(b *testing.B) {
	program := os.Getenv("AGAINST")
	if program == "" {
		b.Skip("make against compiles what it is compared with")
	}
	demo, token := playDemo(b, program)
	rows := againstRows(b, token)
	for turn := range againstTurns {
		b.Run(fmt.Sprintf("turn %d", turn+1), func(b *testing.B) { // whose logs and data go with it
			ours, earlier := demo.serve(b, campusgatetest.StaticProgram(b)), demo.serve(b, program)
			for _, row := range rows {
				row.play(b, ours, earlier)
			}
		})
	}
	var table strings.Builder
	fmt.Fprintf(&table, "Medians of %d turns of %d × 1s, 16 connections, beside %s, on %s. Ratios with the least and the greatest of a turn.\n\n",
		againstTurns, againstSlices, os.Getenv("REVISION"), machine())
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

// playDemo has a program make its demo, and returns a user's token.
func playDemo(b *testing.B, program string) (left demoData, token string) {
	b.Helper()
	folder := b.TempDir()
	command := exec.Command(program, "serve", "--demo") //nolint:noctx // it is stopped below
	command.Env = campusgatetest.Embedded(folder)
	demo := campusgatetest.StartCommand(b, command)
	defer demo.Stop()
	return demoData(folder), demo.DemoToken(b, campusgatetest.DemoBuyer)
}

// againstSides are two processes of a program: one remembers tokens, the other does not.
type againstSides struct{ cached, uncached side }

// serve starts a program on copies of the data.
func (d demoData) serve(b *testing.B, program string) againstSides {
	b.Helper()
	start := func(ttl string) side {
		folder, address := filepath.Join(b.TempDir(), "data"), campusgatetest.FreeAddress(b)
		must(b, os.CopyFS(folder, os.DirFS(string(d))))
		environ := campusgatetest.Embedded(folder, "CAMPUSGATE_SERVER_LISTEN="+address,
			"CAMPUSGATE_LIMITS_PER_MINUTE=0", "CAMPUSGATE_AUTH_CACHE_TTL="+ttl)
		return side{processes: []*served{launch(b, address, environ, program, "serve")}}
	}
	return againstSides{start("2s"), start("0s")}
}

// againstRow is a call, and what each turn has measured of it.
type againstRow struct {
	name          string
	ask           wrkRequest
	before        []byte // a request whose answer must be a success, if any
	uncached      bool
	ours, earlier measured
}

// measured are the medians of each turn.
type measured struct{ perSecond, cpu []float64 } // µs a call

func (m *measured) add(w *wrk) {
	m.perSecond, m.cpu = append(m.perSecond, median(w.perSecond)), append(m.cpu, median(w.cpu))
}

func againstRows(b *testing.B, token string) []*againstRow {
	b.Helper()
	own := "?token=" + token
	post := func(path, call, data string) wrkRequest {
		return wrkRequest{path: "/api/external" + path, body: campusgatetest.Envelope(call, data)}
	}
	picture, encoded := campusgatetest.Noise(b, 112)
	upload := post("/pic"+own, "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`).raw()
	show := wrkRequest{path: "/api/external/get/pic/shop/" + campusgatetest.MD5(picture)}
	unchanged := show
	unchanged.header = `If-None-Match: "` + campusgatetest.MD5(picture) + `"`
	info := post("/get/product"+own, "product/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.DemoProduct))
	return []*againstRow{
		{name: "img/validate", ask: post("/captcha", "img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)},
		{name: "img/generate", ask: post("/captcha", "img/generate", `{}`)},
		{name: "product/info, auth.cache_ttl 2s", ask: info},
		{name: "product/info, auth.cache_ttl 0", ask: info, uncached: true},
		{name: "shop/list", ask: post("/get/shop"+own, "shop/list", `{}`)},
		{name: "GET property", ask: wrkRequest{path: "/api/external/get/property" + own + "&type=1"}},
		{name: "GET pic, 50 KB", ask: show, before: upload},
		{name: "GET pic, If-None-Match", ask: unchanged, before: upload},
	}
}

// play has wrk ask both for a turn.
func (r *againstRow) play(b *testing.B, ours, earlier againstSides) {
	b.Helper()
	our, their := ours.cached, earlier.cached
	if r.uncached {
		our, their = ours.uncached, earlier.uncached
	}
	if one, other := r.answer(b, our), r.answer(b, their); !bytes.Equal(one, other) {
		b.Fatalf("%s: %.500s, and the earlier program %.500s", r.name, one, other)
	}
	asking := []*wrk{newWrk(b, our, r.ask), newWrk(b, their, r.ask)}
	for i := range 1 + againstSlices {
		if i == 1 { // both are warm, and have seen that they have one core
			asking[0].forget()
			asking[1].forget()
		}
		asking[i%2].run(b, time.Second)
		asking[1-i%2].run(b, time.Second)
	}
	r.ours.add(asking[0])
	r.earlier.add(asking[1])
}

// answer is what a side answers: a picture, or what an envelope says before its message.
// Words may have changed, and codes are random.
func (r *againstRow) answer(b *testing.B, asked side) []byte {
	b.Helper()
	client := campusgatetest.Dial(b, asked.addresses(), 1)[0]
	if r.before != nil {
		must(b, campusgatetest.Asking(r.before, 200)(client))
	}
	status := 200
	if r.ask.header != "" {
		status = 304
	}
	must(b, campusgatetest.Asking(r.ask.raw(), status)(client))
	begin, _, _ := bytes.Cut(client.Body, []byte(`,"message":`))
	return bytes.Clone(begin)
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
