package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// countedRecords counts the records that reach a handler.
type countedRecords struct {
	slog.Handler
	records *atomic.Int64
}

func (c countedRecords) Handle(ctx context.Context, record slog.Record) error {
	c.records.Add(1)
	return c.Handler.Handle(ctx, record)
}

// TestAttackLog: whatever a client puts into a path, a header, a type or a text
// that a failure tells, a record stays one line, in either format, and no control
// character of a terminal is in it.
func TestAttackLog(t *testing.T) {
	forged := []string{
		"a\nlevel=ERROR msg=forged", "a\r\nlevel=ERROR msg=forged", "\x1b[2J\x1b[31mforged", "a\x00b", "a\x08\x08", "a\x7f", "\u2028forged", "\u202eforged",
		"\xff\xfe\x1b]0;forged\x07", `"} {"level":"ERROR","msg":"forged"`, `\nlevel=ERROR`, "a\u0085forged", "%0alevel=ERROR", "%1b[2J", "a\tb\vc\fd", "\u009b2J",
	}
	fails := dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{}, "fail", "text", "Fail with the text", func(_ context.Context, in struct {
		Text string `json:"text"`
	},
	) (struct{}, error) {
		if strings.HasPrefix(in.Text, "\x1b") {
			panic(in.Text)
		}
		return struct{}{}, dispatch.Fail(dispatch.DatabaseFailure, "").Because(fmt.Errorf("insert %s", in.Text))
	})
	for format, newHandler := range map[string]func(io.Writer) slog.Handler{
		"text": func(to io.Writer) slog.Handler {
			return slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
		"json": func(to io.Writer) slog.Handler {
			return slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
	} {
		t.Run(format, func(t *testing.T) {
			written, records := &dispatchtest.Logs{}, &atomic.Int64{}
			logger := slog.New(countedRecords{newHandler(written), records})
			server := start(t, func(o *Options) {
				o.Registry, o.Logger = dispatchtest.NewLoggedRegistry(t, logger, append(dispatchtest.Endpoints(showPicture), fails)...), logger
				o.TrustedProxies = parsePrefixes("127.0.0.1/32")
			})
			for _, text := range forged {
				said, err := json.Marshal(text)
				if err != nil {
					t.Fatal(err)
				}
				escaped := url.QueryEscape(text)
				server.post(t, "/open", `{"id":1,"type":"fail","subtype":"text","data":{"text":`+string(said)+`}}`)
				server.post(t, "/open", `{"id":1,"type":`+string(said)+`,"subtype":`+string(said)+`,"data":{`+string(said)+`:1}}`)
				server.post(t, "/closed?token=down"+escaped, `{"id":`+string(said)+`}`)
				server.ask(t, http.MethodGet, "/api/external/get/pic/"+escaped, "", "Referer", "https://x/"+escaped)
				server.ask(t, http.MethodGet, "/api/external/get/list?type=1&token=good&"+escaped+"="+escaped, "")
				server.ask(t, http.MethodPost, "/api/external/"+escaped, sayHi)
				for _, raw := range []string{
					"POST /api/external/open" + strings.ReplaceAll(text, "\n", "") + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
					postHeader + "X-Real-IP: " + text + "\r\nX-Forwarded-For: " + text + "\r\nUser-Agent: " + text + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
					text + "\r\n\r\n",
				} {
					server.send(t, raw)
				}
			}
			server.client.CloseIdleConnections()
			if err := server.Shutdown(t.Context()); err != nil { // then nothing more is logged
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(written.String(), "\n"), "\n")
			if int64(len(lines)) != records.Load() || len(lines) < len(forged) {
				t.Errorf("%d records are %d lines", records.Load(), len(lines))
			}
			for _, line := range lines {
				// JSON is for machines; text is read in terminals, where U+009B is an escape too.
				if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || format == "text" && !unicode.IsPrint(r) }) {
					t.Errorf("a control character in %q", line)
				}
				if format == "json" && !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %s", line)
				}
				if format == "text" && !strings.HasPrefix(line, "time=") {
					t.Errorf("a line of the client's own: %s", line)
				}
			}
			t.Logf("%d records, %d lines", records.Load(), len(lines))
		})
	}
}
