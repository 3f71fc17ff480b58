package bench

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/redis/redistest"
)

// A bound is what something may have at the end, that had so much at the tenth minute; 0 is
// anything.
type bound func(before float64) float64

// stored grows by what the day stores.
func stored(float64) float64 { return 0 }

// bounded never has more.
func bounded(limit float64) bound { return func(float64) float64 { return limit } }

// steady has some more at most, and a quarter.
func steady(more float64) bound { return func(before float64) float64 { return before*5/4 + more } }

// count has some more at most.
func counted(more float64) bound { return func(before float64) float64 { return before + more } }

// look is something that is watched.
type look struct {
	name  string
	bytes bool
	at    func() float64
	bound bound
}

// text is a value as people read it.
func (l look) text(value float64) string {
	if !l.bytes {
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.1f MB", value/(1<<20))
}

// sample is what all looks told at one moment.
type sample struct {
	at     time.Duration // since the day began
	values []float64
}

func (d *day) sample(t *testing.T) {
	t.Helper()
	if len(d.samples) == 0 {
		for i := range d.replicas {
			d.watchReplica(t, i)
		}
	}
	s := sample{at: time.Since(d.begun)}
	for _, l := range d.looks {
		s.values = append(s.values, l.at())
	}
	d.samples = append(d.samples, s)
}

// watchReplica looks at the metrics of a replica.
func (d *day) watchReplica(t *testing.T, replica int) {
	t.Helper()
	of := ""
	if len(d.replicas) > 1 {
		of = fmt.Sprintf(" of replica %d", replica+1)
	}
	var scraped campusgatetest.Samples
	metric := func(name string) func() float64 { return func() float64 { return number(t, scraped[name]) } }
	d.looks = append(d.looks,
		look{"memory" + of, true, func() float64 {
			scraped = campusgatetest.Scrape(t, d.replicas[replica].metricsURL())
			return metric("process_resident_memory_bytes")()
		}, steady(64 << 20)},
		look{"descriptors" + of, false, metric("process_open_fds"), counted(100)},
		look{"goroutines" + of, false, metric("go_goroutines"), counted(100)})
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	must(t, err)
	return value
}

// databaseSize is of the files of a database on MariaDB.
func databaseSize(t *testing.T, dsn string) look {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return look{"database", true, func() (size float64) {
		const files = "SELECT SUM(FILE_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES WHERE NAME LIKE CONCAT(DATABASE(), '/%')"
		must(t, db.QueryRowContext(context.WithoutCancel(t.Context()), files).Scan(&size))
		return size
	}, stored}
}

// redisMemory is what Redis has for its data.
func redisMemory(t *testing.T, redis *redistest.Server) look {
	t.Helper()
	return look{"Redis", true, func() float64 {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", redis.Address())
		must(t, err)
		defer connection.Close()
		_, err = connection.Write([]byte("INFO memory\r\n"))
		must(t, err)
		for lines := bufio.NewScanner(connection); lines.Scan(); {
			if used, found := strings.CutPrefix(lines.Text(), "used_memory:"); found {
				return number(t, used)
			}
		}
		t.Fatal("Redis does not tell its memory")
		return 0
	}, steady(16 << 20)}
}

// fileSize is of a file that may not be there.
func fileSize(name, path string, b bound) look {
	return look{name, true, func() float64 {
		file, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return float64(file.Size())
	}, b}
}

// window is a minute, or less of a short day, that ends at a time of the day.
type window struct{ from, to time.Duration }

func (d *day) window(end time.Duration) window { return window{end - min(time.Minute, end/2), end} }

// value is the median of what a look told within a window.
func (d *day) value(look int, w window) float64 {
	var values []float64
	for _, s := range d.samples {
		if s.at >= w.from && s.at <= w.to {
			values = append(values, s.values[look])
		}
	}
	if len(values) == 0 { // a machine that was too busy to look
		return d.samples[len(d.samples)-1].values[look]
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// A worker is a part of the campus, in processes of its own.
type worker struct {
	name string
	pids func() []int
}

func processes(pids ...int) func() []int { return func() []int { return pids } }

// workers are all parts, clients included.
func (d *day) workers() []worker {
	var replicas []int
	for _, r := range d.replicas {
		replicas = append(replicas, r.pid)
	}
	return append([]worker{{"gateway", processes(replicas...)}}, append(d.others, worker{"clients", processes(os.Getpid())})...)
}

// cpuTimes is what each worker has used.
func (d *day) cpuTimes(t *testing.T) (used []time.Duration) {
	t.Helper()
	for _, w := range d.workers() {
		sum := time.Duration(0)
		for _, pid := range w.pids() {
			sum += cpuTime(t, pid)
		}
		used = append(used, sum)
	}
	return used
}

// costs tells of the CPU time of a visit, by each worker, and how busy the machine was.
func (d *day) costs(before, after []time.Duration, visits int, took time.Duration) string {
	var each []string
	sum := time.Duration(0)
	for i, w := range d.workers() {
		used := after[i] - before[i]
		sum += used
		each = append(each, fmt.Sprintf("%.1f ms of %s", inMilliseconds(used)/float64(max(1, visits)), w.name))
	}
	return fmt.Sprintf("A visit, with what else is done meanwhile, takes %s: %.0f %% of the cores", strings.Join(each, ", "),
		100*sum.Seconds()/took.Seconds()/float64(runtime.NumCPU()))
}
