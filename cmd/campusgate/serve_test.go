package main

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A PNG of 1 × 1 pixel, and what names it.
const (
	onePixel       = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	onePixelUpload = `{"id":1,"status":0,"type":"pic","subtype":"upload","data":{"from":"shop","base64":"` + onePixel + `"}}`
)

// The demo's accounts, and a product of the first that costs 101.5 yuan.
const (
	demoSeller  = "1180310086"
	demoBuyer   = "1180310087"
	demoProduct = 4517733
)

// demoToken reads the token of one of the demo's accounts.
func (r *running) demoToken(t *testing.T, user string) string {
	t.Helper()
	return r.stdout.await(t, user+`.*token ([0-9a-f]{64})\n`)[1]
}

func TestABadListenAddressIsNamed(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	for _, address := range []string{"127.0.0.1", "127.0.0.1:port", "127.0.0.1:70000", taken.Addr().String()} {
		runCommand(t, embedded(t.TempDir(), "CAMPUSGATE_SERVER_LISTEN="+address), "serve").
			refused(t, exitFailed, "server.listen")
	}
}

func TestABadPictureFolderIsNamed(t *testing.T) {
	file := writeFile(t, "file", "in the way")
	runCommand(t, embedded(t.TempDir(), "CAMPUSGATE_PICTURES_DIR="+file), "serve").refused(t, exitFailed, "pictures.dir")
}

func TestProbes(t *testing.T) {
	r := startHere(t, embedded(t.TempDir()))
	for _, probe := range []string{"/healthz", "/readyz"} {
		if got := get(t, "http://"+r.address+probe).raw; got != "ok\n" {
			t.Errorf("%s answers %q", probe, got)
		}
	}
}

// The two lines that people read codes from have exactly this text in either
// format, so that scripts find them.
func TestLogLines(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			environ := embedded(t.TempDir(), "CAMPUSGATE_LOG_FORMAT="+format, "CAMPUSGATE_CAPTCHA_LOG_CODES=true")
			token := addUser(t, environ, student, "王凌超", "0")
			r := startHere(t, environ)
			random := r.call(t, "/captcha", "img/generate", `{}`).field("rand")
			code := r.stderr.await(t, `captcha rand=`+random+` code=([0-9A-Za-z]{5})\b`)[1]
			hash := md5.Sum([]byte(strings.ToLower(code) + random))
			r.call(t, "/captcha", "sms/generate", fmt.Sprintf(`{"phone":"13700000000","hash":"%x"}`, hash))
			r.stderr.await(t, `sms phone=13700000000 code=[0-9]{6}\b`)
			r.call(t, "/purchase?token="+token, "purchase/list", `{}`)
			if status := r.stop(); status != exitOK {
				t.Errorf("exit status %d", status)
			}
			log := r.stderr.String()
			if strings.Contains(log, token) || strings.Contains(log, hex.EncodeToString(hash[:])) {
				t.Errorf("the log holds a secret:\n%s", log)
			}
			for line := range strings.Lines(log) {
				if isJSON := json.Valid([]byte(line)); isJSON != (format == "json") {
					t.Errorf("line is not %s: %s", format, line)
				}
			}
		})
	}
}

func TestCodesAreLoggedOnlyWhereAsked(t *testing.T) {
	r := startHere(t, embedded(t.TempDir()))
	r.call(t, "/captcha", "img/generate", `{}`)
	r.stop()
	if log := r.stderr.String(); strings.Contains(log, "code=") {
		t.Errorf("the log holds a code:\n%s", log)
	}
}

// Whoever runs without a file is on a machine of their own; elsewhere portraits
// without a token are a choice, and the log warns of it.
func TestAnonymousPortraitsAreWarnedOf(t *testing.T) {
	for choice, warned := range map[string]bool{"true": true, "false": false} {
		r := startHere(t, embedded(t.TempDir(), "CAMPUSGATE_PICTURES_ANONYMOUS_PORTRAITS="+choice))
		r.stop()
		if got := strings.Contains(r.stderr.String(), "pictures.anonymous_portraits"); got != warned {
			t.Errorf("%s: warned %t, want %t", choice, got, warned)
		}
	}
}

func TestBinaryTellsWhatTheLinkerSet(t *testing.T) {
	path, err := program()
	must(t, err)
	printed, err := exec.CommandContext(t.Context(), path, "version").Output()
	must(t, err)
	if want := "campusgate " + builtVersion + ", commit " + builtCommit + ", go"; !strings.HasPrefix(string(printed), want) {
		t.Errorf("got %q, want it to begin %q", printed, want)
	}
}

// What was answered before the process was killed is there when it runs again,
// in the folder where it runs by default.
func TestAnsweredRequestsSurviveSIGKILL(t *testing.T) {
	folder := t.TempDir()
	before := startBinary(t, folder, nil, "--demo")
	seller, buyer := before.demoToken(t, demoSeller), before.demoToken(t, demoBuyer)
	notice := before.call(t, "/property?token="+seller, "property/add",
		`{"type":2,"lab":"卡类","title":"捡到一张卡","content":"在食堂","occurrence_time":"","user_name":"王凌超","user_phone":"","user_qq":""}`).field("uid")
	shop := before.call(t, "/shop?token="+seller, "shop/creat", `{"shop_name":"码三秃的店铺"}`).field("shop_id")
	order := before.call(t, "/purchase?token="+buyer, "purchase/apply",
		fmt.Sprintf(`{"product_id":%d,"product_num":2,"product_unitprice":101.5,"product_totalprice":203}`, demoProduct)).field("purchase_id")
	before.call(t, "/purchase?token="+buyer, "purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
	picture := before.call(t, "/pic?token="+seller, "pic/upload", `{"from":"shop","base64":"`+onePixel+`"}`).field("url")

	ask := func(b *binary) string {
		shown := get(t, "http://"+b.address+strings.TrimPrefix(picture, "."))
		return strings.Join([]string{
			get(t, b.url("/get/property?type=2&id="+notice+"&token="+seller)).raw,
			b.call(t, "/get/shop?token="+seller, "shop/info", `{"shop_id":`+shop+`}`).raw,
			b.call(t, "/purchase?token="+buyer, "purchase/info", `{"purchase_id":"`+order+`"}`).raw,
			shown.header.Get("X-Picture"), shown.raw,
		}, "\n")
	}
	want := ask(before)
	if !strings.Contains(want, `"purchase_state":"finish"`) || !strings.Contains(want, "\nstored\n") {
		t.Fatalf("before: %s", want)
	}
	if status := before.signal(t, syscall.SIGKILL).stop(); status == exitOK {
		t.Fatal("it ended by itself")
	}

	after := startBinary(t, folder, nil)
	if got := ask(after); got != want {
		t.Errorf("after: %s\nbefore: %s", got, want)
	}
	if wealth := wealthOf(t, folder, demoBuyer); wealth != 1000_00-203_00 {
		t.Errorf("the buyer has %d fen, want %d", wealth, 1000_00-203_00)
	}
}

// wealthOf looks into the database of a binary's folder.
func wealthOf(t *testing.T, folder, user string) int64 {
	t.Helper()
	found, err := openIn(t, folder+"/data").User(t.Context(), user)
	must(t, err)
	return found.Wealth
}

func TestSIGTERMFinishesTheRequestInFlight(t *testing.T) {
	b := startBinary(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=20s"}, "--demo")
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.address)
	must(t, err)
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "POST /api/external/pic?token=%s HTTP/1.1\r\nHost: campus\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		b.demoToken(t, demoSeller), len(onePixelUpload))
	must(t, err)
	answers := bufio.NewReader(connection)
	if line, err := answers.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("got %q, %v: the server does not read the body", line, err)
	}
	_, err = answers.ReadString('\n') // the empty line
	must(t, err)
	half := len(onePixelUpload) / 2
	_, err = io.WriteString(connection, onePixelUpload[:half])
	must(t, err)

	b.signal(t, syscall.SIGTERM).stderr.await(t, "stopping")
	awaitRefusal(t, b.address)
	_, err = io.WriteString(connection, onePixelUpload[half:])
	must(t, err)
	response, err := http.ReadResponse(answers, nil)
	must(t, err)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	must(t, response.Body.Close())
	if !strings.HasPrefix(string(body), `{"id":1,"status":0,"message":"successful"`) {
		t.Errorf("got %d %s", response.StatusCode, body)
	}
	if status := b.stop(); status != exitOK {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.stderr)
	}
}

// awaitRefusal waits until a server takes no new connections.
func awaitRefusal(t *testing.T, address string) {
	t.Helper()
	for late := time.Now().Add(patience); time.Now().Before(late); {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return
		}
		must(t, connection.Close())
	}
	t.Fatal("new connections are still taken")
}

// A page that was left open keeps its connection; it does not hold the server up.
func TestSIGTERMDoesNotWaitForIdleConnections(t *testing.T) {
	b := startBinary(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_IDLE_TIMEOUT=10m", "CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=10m"})
	get(t, "http://"+b.address+"/healthz") // its connection is kept
	b.signal(t, syscall.SIGTERM).stderr.await(t, "stopped")
	if status := b.stop(); status != exitOK {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.stderr)
	}
}

// A client that never sends the rest of its request holds the server up for
// server.shutdown_timeout at most, and is no reason to fail.
func TestShutdownTimeoutEndsTheWait(t *testing.T) {
	b := startBinary(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=100ms", "CAMPUSGATE_SERVER_READ_TIMEOUT=10m"})
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.address)
	must(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, "POST /api/external/captcha HTTP/1.1\r\nHost: campus\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
	must(t, err)
	_, err = bufio.NewReader(connection).ReadString('\n')
	must(t, err)
	b.signal(t, syscall.SIGTERM)
	if status := b.stop(); status != exitOK || !strings.Contains(b.stderr.String(), "stopped") {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.stderr)
	}
}

func TestSIGTERMWritesCountedClicks(t *testing.T) {
	folder := t.TempDir()
	b := startBinary(t, folder, nil, "--demo")
	token := b.demoToken(t, demoBuyer)
	const looks = 20
	for range looks {
		b.call(t, "/get/product?token="+token, "product/info", fmt.Sprintf(`{"product_id":%d}`, demoProduct))
	}
	if status := b.signal(t, syscall.SIGTERM).stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, b.stderr)
	}
	product, err := openIn(t, folder+"/data").Product(t.Context(), demoProduct)
	must(t, err)
	if product.ProductClick != looks {
		t.Errorf("%d clicks are stored, want %d", product.ProductClick, looks)
	}
}
