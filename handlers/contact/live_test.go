package contact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/handlers/handlerstest"
)

// dial opens GET /live with a query and headers.
func dial(t *testing.T, g *handlerstest.Gateway, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	connection, response, err := websocket.DefaultDialer.DialContext(context.WithoutCancel(t.Context()),
		strings.Replace(g.URL, "http", "ws", 1)+"/live"+query, header)
	if err == nil {
		t.Cleanup(func() { _ = connection.Close() })
		handlerstest.Must(t, connection.SetReadDeadline(time.Now().Add(time.Minute)))
	}
	return connection, response, err
}

func listen(t *testing.T, g *handlerstest.Gateway, query string) *websocket.Conn {
	t.Helper()
	connection, response, err := dial(t, g, query, nil) //nolint:bodyclose // it is the connection's
	if err != nil {
		t.Fatalf("%s: %v, %+v", query, err, response)
	}
	return connection
}

// wantPush reads a push.
func wantPush(t *testing.T, connection *websocket.Conn, want string) {
	t.Helper()
	kind, text, err := connection.ReadMessage()
	if err != nil || kind != websocket.TextMessage || string(text) != want {
		t.Errorf("%d, %v\ngot  %s\nwant %s", kind, err, text, want)
	}
}

// wantEnd awaits the end of a connection, with its code.
func wantEnd(t *testing.T, connection *websocket.Conn, code int) {
	t.Helper()
	_, text, err := connection.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != code {
		t.Errorf("%s, %v, want %d", text, err, code)
	}
}

// noticePush is the push of a notice of [handlerstest.Gateway.Tell].
func noticePush(content string) string {
	return fmt.Sprintf(`{"id":-1,"status":0,"type":"push","subtype":"notice","data":{"kind":"order","title":"订单已发货","content":%q,"order_id":%q,"product_id":4517733,"creat_time":%q}}`,
		content, handlerstest.DocumentPurchase, atFirst)
}

// TestLivePushes: what happens to a user is pushed to all of the user's connections and to
// nobody else's, as the lists show it.
func TestLivePushes(t *testing.T) {
	t.Parallel()
	g := startMessages(t)
	ticket := g.OK("message/ticket", aliceToken, `{}`).Field("ticket")
	hers := []*websocket.Conn{listen(t, g, "?token="+aliceToken), listen(t, g, "?ticket="+ticket)}
	his := listen(t, g, "?token="+bobToken)

	id := g.OK("message/send", bobToken, toAlice(`,"content":"还在吗？"`)).Field("message_id")
	said := fmt.Sprintf(`{"id":-1,"status":0,"type":"push","subtype":"message","data":{"message_id":%s,"user_id":%s,"content":"还在吗？","pic_url":"","creat_time":%q,"receiver_id":%s,"product_id":%d}}`,
		id, bob, atFirst, alice, handlerstest.DocumentProduct)
	g.Tell(alice, "first")
	for _, connection := range hers {
		wantPush(t, connection, said)
		wantPush(t, connection, noticePush("first"))
	}
	wantPush(t, his, said) // in another window of his

	made := g.OK("order/commit", bobToken, `{"items":[{"product_id":4517733}],"deliver":"face","pay_price":101.5}`)
	var committed struct {
		OrderIDs []string `json:"order_ids"`
	}
	handlerstest.Must(t, json.Unmarshal(made.Data, &committed))
	step := fmt.Sprintf(`{"id":-1,"status":0,"type":"push","subtype":"order","data":{"order_id":%q,"step":"commit","state":"paying","time":%q,"who":"buyer"}}`, committed.OrderIDs[0], atFirst)
	for _, connection := range append(hers, his) {
		wantPush(t, connection, step)
	}
}

// TestLiveHandshake: who opens what, and what is no handshake.
func TestLiveHandshake(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	ticket := g.OK("message/ticket", aliceToken, `{}`).Field("ticket")
	late := g.OK("message/ticket", aliceToken, `{}`).Field("ticket")
	listen(t, g, "?ticket="+ticket)
	for name, c := range map[string]struct {
		query  string
		origin string
		http   int
		status int
	}{
		"nobody":                {"", "", 200, -100},
		"unknown token":         {"?token=unknown-token", "", 200, -101},
		"unknown ticket":        {"?ticket=unknown", "", 200, -101},
		"used ticket":           {"?ticket=" + ticket, "", 200, -101},
		"a page of elsewhere":   {"?token=" + aliceToken, "https://elsewhere.example", 403, -103},
		"a page without a host": {"?token=" + aliceToken, "null", 403, -103},
	} {
		header := http.Header{}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		_, response, err := dial(t, g, c.query, header) //nolint:bodyclose // it is read whole
		var answer struct{ Status int }
		if err == nil || response == nil || json.NewDecoder(response.Body).Decode(&answer) != nil || response.StatusCode != c.http || answer.Status != c.status {
			t.Errorf("%s: %v, %+v, %+v", name, err, response, answer)
		}
	}
	g.Clock.Advance(30 * time.Second)
	if _, _, err := dial(t, g, "?ticket="+late, nil); err == nil { //nolint:bodyclose // it is read whole
		t.Error("a ticket of half a minute ago is taken")
	}
	own := http.Header{"Origin": {strings.Replace(g.URL, "/api/external", "", 1)}}
	if _, response, err := dial(t, g, "?token="+aliceToken, own); err != nil { //nolint:bodyclose // it is the connection's
		t.Errorf("a page of this host: %v, %+v", err, response)
	}
	for name, header := range map[string][]string{
		"no WebSocket":    {},
		"another version": {"Connection", "keep-alive, Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "8", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="},
		"a short key":     {"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAA"},
	} {
		a := g.Do(http.MethodGet, "/live?token="+aliceToken, "", header...)
		if want := map[string]int{"a short key": http.StatusBadRequest}[name]; a.HTTP != max(want, 0) && (want != 0 || a.HTTP != http.StatusUpgradeRequired) {
			t.Errorf("%s: %d %s", name, a.HTTP, a.Raw)
		}
	}
}

// TestLiveTokenEnds: a connection ends with its token, however that ends, and others stay.
func TestLiveTokenEnds(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	_, token := g.Register("13712345678", "newcomer")
	stays := listen(t, g, "?token="+bobToken)
	out := listen(t, g, "?token="+token)
	g.OK("user/logout", token, `{}`)
	wantEnd(t, out, 4001)
	byTicket := listen(t, g, "?ticket="+g.OK("message/ticket", aliceToken, `{}`).Field("ticket"))
	g.OK("user/logout", aliceToken, `{"all":true}`)
	wantEnd(t, byTicket, 4001)
	g.Tell(bob, "still here")
	wantPush(t, stays, noticePush("still here"))
}

// TestLiveRefuses: the oldest of six connections of a user, binary frames, and long ones.
func TestLiveRefuses(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	oldest := listen(t, g, "?token="+aliceToken)
	for range 4 {
		listen(t, g, "?token="+aliceToken)
	}
	newest := listen(t, g, "?token="+aliceToken)
	wantEnd(t, oldest, 4002)
	handlerstest.Must(t, newest.WriteMessage(websocket.TextMessage, []byte(`{"type":"user","subtype":"info"}`))) // is not used
	g.Tell(alice, "first")
	wantPush(t, newest, noticePush("first"))
	handlerstest.Must(t, newest.WriteMessage(websocket.BinaryMessage, []byte{1}))
	wantEnd(t, newest, websocket.CloseUnsupportedData)
	long := listen(t, g, "?token="+bobToken)
	handlerstest.Must(t, long.WriteMessage(websocket.TextMessage, make([]byte, 1000)))
	wantEnd(t, long, websocket.CloseMessageTooBig)
	many := listen(t, g, "?token="+bobToken)
	for range 60 {
		handlerstest.Must(t, many.WriteMessage(websocket.TextMessage, []byte("a")))
	}
	wantEnd(t, many, websocket.ClosePolicyViolation)
}
