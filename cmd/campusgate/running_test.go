package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen; it passes only when a
// test fails.
const patience = 30 * time.Second

// watched is a stream on whose content a test can wait.
type watched struct {
	mutex sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed by the next Write
}

func newWatched() *watched { return &watched{grown: make(chan struct{})} }

func (w *watched) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	close(w.grown)
	w.grown = make(chan struct{})
	return w.text.Write(p)
}

func (w *watched) String() string {
	text, _ := w.read()
	return text
}

func (w *watched) read() (text string, grown <-chan struct{}) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.String(), w.grown
}

// await waits until the stream holds the pattern and returns its groups.
func (w *watched) await(t testing.TB, pattern string) []string {
	t.Helper()
	compiled, late := regexp.MustCompile(pattern), time.After(patience)
	for {
		text, grown := w.read()
		if groups := compiled.FindStringSubmatch(text); groups != nil {
			return groups
		}
		select {
		case <-grown:
		case <-late:
			t.Fatalf("no %q in:\n%s", pattern, text)
		}
	}
}

// running is a gateway that serves.
type running struct {
	address        string
	stdout, stderr *watched
	// stop ends it and tells its exit status, -1 where it does not end; further
	// calls do nothing.
	stop func() int
}

// url is an address of the API.
func (r *running) url(path string) string { return "http://" + r.address + "/api/external" + path }

// awaitAddress waits until the log, of either format, says where it listens.
func (r *running) awaitAddress(t testing.TB) *running {
	t.Helper()
	r.address = r.stderr.await(t, `address"?[=:]"?(127\.0\.0\.1:\d+)`)[1]
	return r
}

// startHere runs serve in this process, until the test ends at the latest.
func startHere(t testing.TB, environ []string, arguments ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{stdout: newWatched(), stderr: newWatched()}
	status := make(chan int, 1)
	go func() {
		p := process{environ: environ, stdout: r.stdout, stderr: r.stderr}
		status <- p.run(ctx, append([]string{"serve"}, arguments...))
	}()
	r.stop = sync.OnceValue(func() int {
		cancel()
		select {
		case ended := <-status:
			return ended
		case <-time.After(patience):
			return -1
		}
	})
	t.Cleanup(func() { r.stop() })
	return r.awaitAddress(t)
}

// The linker sets these, as the Makefile does.
const builtVersion, builtCommit = "v0.0.0-test", "0123456789abcdef"

// program is the binary, built as the Makefile does when a test first asks for it. It has the race
// detector where the tests have: a race ends it with a status that is not 0, and
// what was compiled for the tests serves again.
var program = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(programFolder, "campusgate")
	flags, cgo := []string{"-trimpath"}, "CGO_ENABLED=0"
	if raced() {
		flags, cgo = []string{"-race"}, "CGO_ENABLED=1"
	}
	flags = append(flags, "-o", binary, "-ldflags", "-s -w -X main.version="+builtVersion+" -X main.commit="+builtCommit, ".")
	build := exec.CommandContext(context.Background(), "go", append([]string{"build"}, flags...)...)
	build.Env = append(os.Environ(), cgo)
	build.Stderr = os.Stderr
	return binary, build.Run()
})

// raced tells whether the tests, and so the binary, have the race detector.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// programFolder is where the binary is built, for all tests together.
var programFolder string

func TestMain(m *testing.M) {
	if options := os.Getenv(floorVariable); options != "" {
		panic(serveFloor(options)) // it does not end by itself
	}
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "campusgate-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		programFolder = folder
		if transport, ok := http.DefaultTransport.(*http.Transport); ok {
			transport.MaxIdleConnsPerHost = visitors // those of busy tests are kept
		}
		return m.Run()
	}())
}

// binary is a process of the real program.
type binary struct {
	*running
	command *exec.Cmd
}

// startBinary runs the program in a folder, on a free port, and waits until it
// listens.
func startBinary(t testing.TB, folder string, environ []string, arguments ...string) *binary {
	t.Helper()
	b := launchBinary(t, folder, environ, arguments...)
	b.awaitAddress(t)
	return b
}

// launchBinary is startBinary, without the wait.
func launchBinary(t testing.TB, folder string, environ []string, arguments ...string) *binary {
	t.Helper()
	path, err := program()
	must(t, err)
	ctx, kill := context.WithCancel(t.Context())
	b := &binary{
		running: &running{stdout: newWatched(), stderr: newWatched()},
		command: exec.CommandContext(ctx, path, append([]string{"serve"}, arguments...)...),
	}
	b.command.Dir = folder
	b.command.Env = append([]string{"CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0"}, environ...)
	b.command.Stdout, b.command.Stderr = b.stdout, b.stderr
	must(t, b.command.Start())
	// A process that was told to end, or is to be killed, is waited for, until
	// patience ends.
	b.stop = sync.OnceValue(func() int {
		defer time.AfterFunc(patience, kill).Stop()
		_ = b.command.Wait() // an *exec.ExitError is told by the status
		return b.command.ProcessState.ExitCode()
	})
	t.Cleanup(func() {
		kill()
		b.stop()
	})
	return b
}

// signal sends a signal.
func (b *binary) signal(t testing.TB, signal os.Signal) *binary {
	t.Helper()
	must(t, b.command.Process.Signal(signal))
	return b
}

// reply is an answer, its envelope decoded where it has one.
type reply struct {
	header http.Header
	raw    string
	Status int             `json:"status"`
	Data   json.RawMessage `json:"data"`
}

// field is a field of the data, as text.
func (r reply) field(name string) string {
	var data map[string]json.RawMessage
	_ = json.Unmarshal(r.Data, &data) // no object: no field
	return strings.Trim(string(data[name]), `"`)
}

// get asks for an address.
func get(t testing.TB, url string) reply {
	t.Helper()
	return request(t, http.MethodGet, url, "")
}

// call posts an envelope that must succeed; it is typ/subtype and its data.
func (r *running) call(t testing.TB, path, call, data string) reply {
	t.Helper()
	answer := request(t, http.MethodPost, r.url(path), envelope(call, data))
	if answer.Status != 0 || len(answer.Data) == 0 {
		t.Fatalf("%s %s: %s", call, data, answer.raw)
	}
	return answer
}

// envelope is the body of a call, typ/subtype.
func envelope(call, data string) string {
	typ, subtype, _ := strings.Cut(call, "/")
	return `{"id":1,"status":0,"type":"` + typ + `","subtype":"` + subtype + `","data":` + data + `}`
}

func request(t testing.TB, method, url, body string) reply {
	t.Helper()
	answer, err := send(t.Context(), method, url, body)
	must(t, err)
	return answer
}

// send is request where the server may be gone.
func send(ctx context.Context, method, url, body string) (reply, error) {
	sent, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	response, err := http.DefaultClient.Do(sent)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	answer := reply{header: response.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &answer) // pictures and probes have no envelope
	return answer, err
}
