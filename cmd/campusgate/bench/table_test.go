package bench

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// allocationsPath is where the floor tells what it has allocated, in the words of
// a gateway's /metrics.
const allocationsPath = "/metrics"

// effort is how long the benchmark takes.
type effort struct {
	rounds      int
	slice       time.Duration
	connections []int
	crowds      []int         // of connections, for the plot
	counted     time.Duration // calls whose allocations are counted; 0 for no row but one
	// Rows of a campus that grows.
	few, some, many int
	uploads         int // at once
	photo           int // bytes
	paced           int // pictures of img/generate at a fixed rate
}

// effortOf is a smoke test of the benchmark itself, unless BENCH asks for figures.
func effortOf() effort {
	if os.Getenv("BENCH") == "" {
		return effort{rounds: 1, slice: time.Millisecond, connections: []int{2}, crowds: []int{1, 2}, few: 100, some: 150, many: 200, paced: 3, uploads: 2, photo: 30 << 10}
	}
	return effort{
		rounds: 15, slice: 80 * time.Millisecond, connections: []int{16, 64}, crowds: []int{1, 4, 16, 64, 256}, counted: time.Second, few: 1000, some: 10_000, many: 100_000, paced: 1500, uploads: 32, photo: 900 << 10,
	}
}

// side is one of the two that a contest compares.
type side struct {
	processes []*served
	// environ is that of a gateway, whose allocations a twin tells; others tell
	// their own, or none.
	environ []string
	counts  bool
}

func (s side) addresses() (addresses []string) {
	for _, process := range s.processes {
		addresses = append(addresses, process.address)
	}
	return addresses
}

func (s side) cpuTime(t testing.TB) (sum time.Duration) {
	t.Helper()
	for _, process := range s.processes {
		sum += cpuTime(t, process.pid)
	}
	return sum
}

func (s side) stop() {
	for _, process := range s.processes {
		process.stop()
	}
}

// contest is a row: the same work asked of the server and of the floor.
type contest struct {
	name          string
	server, floor side
	work          campusgatetest.Work
	floorWork     campusgatetest.Work // nil: the same
	same          bool                // whether the answers are the same
	once          bool                // at the first number of connections only
	judge         judge
}

// tally is what a side did in all rounds of a number of connections.
type tally struct {
	perSecond []float64 // of each round
	times     []time.Duration
	cpu       time.Duration
}

func (y *tally) add(r round, cpu time.Duration) {
	y.perSecond = append(y.perSecond, r.perSecond())
	y.times = append(y.times, r.times...)
	y.cpu += cpu
}

// each is the CPU time of one work, of all processes.
func (y *tally) each() time.Duration { return y.cpu / time.Duration(max(1, len(y.times))) }

// match is a contest at one number of connections.
type match struct{ server, floor tally }

// ratio is the median of the rounds' ratios of works a second.
func (m match) ratio() float64 {
	ratios := make([]float64, len(m.server.perSecond))
	for i, perSecond := range m.server.perSecond {
		ratios[i] = perSecond / m.floor.perSecond[i]
	}
	return median(ratios)
}

// judge says what is to be reached, what was, and whether that is enough.
type judge struct {
	target  string
	measure func(match) float64
	enough  func(float64) bool
}

func ofFloor(least float64) judge {
	return judge{fmt.Sprintf("≥ %.2f", least), match.ratio, func(ratio float64) bool { return ratio >= least }}
}

// slower is of the time that a work takes.
func slower(limit float64) judge {
	return judge{
		fmt.Sprintf("≤ %.1f × the time", limit), func(m match) float64 { return 1 / m.ratio() },
		func(ratio float64) bool { return ratio <= limit },
	}
}

func cpuRatio(m match) float64 {
	return float64(m.server.each()) / float64(max(1, m.floor.each()))
}

func cpuAtMost(limit float64) judge {
	return judge{fmt.Sprintf("≤ %.2f × the CPU", limit), cpuRatio, func(ratio float64) bool { return ratio <= limit }}
}

// line is a row of the table.
type line struct {
	work, server, floor, ratio, latency, cpu, allocations, memory, target string

	judged           string // of all that was measured, what the target is for
	reached, heading bool
}

// run plays a contest, server and floor by turns in short slices, so that a noisy
// machine is as noisy for both.
func (c contest) run(t testing.TB, e effort) (line, []match) {
	t.Helper()
	if c.floorWork == nil {
		c.floorWork = c.work
	}
	if c.same {
		c.compareAnswers(t)
	}
	l := line{work: c.name, target: c.judge.target, reached: true}
	var matches []match
	var servers, floors, ratios []string
	for _, connections := range e.connections {
		if c.once && len(matches) > 0 {
			break
		}
		m := c.play(t, e, connections)
		matches = append(matches, m)
		ratio := c.judge.measure(m)
		l.reached = l.reached && c.judge.enough(ratio)
		servers = append(servers, fmt.Sprintf("%.0f/s", median(m.server.perSecond)))
		floors = append(floors, fmt.Sprintf("%.0f/s", median(m.floor.perSecond)))
		ratios = append(ratios, fmt.Sprintf("%.2f", ratio))
	}
	l.server, l.floor, l.ratio = strings.Join(servers, " "), strings.Join(floors, " "), strings.Join(ratios, " ")
	l.judged = strings.Join(ratios, " / ")
	first := matches[0]
	l.latency = latency(first.server.times)
	l.cpu = fmt.Sprintf("%d / %d = %.2f", first.server.each().Microseconds(), first.floor.each().Microseconds(), cpuRatio(first))
	allocations, bytes := c.server.count(t, c.work, e.counted)
	floorAllocations, floorBytes := c.floor.count(t, c.floorWork, e.counted)
	l.allocations, l.memory = beside("%.0f", allocations, floorAllocations), beside("%.1f", bytes/1024, floorBytes/1024)
	return l, matches
}

func beside(format string, server, floor float64) string {
	text := fmt.Sprintf(format, server)
	if floor > 0 {
		text += " / " + fmt.Sprintf(format, floor)
	}
	return text
}

func latency(times []time.Duration) string {
	return fmt.Sprintf("%.2f / %.2f", inMilliseconds(percentile(times, 50)), inMilliseconds(percentile(times, 99)))
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (c contest) play(t testing.TB, e effort, count int) (m match) {
	t.Helper()
	servers, floors := campusgatetest.Dial(t, c.server.addresses(), count), campusgatetest.Dial(t, c.floor.addresses(), count)
	defer closeAll(slices.Concat(servers, floors))
	play := func(s side, connections []*campusgatetest.Connection, work campusgatetest.Work, to *tally) {
		before := s.cpuTime(t)
		r := rush(t, connections, work, e.slice)
		to.add(r, s.cpuTime(t)-before)
	}
	rush(t, servers, c.work, e.slice/4) // both are warm
	rush(t, floors, c.floorWork, e.slice/4)
	for i := range e.rounds {
		turns := []func(){
			func() { play(c.server, servers, c.work, &m.server) },
			func() { play(c.floor, floors, c.floorWork, &m.floor) },
		}
		turns[i%2]()
		turns[1-i%2]()
	}
	return m
}

// compareAnswers holds the floor to what it stands for: the same bytes.
func (c contest) compareAnswers(t testing.TB) {
	t.Helper()
	server, floor := campusgatetest.Dial(t, c.server.addresses(), 1), campusgatetest.Dial(t, c.floor.addresses(), 1)
	defer closeAll(slices.Concat(server, floor))
	must(t, c.work(server[0]))
	must(t, c.floorWork(floor[0]))
	if got, want := withoutClicks(server[0].Body), withoutClicks(floor[0].Body); got != want {
		t.Fatalf("%s: the server answers\n%.600s\nand the floor\n%.600s", c.name, got, want)
	}
}

// count is what one work allocates in its process, in objects and bytes. A gateway
// is measured without metrics, as by default: a twin that has them is asked.
func (s side) count(t testing.TB, work campusgatetest.Work, during time.Duration) (objects, bytes float64) {
	t.Helper()
	if !s.counts || during == 0 {
		return 0, 0
	}
	address, metrics := s.processes[0].address, s.processes[0].address
	if s.environ != nil {
		metrics = campusgatetest.FreeAddress(t)
		twin := launchGateway(t, append(s.environ, "CAMPUSGATE_METRICS_LISTEN="+metrics))
		defer twin.stop()
		awaitListener(t, metrics)
		address = twin.address
	}
	connections := campusgatetest.Dial(t, []string{address}, 1)
	defer closeAll(connections)
	allocated := func(during time.Duration) (objects, bytes float64, works int) {
		begin, beginBytes := readAllocations(t, metrics)
		for late := time.Now().Add(during); time.Now().Before(late); works++ {
			must(t, work(connections[0]))
		}
		end, endBytes := readAllocations(t, metrics)
		return end - begin, endBytes - beginBytes, works
	}
	allocated(during / 4) // statements are prepared, pools filled
	reading, readingBytes, _ := allocated(0)
	objects, bytes, works := allocated(during)
	return max(0, objects-reading) / float64(max(1, works)), max(0, bytes-readingBytes) / float64(max(1, works))
}

func readAllocations(t testing.TB, address string) (objects, bytes float64) {
	t.Helper()
	sent, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+allocationsPath, http.NoBody)
	must(t, err)
	response, err := http.DefaultClient.Do(sent)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	for line := range strings.Lines(string(text)) {
		_, _ = fmt.Sscanf(line, "go_memstats_mallocs_total %g", &objects)
		_, _ = fmt.Sscanf(line, "go_memstats_alloc_bytes_total %g", &bytes)
	}
	if objects == 0 || bytes == 0 {
		t.Fatalf("%s tells no allocations", address)
	}
	return objects, bytes
}

// printTable prints markdown.
func printTable(w io.Writer, lines []line) {
	fmt.Fprintln(w, "| work | this server | floor | ratio | p50 / p99 ms | CPU µs | allocations | memory KB | target | reached |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
}

// String is the line in markdown.
func (l line) String() string {
	reached := "yes"
	switch {
	case l.heading:
		reached = ""
	case !l.reached:
		reached = "**no**"
	}
	return "| " + strings.Join([]string{
		l.work, l.server, l.floor, l.ratio, l.latency, l.cpu, l.allocations, l.memory, l.target, reached,
	}, " | ") + " |"
}
