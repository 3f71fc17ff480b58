package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/config"
	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/captchas"
)

// The benchmarks of whole calls measure the server beside its floor: a bare
// fasthttp handler that decodes the same envelope, runs the same queries with
// prepared statements, and encodes the same answer. Both are asked in turn, by the
// same clients, and "of-floor" is the server's requests a second over the floor's:
// 1 is as fast. The tokens' cache is off, so that both ask for token and user.

const (
	benchConnections = 16
	benchShare       = 40 // requests of a connection in a round
	benchToken       = "415ae5efeeddf53bfdd9307cd75a7efe1604fbee910d16b4c9980d06a0776200"
	benchHash        = "900150983cd24fb0d6963f7d28e17f72"
)

func BenchmarkImgValidate(b *testing.B) {
	server, _ := benchServer(b)
	store := captchas.NewMemory(captchas.Options{TTL: time.Hour, MaxLifetime: time.Hour, Now: time.Now})
	floor := serveFloor(b, func(ctx *fasthttp.RequestCtx) {
		var request struct {
			ID            int64 `json:"id"`
			Type, Subtype string
			Data          struct {
				Hash    string `json:"hash"`
				Consume bool   `json:"consume"`
			} `json:"data"`
		}
		if json.Unmarshal(ctx.PostBody(), &request) != nil {
			panic("bad request")
		}
		_, _ = store.Check(ctx, captchas.Query{Hash: request.Data.Hash})
		// The server's store is empty: the hash is wrong there, the answer longer.
		floorAnswer(ctx, dispatch.Response{
			ID: request.ID, Status: -1, Message: "验证码hash值不匹配", Data: struct{}{}, Detail: "hash: wrong, or run out",
		})
	})
	compare(b, server, floor, "/api/external/captcha",
		`{"id":1,"status":0,"type":"img","subtype":"validate","data":{"hash":"`+benchHash+`"}}`)
}

func BenchmarkProductInfo(b *testing.B) {
	server, file := benchServer(b)
	floor := productFloor(b, file)
	compare(b, server, floor, "/api/external/get/product?token="+benchToken,
		fmt.Sprintf(`{"id":1,"status":0,"type":"product","subtype":"info","data":{"product_id":%d}}`, demoProduct))
}

// productFloor answers product/info by hand.
func productFloor(b *testing.B, file string) string {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	benchMust(b, err)
	db.SetMaxOpenConns(32)
	db.SetMaxIdleConns(32)
	b.Cleanup(func() { benchMust(b, db.Close()) })
	prepare := func(query string) *sql.Stmt {
		statement, err := db.PrepareContext(b.Context(), query)
		benchMust(b, err)
		return statement
	}
	tokens := prepare(`SELECT token, user_id FROM tokens WHERE token = ?`)
	users := prepare(`SELECT id FROM users WHERE id = ?`)
	products := prepare(`SELECT product_id, product_name, product_content, product_key, product_price, product_disprice,
		product_sale, product_click, product_collection, shop_id, creat_time, update_time, pic_url, product_status
		FROM products WHERE product_id = ?`)
	location, err := time.LoadLocation("Asia/Shanghai")
	benchMust(b, err)
	return serveFloor(b, func(ctx *fasthttp.RequestCtx) {
		var request struct {
			ID            int64 `json:"id"`
			Type, Subtype string
			Data          struct {
				ProductID int64 `json:"product_id"`
			} `json:"data"`
		}
		if json.Unmarshal(ctx.PostBody(), &request) != nil {
			panic("bad request")
		}
		var token, user string
		var row floorProduct
		var created, updated int64
		background := context.Background()
		scan(tokens.QueryRowContext(background, string(ctx.QueryArgs().Peek("token"))), &token, &user)
		scan(users.QueryRowContext(background, user), &user)
		scan(products.QueryRowContext(background, request.Data.ProductID), &row.ProductID, &row.ProductName,
			&row.ProductContent, &row.ProductKey, &row.ProductPrice, &row.ProductDisprice, &row.ProductSale,
			&row.ProductClick, &row.ProductCollection, &row.ShopID, &created, &updated, &row.PicURL, &row.ProductStatus)
		row.CreatTime = time.Unix(created, 0).In(location).Format(time.DateTime)
		row.UpdateTime = time.Unix(updated, 0).In(location).Format(time.DateTime)
		floorAnswer(ctx, dispatch.Response{ID: request.ID, Message: "successful", Data: row})
	})
}

type floorProduct struct {
	ProductID         int64         `json:"product_id"`
	ProductName       string        `json:"product_name"`
	ProductContent    string        `json:"product_content"`
	ProductKey        string        `json:"product_key"`
	ProductPrice      dispatch.Fen  `json:"product_price"`
	ProductDisprice   *dispatch.Fen `json:"product_disprice"`
	ProductSale       int64         `json:"product_sale"`
	ProductClick      int64         `json:"product_click"`
	ProductCollection int64         `json:"product_collection"`
	ShopID            int64         `json:"shop_id"`
	CreatTime         string        `json:"creat_time"`
	UpdateTime        string        `json:"update_time"`
	PicURL            string        `json:"pic_url"`
	ProductStatus     int64         `json:"product_status"`
}

func scan(row *sql.Row, to ...any) {
	if err := row.Scan(to...); err != nil {
		panic(err)
	}
}

func floorAnswer(ctx *fasthttp.RequestCtx, response dispatch.Response) {
	body, err := json.Marshal(&response)
	if err != nil {
		panic(err)
	}
	ctx.SetContentType("application/json; charset=utf-8")
	ctx.Response.SetBodyRaw(body)
}

// benchServer runs the whole gateway on a demo database, and tells its address and
// the database's file.
func benchServer(b *testing.B) (address, file string) {
	b.Helper()
	folder := b.TempDir()
	file = filepath.Join(folder, "campusgate.db")
	configuration, err := config.Load("", []string{
		"CAMPUSGATE_DATABASE_DSN=" + file, "CAMPUSGATE_PICTURES_DIR=" + filepath.Join(folder, "pictures"),
		"CAMPUSGATE_AUTH_CACHE_TTL=0s",
	})
	benchMust(b, err)
	ctx := context.Background()
	db, err := openDatabase(ctx, configuration)
	benchMust(b, err)
	benchMust(b, db.InTx(ctx, func(tx *storage.Tx) error { return insertDemo(ctx, tx) }))
	benchMust(b, db.InsertToken(ctx, benchToken, demoUsers[0].ID))
	g, err := newGateway(configuration, slog.New(slog.DiscardHandler), db)
	benchMust(b, err)
	listener := listen(b)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- g.serve(running, listener) }()
	b.Cleanup(func() {
		stop()
		benchMust(b, <-done)
		benchMust(b, db.Close())
	})
	return listener.Addr().String(), file
}

func serveFloor(b *testing.B, handler fasthttp.RequestHandler) (address string) {
	b.Helper()
	listener := listen(b)
	server := &fasthttp.Server{Handler: handler, NoDefaultServerHeader: true}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}

func listen(b *testing.B) net.Listener {
	b.Helper()
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	benchMust(b, err)
	return listener
}

// compare asks server and floor in turn, in short rounds so that a noisy machine
// is equally noisy for both, and reports the median of the rounds' ratios.
func compare(b *testing.B, server, floor, path, body string) {
	b.Helper()
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: campus\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s",
		path, len(body), body)
	servers, floors := dial(b, server), dial(b, floor)
	ask(b, servers, request) // both are warm
	ask(b, floors, request)
	var ratios, times []float64
	for b.Loop() {
		took := ask(b, servers, request)
		ratios = append(ratios, float64(ask(b, floors, request))/float64(took))
		times = append(times, float64(took.Nanoseconds())/(benchConnections*benchShare))
	}
	b.ReportMetric(median(ratios), "of-floor")
	b.ReportMetric(median(times), "server-ns/req")
	b.ReportMetric(0, "ns/op") // of a round of both: it says nothing
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func dial(b *testing.B, address string) (connections []net.Conn) {
	b.Helper()
	for range benchConnections {
		connection, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", address)
		benchMust(b, err)
		b.Cleanup(func() { _ = connection.Close() })
		connections = append(connections, connection)
	}
	return connections
}

// ask sends the request benchShare times on every connection and tells how long that
// took.
func ask(b *testing.B, connections []net.Conn, request []byte) time.Duration {
	b.Helper()
	var group sync.WaitGroup
	begin := time.Now()
	for _, connection := range connections {
		group.Go(func() {
			reader := bufio.NewReader(connection)
			var response fasthttp.Response
			for range benchShare {
				if _, err := connection.Write(request); err != nil {
					b.Error(err)
					return
				}
				if err := response.Read(reader); err != nil || response.StatusCode() != fasthttp.StatusOK {
					b.Error(response.StatusCode(), err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(begin)
}

func benchMust(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
