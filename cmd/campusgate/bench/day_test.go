package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// dayPlan is how long a day is, and how busy.
type dayPlan struct {
	length    time.Duration // until the replicas are replaced
	visits    float64       // that begin in a second, on all cores
	users     int           // a prime number: each does everything in turn
	listeners int
	every     time.Duration // between two samples
}

// dayPlanOf is some seconds, minutes where the server is tortured, or as long as DAY says,
// with VISITS a second.
func dayPlanOf(t *testing.T) dayPlan {
	t.Helper()
	length := os.Getenv("DAY")
	switch {
	case length == "" && !campusgatetest.Torture():
		return dayPlan{length: 3 * time.Second, visits: 8, users: 41, listeners: 40, every: time.Second / 4}
	case length == "":
		length = "10m"
	}
	plan := dayPlan{visits: 17 * float64(runtime.NumCPU()), users: 401, listeners: 400, every: 5 * time.Second}
	var err error
	plan.length, err = time.ParseDuration(length)
	must(t, err)
	if visits := os.Getenv("VISITS"); visits != "" {
		plan.visits = number(t, visits)
	}
	return plan
}

// TestDay: visits of a campus begin at a fixed rate, whether or not those before have
// ended. Each answer is one that the contract names for its step, each push arrives, and the
// server holds at the end what it held at the tenth minute. Then the replicas are replaced one
// after the other, and nobody notices. No time is judged.
func TestDay(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector needs time and memory of its own")
	}
	plan, page := dayPlanOf(t), ""
	t.Run("shared", func(t *testing.T) { page += playSharedDay(t, plan) })
	plan.length = max(plan.length/6, 3*time.Second)
	t.Run("embedded", func(t *testing.T) { page += playEmbeddedDay(t, plan) })
	if t.Failed() || os.Getenv("DAY_PAGE") == "" {
		t.Log(page)
		return
	}
	text, err := os.ReadFile(os.Getenv("DAY_PAGE"))
	must(t, err)
	written, err := replaceMarked(string(text), page)
	must(t, err)
	must(t, os.WriteFile(os.Getenv("DAY_PAGE"), []byte(written), 0o600))
}

// playSharedDay is two replicas on MariaDB and Redis, behind nginx, on the files that operators get.
func playSharedDay(t *testing.T, plan dayPlan) (page string) {
	t.Helper()
	nginx := storagetest.Program(t, "nginx")
	database, redis := storagetest.StartMariaDB(t, "--max-connections=200", "--innodb-buffer-pool-size=256M"), redistest.Start(t)
	campus := newShared(t, database, redis, "day", campusgatetest.FillGrown(10*plan.users, plan.users))
	d := newDay(t, plan, append(campus.environ,
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_SMS_DRIVER=log", "CAMPUSGATE_ACCOUNTS_OWN=true",
		"CAMPUSGATE_ACCOUNTS_SECRET="+strings.Repeat("0123456789abcdef", 4)), "-c", deployedFile(t, "campusgate.toml"))
	site := campusgatetest.NewSite(t)
	d.startReplicas(t, 2)
	site.Start(t, nginx, "nginx.conf",
		campusgatetest.Place{"server gateway-1:4081 ", "server " + d.replicas[0].address + " "},
		campusgatetest.Place{"server gateway-2:4081 ", "server " + d.replicas[1].address + " "},
		campusgatetest.Place{"server account:8080;", "server 127.0.0.1:9;"})
	d.base, d.transport = "https://"+campusgatetest.SiteName+"/api/external", site.Transport
	d.others = []worker{{"nginx", nginxWorkers(t, site)}, {"MariaDB", processes(database.PID())}, {"Redis", processes(redis.PID())}}
	d.proxyLog = filepath.Join(site.Folder, "access.log")
	d.looks = append(d.looks, databaseSize(t, campus.floor.DSN), redisMemory(t, redis))
	d.prepare(t)
	page = d.work(t)
	d.replaceReplicas(t)
	page += d.replaced()
	d.close()
	d.endsWell(t)
	return page
}

// playEmbeddedDay is one process on SQLite, without a proxy.
func playEmbeddedDay(t *testing.T, plan dayPlan) (page string) {
	t.Helper()
	campus := newEmbedded(t, campusgatetest.FillGrown(10*plan.users, plan.users))
	d := newDay(t, plan, append(campus.environ, "CAMPUSGATE_CAPTCHA_LOG_CODES=true"))
	d.startReplicas(t, 1)
	d.base, d.transport = "http://"+d.replicas[0].address+"/api/external", plainTransport
	d.looks = append(d.looks, fileSize("database", campus.floor.DSN, stored), fileSize("WAL", campus.floor.DSN+"-wal", bounded(maxDayLog)))
	d.prepare(t)
	page = d.work(t)
	d.close()
	if status := d.replicas[0].stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	d.endsWell(t)
	return page
}

// work is the day without anything that happens to the server.
func (d *day) work(t *testing.T) (page string) {
	t.Helper()
	before := d.cpuTimes(t)
	d.begun = time.Now()
	d.times.begin(d.begun)
	stop := d.visitAll()
	for time.Since(d.begun) < d.plan.length && d.failures.Load() < manyFailures {
		time.Sleep(time.Until(d.begun.Add(time.Duration(len(d.samples)+1) * d.plan.every)))
		d.sample(t)
	}
	took, after := time.Since(d.begun), d.cpuTimes(t)
	stop()
	d.wantPushes(t)
	d.failOn(t)
	return d.page(t, took, before, after)
}

// replaceReplicas ends each replica and starts the next one in its place, as an operator does
// who waits until nginx asks it again.
func (d *day) replaceReplicas(t *testing.T) {
	t.Helper()
	d.replacing.Store(true)
	asked := d.calls()
	stop := d.visitAll()
	for i := range d.replicas {
		t.Logf("replica %d, %s, is told to end at %s", i+1, d.replicas[i].address, time.Now().Format(dayClock))
		if status := d.replicas[i].stop(); status != 0 {
			t.Errorf("replica %d ends with %d", i+1, status)
		}
		d.replicas[i] = d.startReplica(t, d.replicas[i].address, d.replicas[i].metrics)
		d.awaitVisits(t, d.replicas[i])
	}
	d.awaitListeners(t)
	stop()
	d.whileReplaced = d.calls() - asked
	d.failOn(t)
}

// awaitVisits waits until a replica has drawn pictures again.
func (d *day) awaitVisits(t *testing.T, r *dayReplica) {
	t.Helper()
	const enough = 5
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late) && d.failures.Load() < manyFailures; time.Sleep(100 * time.Millisecond) {
		drawn := 0.0
		for name, value := range campusgatetest.Scrape(t, r.metricsURL()) {
			if strings.HasPrefix(name, "campusgate_requests_total") && strings.Contains(name, `subtype="generate"`) {
				drawn += number(t, value)
			}
		}
		if drawn >= enough {
			return
		}
	}
	t.Error("nginx does not ask a replica that was replaced")
}

// endsWell looks for what is off in what the day has left behind.
func (d *day) endsWell(t *testing.T) {
	t.Helper()
	for _, command := range [][]string{{"audit"}, {"doctor"}, {"jobs", "list", "--dead"}} {
		got := campusgatetest.Run(t, d.environ, append(command, d.arguments...)...)
		t.Logf("%s:\n%s", strings.Join(command, " "), got.Stdout)
		if got.Status != 0 || got.Stderr != "" || command[0] == "jobs" && got.Stdout != "" {
			t.Errorf("%v exits with %d: %s%s", command, got.Status, got.Stdout, got.Stderr)
		}
	}
}

// failOn tells what was answered otherwise than the contract names.
func (d *day) failOn(t *testing.T) {
	t.Helper()
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, failure := range d.told {
		t.Error(failure)
	}
	if more := d.failures.Load() - int64(len(d.told)); more > 0 {
		t.Errorf("and %d more", more)
	}
	if access, err := os.ReadFile(d.proxyLog); err == nil && len(d.told) > 0 {
		for _, line := range regexp.MustCompile(`(?m)^.*" 50[0-9] .*$`).FindAll(access, maxTold) {
			t.Logf("nginx: %s", line)
		}
	}
	for _, line := range d.warnings {
		t.Logf("the server warns: %s", line)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// fail keeps a failure, of too many the first.
func (d *day) fail(format string, values ...any) {
	d.failures.Add(1)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.told) < maxTold {
		d.told = append(d.told, time.Now().Format(dayClock)+": "+fmt.Sprintf(format, values...))
	}
}

const (
	manyFailures = 200 // after which a day ends early
	maxTold      = 20
	dayClock     = "15:04:05.000"
	maxDayLog    = 64 << 20 // of the WAL: twice what storage/engine lets it grow to
)
