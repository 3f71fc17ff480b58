package bench

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// day is a campus that is used for a long time.
type day struct {
	test      *testing.T
	plan      dayPlan
	environ   []string // of the replicas
	arguments []string
	replicas  []*dayReplica

	base      string                               // the URL before every path
	transport func(address string) *http.Transport // of a client at an address of its own
	phones    []*http.Client
	proxyLog  string // of nginx, where there is one
	others    []worker

	begun   time.Time
	looks   []look
	samples []sample

	codes    sync.Map // by the rand of a picture, or the phone of an SMS: a channel of its code
	pictures []string // paths
	accounts dayAccounts
	visits   atomic.Int64

	listeners []*dayListener
	listening sync.WaitGroup
	ended     context.Context
	end       context.CancelFunc
	sent      []atomic.Int64 // messages to each user, before the replicas are replaced
	replacing atomic.Bool

	times         timings
	whileReplaced int

	failures atomic.Int64
	mutex    sync.Mutex
	told     []string
	warnings []string
}

// Clients are at so many addresses, of which each may call 6,000 times a minute.
const dayPhones = 64

func newDay(t *testing.T, plan dayPlan, environ []string, arguments ...string) *day {
	t.Helper()
	// Orders that nobody pays and orders that are over are closed within the day.
	d := &day{test: t, plan: plan, arguments: arguments, sent: make([]atomic.Int64, plan.users), environ: append(environ,
		"CAMPUSGATE_MARKET_PAY_WITHIN=15s", "CAMPUSGATE_MARKET_SETTLE_AFTER=10s",
		"CAMPUSGATE_SERVER_TRUSTED_CALLERS=127.0.0.9",
	)}
	d.times.begin(time.Now())
	d.ended, d.end = context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(d.close)
	return d
}

// close ends the listeners.
func (d *day) close() {
	d.end()
	d.listening.Wait()
	for _, phone := range d.phones {
		phone.CloseIdleConnections()
	}
}

func deployedFile(t *testing.T, name string) string {
	t.Helper()
	file, err := filepath.Abs(campusgatetest.Deployed(name))
	must(t, err)
	return file
}

// nginxWorkers are the processes that the nginx of a site has for its clients, a little after
// it listens.
func nginxWorkers(t *testing.T, site *campusgatetest.Site) func() []int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(site.Folder, "nginx.pid"))
	must(t, err)
	master := int(number(t, strings.TrimSpace(string(text))))
	return func() []int { return children(t, master) }
}

// plainTransport is of a client that asks a server itself.
func plainTransport(address string) *http.Transport {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Transport{DialContext: dialer.DialContext}
}

// dayReplica is a gateway in a process of its own.
type dayReplica struct {
	address, metrics string
	pid              int
	stop             func() (status int)
}

func (r *dayReplica) metricsURL() string { return "http://" + r.metrics + "/metrics" }

func (d *day) startReplicas(t *testing.T, count int) {
	t.Helper()
	for range count {
		d.replicas = append(d.replicas, d.startReplica(t, campusgatetest.FreeAddress(t), campusgatetest.FreeAddress(t)))
	}
}

// startReplica returns when it is ready.
func (d *day) startReplica(t *testing.T, address, metrics string) *dayReplica {
	t.Helper()
	command := exec.Command(campusgatetest.Program(t), append([]string{"serve"}, d.arguments...)...) //nolint:noctx // it is stopped, and waited for, below
	command.Dir = t.TempDir()
	command.Env = campusgatetest.Environment(append(d.environ[:len(d.environ):len(d.environ)],
		"CAMPUSGATE_SERVER_LISTEN="+address, "CAMPUSGATE_METRICS_LISTEN="+metrics)...)
	log := &dayLog{day: d}
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	must(t, command.Start())
	r := &dayReplica{address: address, metrics: metrics, pid: command.Process.Pid, stop: sync.OnceValue(func() int {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait() // its status is told
		return command.ProcessState.ExitCode()
	})}
	t.Cleanup(func() { r.stop() })
	awaitListener(t, address)
	if ready := campusgatetest.Get(t, "http://"+address+"/readyz"); ready.Code != http.StatusOK {
		t.Fatalf("/readyz: %s", ready.Raw)
	}
	return r
}

// dayLog is where a replica writes its log: what codes are, and what has failed, is kept.
type dayLog struct {
	day  *day
	rest []byte
}

var (
	dayCode    = regexp.MustCompile(`(?:captcha rand|sms phone)=(\w+) code=(\w+)`)
	dayWarning = regexp.MustCompile(`level"?[=:]"?(WARN|ERROR)|^panic: |^fatal error: `)
)

// Write never fails.
func (l *dayLog) Write(p []byte) (int, error) {
	text := append(l.rest, p...) //nolint:gocritic // rest is set below
	for {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		if !found {
			l.rest = append(l.rest[:0:0], text...)
			return len(p), nil
		}
		l.read(line)
		text = rest
	}
}

func (l *dayLog) read(line []byte) {
	if code := dayCode.FindSubmatch(line); code != nil {
		l.day.codeOf(string(code[1])) <- string(code[2])
	}
	switch level := dayWarning.FindSubmatch(line); {
	case level == nil:
	case string(level[1]) == "WARN":
		l.day.mutex.Lock()
		defer l.day.mutex.Unlock()
		if len(l.day.warnings) < maxTold {
			l.day.warnings = append(l.day.warnings, string(line))
		}
	default:
		l.day.fail("the server logs %s", line)
	}
}

// codeOf is where the code of a picture or of an SMS is, or will be.
func (d *day) codeOf(key string) chan string {
	code, _ := d.codes.LoadOrStore(key, make(chan string, 1))
	return code.(chan string) //nolint:forcetypeassert // there is nothing else
}

// takeCode waits for a code in a log.
func (d *day) takeCode(key string) (code string, found bool) {
	defer d.codes.Delete(key)
	select {
	case code = <-d.codeOf(key):
		return code, true
	case <-time.After(campusgatetest.Patience):
		return "", false
	}
}
