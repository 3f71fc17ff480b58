package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// What was answered before the process was killed is there when it runs again,
// in the folder where it runs by default.
func TestAnsweredRequestsSurviveSIGKILL(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	before := campusgatetest.Start(t, folder, nil, "--demo")
	seller, buyer := before.DemoToken(t, campusgatetest.DemoSeller), before.DemoToken(t, campusgatetest.DemoBuyer)
	notice := before.Call(t, "/property?token="+seller, "property/add",
		`{"type":2,"lab":"卡类","title":"捡到一张卡","content":"在食堂","occurrence_time":"","user_name":"王凌超","user_phone":"","user_qq":""}`).Field("uid")
	shop := before.Call(t, "/shop?token="+seller, "shop/creat", `{"shop_name":"码三秃的店铺"}`).Field("shop_id")
	order := before.Call(t, "/purchase?token="+buyer, "purchase/apply",
		fmt.Sprintf(`{"product_id":%d,"product_num":2,"product_unitprice":101.5,"product_totalprice":203}`, campusgatetest.DemoProduct)).Field("purchase_id")
	before.Call(t, "/purchase?token="+buyer, "purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
	picture := before.Call(t, "/pic?token="+seller, "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`).Field("url")

	ask := func(b *campusgatetest.Process) string {
		shown := campusgatetest.Get(t, "http://"+b.Address+strings.TrimPrefix(picture, "."))
		return strings.Join([]string{
			campusgatetest.Get(t, b.URL("/get/property?type=2&id="+notice+"&token="+seller)).Raw,
			b.Call(t, "/get/shop?token="+seller, "shop/info", `{"shop_id":`+shop+`}`).Raw,
			b.Call(t, "/purchase?token="+buyer, "purchase/info", `{"purchase_id":"`+order+`"}`).Raw,
			shown.Header.Get("X-Picture"), shown.Raw,
		}, "\n")
	}
	want := ask(before)
	if !strings.Contains(want, `"purchase_state":"finish"`) || !strings.Contains(want, "\nstored\n") {
		t.Fatalf("before: %s", want)
	}
	if status := before.Signal(t, syscall.SIGKILL).Wait(); status == exitOK {
		t.Fatal("it ended by itself")
	}

	after := campusgatetest.Start(t, folder, nil)
	if got := ask(after); got != want {
		t.Errorf("after: %s\nbefore: %s", got, want)
	}
	if wealth := wealthOf(t, folder, campusgatetest.DemoBuyer); wealth != 1000_00-203_00 {
		t.Errorf("the buyer has %d fen, want %d", wealth, 1000_00-203_00)
	}
}

// wealthOf looks into the database of a binary's folder.
func wealthOf(t *testing.T, folder, user string) int64 {
	t.Helper()
	found, err := campusgatetest.OpenEmbedded(t, folder+"/data").User(t.Context(), user)
	must(t, err)
	return found.Wealth
}

func TestSIGTERMFinishesTheRequestInFlight(t *testing.T) {
	t.Parallel()
	b := campusgatetest.Start(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=20s"}, "--demo")
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.Address)
	must(t, err)
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "POST /api/external/pic?token=%s HTTP/1.1\r\nHost: campus\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		b.DemoToken(t, campusgatetest.DemoSeller), len(onePixelUpload))
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

	b.Signal(t, syscall.SIGTERM).Stderr.Await(t, "stopping")
	awaitRefusal(t, b.Address)
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
	if status := b.Wait(); status != exitOK {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.Stderr)
	}
}

// awaitRefusal waits until a server takes no new connections.
func awaitRefusal(t *testing.T, address string) {
	t.Helper()
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late); {
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
	t.Parallel()
	b := campusgatetest.Start(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_IDLE_TIMEOUT=10m", "CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=10m"})
	campusgatetest.Get(t, "http://"+b.Address+"/healthz") // its connection is kept
	b.Signal(t, syscall.SIGTERM).Stderr.Await(t, "stopped")
	if status := b.Wait(); status != exitOK {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.Stderr)
	}
}

// A client that never sends the rest of its request holds the server up for
// server.shutdown_timeout at most, and is no reason to fail.
func TestShutdownTimeoutEndsTheWait(t *testing.T) {
	t.Parallel()
	b := campusgatetest.Start(t, t.TempDir(), []string{"CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=100ms", "CAMPUSGATE_SERVER_READ_TIMEOUT=10m"})
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.Address)
	must(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, "POST /api/external/captcha HTTP/1.1\r\nHost: campus\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
	must(t, err)
	_, err = bufio.NewReader(connection).ReadString('\n')
	must(t, err)
	b.Signal(t, syscall.SIGTERM)
	if status := b.Wait(); status != exitOK || !strings.Contains(b.Stderr.String(), "stopped") {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.Stderr)
	}
}

// A terminal that is closed ends it as any other way to end it does; nohup keeps it.
func TestSIGHUP(t *testing.T) {
	// Where the tests themselves run under nohup, a program that they start would ignore it.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	b := campusgatetest.Start(t, t.TempDir(), nil)
	if status := b.Signal(t, syscall.SIGHUP).Wait(); status != exitOK || !strings.Contains(b.Stderr.String(), "stopped") {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.Stderr)
	}
	kept := exec.CommandContext(t.Context(), "nohup", campusgatetest.Program(t), "serve")
	kept.Dir, kept.Env = t.TempDir(), campusgatetest.Environment("CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0")
	b = campusgatetest.StartCommand(t, kept)
	b.Signal(t, syscall.SIGHUP)
	for range 20 {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.Address)
		must(t, err)
		must(t, connection.Close())
	}
	if got := campusgatetest.Get(t, "http://"+b.Address+"/healthz").Raw; got != "ok\n" || strings.Contains(b.Stderr.String(), "stopping") {
		t.Errorf("healthz: %s\n%s", got, b.Stderr)
	}
	if status := b.Stop(); status != exitOK {
		t.Errorf("exit status %d, want %d:\n%s", status, exitOK, b.Stderr)
	}
}

func TestSIGTERMWritesCountedClicks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := campusgatetest.Start(t, folder, nil, "--demo")
	token := b.DemoToken(t, campusgatetest.DemoBuyer)
	const looks = 20
	for range looks {
		b.Call(t, "/get/product?token="+token, "product/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.DemoProduct))
	}
	if status := b.Signal(t, syscall.SIGTERM).Wait(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, b.Stderr)
	}
	product, err := campusgatetest.OpenEmbedded(t, folder+"/data").Product(t.Context(), campusgatetest.DemoProduct)
	must(t, err)
	if product.ProductClick != looks {
		t.Errorf("%d clicks are stored, want %d", product.ProductClick, looks)
	}
}
