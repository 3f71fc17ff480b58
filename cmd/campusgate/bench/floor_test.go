package bench

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"image/color"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/mojocn/base64Captcha"
	"github.com/valyala/fasthttp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/dispatch"
	"campusgate/storage/captchas"
	"campusgate/storage/pictures"
	"campusgate/storage/redis"
)

// The floor is what the gateway is measured beside: bare fasthttp that decodes the
// same envelope, runs the same queries with prepared statements, and encodes the
// same answer. It checks nothing, logs nothing and forgets errors in a panic. It
// is the test's own binary, run again: a process, as the gateway is.

// floorVariable holds the floorOptions of a test binary that is to be the floor.
const floorVariable = "CAMPUSGATE_TEST_FLOOR"

type floorOptions struct {
	Address     string // to listen on
	Driver, DSN string
	// Redis keeps the captchas, "" is memory.
	Redis string
	// CacheTTL is auth.cache_ttl.
	CacheTTL time.Duration
}

// launchFloor starts a floor in a process of its own.
func launchFloor(t testing.TB, options floorOptions) *served {
	t.Helper()
	options.Address = campusgatetest.FreeAddress(t)
	text, err := json.Marshal(options)
	must(t, err)
	program, err := os.Executable()
	must(t, err)
	return launch(t, options.Address, append(os.Environ(), floorVariable+"="+string(text)), program)
}

// floor answers by path.
type floor struct {
	*floorQueries
	*floorOrders
	captchas interface {
		Check(ctx context.Context, query captchas.Query) (bool, error)
	}
	library *base64Captcha.DriverString
	checker *pictures.Checker
	upload  []byte // base64, for alone
}

// serveFloor is the floor's process. It ends when it is killed.
func serveFloor(options string) error {
	var o floorOptions
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	queries := newFloorQueries(o)
	f := &floor{
		floorQueries: queries,
		floorOrders:  newFloorOrders(queries, o.Driver),
		captchas:     captchas.NewMemory(captchas.Options{TTL: time.Hour, MaxLifetime: time.Hour}),
		library: base64Captcha.NewDriverString(30, 120, 0, 0, 5, "",
			&color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}, nil, []string{"wqy-microhei.ttc"}),
		checker: pictures.NewChecker(pictures.MaxPixels),
	}
	if o.Redis != "" {
		client := redis.Open(redis.Options{Addresses: []string{o.Redis}, Timeout: campusgatetest.Patience})
		f.captchas = captchas.NewRedis(client, time.Hour, time.Hour)
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Address)
	if err != nil {
		return err
	}
	server := &fasthttp.Server{Handler: f.serve, NoDefaultServerHeader: true, MaxRequestBodySize: 8 << 20}
	return server.Serve(listener)
}

func (f *floor) serve(request *fasthttp.RequestCtx) {
	switch string(request.Path()) {
	case "/api/external/captcha":
		f.validate(request)
	case "/api/external/get/product":
		f.productInfo(request)
	case "/api/external/get/shop":
		f.shopList(request)
	case "/api/external/get/property":
		f.propertyList(request)
	case "/api/external/search":
		f.search(request)
	case "/api/external/purchase":
		f.purchase(request)
	case "/api/external/browse":
		f.browse(request)
	case "/api/external/cart":
		f.cartList(request)
	case "/api/external/order":
		f.serveOrder(request)
	case "/library":
		f.drawWithLibrary()
	case "/upload":
		f.upload = bytes.Clone(request.PostBody())
	case "/alone":
		f.alone()
	case allocationsPath:
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		fmt.Fprintf(request, "go_memstats_mallocs_total %d\ngo_memstats_alloc_bytes_total %d\n", memory.Mallocs, memory.TotalAlloc)
	default:
		request.SetStatusCode(fasthttp.StatusNotFound)
	}
}

// validate is img/validate of a hash that is not there.
func (f *floor) validate(request *fasthttp.RequestCtx) {
	var asked struct {
		ID            int64 `json:"id"`
		Type, Subtype string
		Data          struct {
			Hash    string `json:"hash"`
			Consume bool   `json:"consume"`
		} `json:"data"`
	}
	floorMust(json.Unmarshal(request.PostBody(), &asked))
	right, err := f.captchas.Check(request, captchas.Query{Hash: asked.Data.Hash})
	floorMust(err)
	if right {
		panic("the hash is there")
	}
	answerFloor(request, dispatch.Response{
		ID: asked.ID, Status: -1, Message: "验证码hash值不匹配", Data: struct{}{}, Detail: "hash: wrong or expired",
	})
}

// drawWithLibrary is a picture of the same size by base64Captcha alone.
func (f *floor) drawWithLibrary() {
	item, err := f.library.DrawCaptcha("K7M2X")
	floorMust(err)
	item.EncodeB64string()
}

// alone decodes, checks and hashes the upload, without an upload's way here and
// without the store.
func (f *floor) alone() {
	picture := make([]byte, base64.StdEncoding.DecodedLen(len(f.upload)))
	length, err := base64.StdEncoding.Decode(picture, f.upload)
	floorMust(err)
	_, err = f.checker.Check(context.Background(), picture[:length], pictures.MaxBytes)
	floorMust(err)
	md5.Sum(picture[:length])
}

func answerFloor(request *fasthttp.RequestCtx, response dispatch.Response) {
	body, err := json.Marshal(&response)
	floorMust(err)
	request.SetContentType("application/json; charset=utf-8")
	request.Response.SetBodyRaw(body)
}

// floorMust ends the floor, and with it the benchmark.
func floorMust(err error) {
	if err != nil {
		panic(err)
	}
}
