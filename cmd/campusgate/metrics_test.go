package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// awaitSample waits until a sample has a value: an answer is out before it is
// counted.
func awaitSample(t *testing.T, url, name, want string) {
	t.Helper()
	got := ""
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late); {
		if got = campusgatetest.Scrape(t, url)[name]; got == want {
			return
		}
	}
	t.Errorf("%s is %q, want %s", name, got, want)
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_METRICS_LISTEN="+campusgatetest.FreeAddress(t))
	r := serve(t, environ, "--demo")
	token, url := r.DemoToken(t, campusgatetest.DemoBuyer), r.MetricsURL(t)
	before := campusgatetest.Scrape(t, url)
	if got := before[`campusgate_requests_total{status="-200",subtype="list",type="purchase"}`]; got != "0" {
		t.Errorf("failures that did not happen yet: %q, want 0", got)
	}

	for range 3 {
		r.Call(t, "/captcha", "img/generate", `{}`)
	}
	campusgatetest.Request(t, http.MethodPost, r.URL("/captcha"), `{"type":"img","subtype":"validate","data":{"hash":"x"}}`)
	r.Call(t, "/get/product?token="+token, "product/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.DemoProduct))
	campusgatetest.Request(t, http.MethodPost, r.URL("/purchase"), `{"type":"purchase","subtype":"list","data":{}}`)
	campusgatetest.Request(t, http.MethodPost, r.URL("/captcha"), `{"type":"made\nup","subtype":"by a client","data":{}}`)
	campusgatetest.Get(t, r.URL("/no/such/path"))
	picture := r.Call(t, "/pic?token="+token, "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`).Field("url")
	for range 2 {
		campusgatetest.Get(t, "http://"+r.Address+strings.TrimPrefix(picture, "."))
	}
	campusgatetest.Get(t, r.URL("/get/portrait/1"))
	campusgatetest.Get(t, "http://"+r.Address+"/healthz")

	for name, want := range map[string]string{
		`campusgate_requests_total{status="0",subtype="generate",type="img"}`:       "3",
		`campusgate_request_duration_seconds_count{subtype="generate",type="img"}`:  "3",
		`campusgate_requests_total{status="-1",subtype="validate",type="img"}`:      "1",
		`campusgate_requests_total{status="0",subtype="info",type="product"}`:       "1",
		`campusgate_requests_total{status="-100",subtype="list",type="purchase"}`:   "1",
		`campusgate_requests_total{status="-2",subtype="none",type="none"}`:         "1",
		`campusgate_requests_total{status="404",subtype="none",type="none"}`:        "1",
		`campusgate_requests_total{status="stored",subtype="pic",type="get"}`:       "2",
		`campusgate_requests_total{status="default",subtype="portrait",type="get"}`: "1",
		`campusgate_requests_total{status="200",subtype="healthz",type="get"}`:      "1",
		`campusgate_captchas`:                                         "3",
		`campusgate_requests_in_flight`:                               "0",
		`campusgate_uploads_decoding`:                                 "0",
		`campusgate_database_connections_max{pool="reader"}`:          "32",
		`campusgate_database_connections_max{pool="writer"}`:          "1",
		`campusgate_database_connections{pool="writer",state="idle"}`: "1",
		`campusgate_database_wait_total{pool="reader"}`:               "0",
		`campusgate_database_wait_seconds_total{pool="reader"}`:       "0",
		`campusgate_picture_cache_entries`:                            "1",
		`campusgate_picture_cache_requests_total{result="hit"}`:       "1",
		`campusgate_order_steps_total{result="failed",step="commit"}`: "0",
		`campusgate_payments_total{channel="wallet",result="paid"}`:   "0",
		`campusgate_payments_total{channel="sandbox",result="late"}`:  "0",
		`campusgate_payment_attempts_open{channel="sandbox"}`:         "0",
		`campusgate_payment_anomalies{channel="sandbox"}`:             "0",
	} {
		awaitSample(t, url, name, want)
	}
	after := campusgatetest.Scrape(t, url)
	for _, name := range []string{
		"campusgate_open_connections", "campusgate_clicks_waiting", "campusgate_picture_cache_bytes", "go_goroutines",
		`campusgate_picture_cache_requests_total{result="miss"}`, "process_open_fds",
		`campusgate_build_info{commit="unknown",go="`,
	} {
		if !after.Has(name) {
			t.Errorf("no %s", name)
		}
	}
	if strings.Contains(campusgatetest.Get(t, url).Raw, "by a client") {
		t.Error("a client's text is a label")
	}
	if after.Has("campusgate_redis") {
		t.Error("Redis has metrics where there is none")
	}
	if got := campusgatetest.Get(t, "http://"+r.Address+"/metrics"); got.Status != -2 {
		t.Errorf("clients may read metrics: %s", got.Raw)
	}
	r.Stop()
	if connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/metrics")); err == nil {
		_ = connection.Close()
		t.Error("metrics are still served")
	}
}

func TestABadMetricsAddressIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	for _, address := range []string{"127.0.0.1", "127.0.0.1:70000", taken.Addr().String()} {
		runCommand(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_METRICS_LISTEN="+address), "serve").
			Refused(t, exitFailed, "metrics.listen")
	}
}

// One line a request, with exactly these attributes, in either format.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"text": `time=T level=INFO msg=request call=purchase/list id=1 status=0 duration=T user=` + student + ` address=127.0.0.1 request=a.b` + "\n",
		"json": `{"time":T,"level":"INFO","msg":"request","call":"purchase/list","id":1,"status":0,"duration":T,"user":"` + student + `","address":"127.0.0.1","request":"a.b"}` + "\n",
	} {
		environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_LOG_FORMAT="+format)
		token := addUser(t, environ, student, "王凌超", "0")
		r := serve(t, environ)
		sent, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL("/purchase?token="+token),
			strings.NewReader(`{"id":1,"type":"purchase","subtype":"list","data":{}}`))
		must(t, err)
		sent.Header.Set("X-Request-ID", "a.b")
		answer, err := http.DefaultClient.Do(sent)
		must(t, err)
		must(t, answer.Body.Close())
		line := r.Stderr.Await(t, `.*request"?[=:]"?a\.b.*\n`)[0]
		varies := regexp.MustCompile(`(time"?[=:])("[^"]*"|\S+)|(duration"?[=:])[^ ,]+`)
		if got := varies.ReplaceAllString(line, "${1}${3}T"); got != want || answer.Header.Get("X-Request-ID") != "a.b" {
			t.Errorf("got %s want %s", got, want)
		}
		r.Stop()
	}
}

// Nothing of what clients send stands in the log, whatever becomes of it, and a
// request is one line.
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_LOG_LEVEL=debug")
	token := addUser(t, environ, student, "王凌超", "0")
	r := serve(t, environ)
	const phone, text = "13712345678", "secret words"
	hash := campusgatetest.MD5(text)
	requests := 0
	for path, calls := range map[string][]string{
		"/captcha":  {"img/generate", "img/validate", "sms/generate", "sms/validate"},
		"/portrait": {"portrait/upload"}, "/pic": {"pic/upload"},
		"/property": {"property/add", "property/update", "property/delete"},
		"/shop":     {"shop/creat", "shop/update"}, "/get/shop": {"shop/list", "shop/info"},
		"/product": {"product/creat", "product/update"}, "/get/product": {"product/list", "product/info"},
		"/purchase": {"purchase/apply", "purchase/pay", "purchase/cancel", "purchase/info", "purchase/list"},
		"/nowhere":  {"no/such"}, "": {"line\nbreak/" + text},
	} {
		for _, call := range calls {
			for _, query := range []string{"?token=" + token, "?token=" + hash} {
				typ, subtype, _ := strings.Cut(call, "/")
				body, err := json.Marshal(map[string]any{"id": 1, "type": typ, "subtype": subtype, "data": map[string]any{
					"phone": phone, "hash": hash, "title": text, "shop_name": text, "user_phone": phone, "name": text,
					"content": text, "lab": text, "type": 1, "user_name": text, "occurrence_time": "", "user_qq": text, "base64": campusgatetest.OnePixel, "from": "shop",
				}})
				must(t, err)
				campusgatetest.Request(t, http.MethodPost, r.URL(path+query), string(body))
				requests++
			}
		}
	}
	campusgatetest.Get(t, r.URL("/get/property?type=1&key=secret%20words%0a&token="+token))
	campusgatetest.Get(t, r.URL("/get/pic/shop/secret%20words"))
	requests += 2
	if status := r.Stop(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	log := r.Stderr.String()
	for _, secret := range []string{token, hash, phone, text, "break", campusgatetest.OnePixel} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %.20s:\n%s", secret, log)
		}
	}
	if lines := strings.Count(log, " msg=request "); lines != requests {
		t.Errorf("%d lines of %d requests:\n%s", lines, requests, log)
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("a line that is none: %q", line)
		}
	}
}
