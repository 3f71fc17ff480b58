package e2e

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// logged is a gateway whose log a test reads, or does not.
type logged struct {
	*exec.Cmd
	address, metrics string
	log              *os.File
}

// startLogged returns when the gateway answers.
func startLogged(t *testing.T) *logged {
	t.Helper()
	reader, stderr, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	g := &logged{exec.Command(campusgatetest.Program(t), "serve"), campusgatetest.FreeAddress(t), campusgatetest.FreeAddress(t), reader} //nolint:noctx // the test ends it
	g.Dir, g.Stderr = t.TempDir(), stderr
	g.Env = campusgatetest.Environment("CAMPUSGATE_SERVER_LISTEN="+g.address, "CAMPUSGATE_METRICS_LISTEN="+g.metrics,
		"CAMPUSGATE_LIMITS_PER_MINUTE=0", "CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=20s")
	g.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, g.Start())
	must(t, stderr.Close())
	t.Cleanup(func() { _ = g.Process.Kill() })
	for late := time.Now().Add(campusgatetest.Patience); ; {
		if _, err := campusgatetest.Send(t.Context(), http.MethodGet, "http://"+g.address+"/healthz", ""); err == nil {
			return g
		} else if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}

// loseLines asks until lines of the log are lost.
func (g *logged) loseLines(t *testing.T) {
	t.Helper()
	client := campusgatetest.Dial(t, []string{g.address}, 1)[0]
	ask := campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)), 200)
	for late := time.Now().Add(campusgatetest.Patience); ; {
		for range 1000 {
			must(t, ask(client))
		}
		lost := campusgatetest.Scrape(t, "http://"+g.metrics+"/metrics")["campusgate_log_lines_lost_total"]
		if lost == "" {
			t.Fatal("lost lines are not counted")
		}
		if lost != "0" {
			return
		}
		if time.Now().After(late) {
			t.Fatal("no line is lost")
		}
	}
}

// end tells it to end, and wants it to succeed in time.
func (g *logged) end(t *testing.T) {
	t.Helper()
	must(t, g.Process.Signal(syscall.SIGTERM))
	defer time.AfterFunc(campusgatetest.Patience, func() { _ = g.Process.Kill() }).Stop()
	began := time.Now()
	if err := g.Wait(); err != nil || time.Since(began) > 20*time.Second {
		t.Errorf("it ended after %s with %v", time.Since(began), err)
	}
}

// A reader of the log that ends, as head does and a service whose log is restarted, is
// no reason to end.
func TestTheReaderOfTheLogEnds(t *testing.T) {
	g := startLogged(t)
	must(t, g.log.Close())
	g.loseLines(t)
	g.end(t)
}

// A reader that stands still keeps no call waiting, and not the end either.
func TestTheReaderOfTheLogStandsStill(t *testing.T) {
	g := startLogged(t)
	g.loseLines(t)
	g.end(t)
}

// When it goes on to read, it reads how many lines it has missed.
func TestTheReaderOfTheLogGoesOn(t *testing.T) {
	g := startLogged(t)
	g.loseLines(t)
	must(t, g.log.SetReadDeadline(time.Now().Add(campusgatetest.Patience)))
	lines := bufio.NewScanner(g.log)
	for lines.Scan() && !strings.Contains(lines.Text(), "log lines were lost") {
	}
	if !strings.Contains(lines.Text(), "count=") {
		t.Errorf("last read %q, %v", lines.Text(), lines.Err())
	}
	g.end(t)
}
