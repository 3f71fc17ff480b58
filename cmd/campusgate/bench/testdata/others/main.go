// Command others answers img/validate as the benchmark's floor does, with bare net/http,
// with Gin or with Fiber: the same decoding, the same look into a map under a mutex, the
// same bytes back, and nothing else. It is a module of its own, so that the server does
// not depend on what it is compared with.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/goccy/go-json"
	"github.com/gofiber/fiber/v3"
)

type request struct {
	ID            int64 `json:"id"`
	Type, Subtype string
	Data          struct {
		Hash    string `json:"hash"`
		Consume bool   `json:"consume"`
	} `json:"data"`
}

type response struct {
	ID      int64    `json:"id"`
	Status  int      `json:"status"`
	Message string   `json:"message"`
	Data    struct{} `json:"data"`
	Detail  string   `json:"detail,omitempty"`
}

var (
	mutex    sync.Mutex
	captchas = map[string]string{}
)

// validate is img/validate of a hash that is not there.
func validate(in request) response {
	mutex.Lock()
	_, found := captchas[in.Data.Hash]
	mutex.Unlock()
	if found {
		panic("the hash is there")
	}
	return response{ID: in.ID, Status: -1, Message: "验证码hash值不匹配", Detail: "hash: wrong or expired"}
}

const (
	path        = "/api/external/captcha"
	contentType = "application/json; charset=utf-8"
)

func main() {
	serve := map[string]func(address string) error{"net/http": serveNetHTTP, "gin": serveGin, "fiber": serveFiber}[os.Args[1]]
	if err := serve(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "panic:", err)
		os.Exit(1)
	}
}

func serveNetHTTP(address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in request
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer, err := json.Marshal(validate(in))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(answer)
	})
	return http.ListenAndServe(address, mux)
}

// serveGin is compiled with Gin's tag go_json, for the same JSON library.
func serveGin(address string) error {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.POST(path, func(c *gin.Context) {
		var in request
		if err := c.ShouldBindJSON(&in); err != nil {
			c.AbortWithStatus(http.StatusBadRequest)
			return
		}
		c.JSON(http.StatusOK, validate(in))
	})
	return engine.Run(address)
}

func serveFiber(address string) error {
	app := fiber.New(fiber.Config{JSONEncoder: json.Marshal, JSONDecoder: json.Unmarshal})
	app.Post(path, func(c fiber.Ctx) error {
		var in request
		if err := c.Bind().JSON(&in); err != nil {
			return err
		}
		return c.JSON(validate(in), contentType)
	})
	return app.Listen(address, fiber.ListenConfig{DisableStartupMessage: true})
}
