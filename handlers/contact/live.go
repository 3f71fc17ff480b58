package contact

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// liveCalls are those of connections that are pushed to.
type liveCalls struct{ Deps }

// ticketTime is how long a ticket waits to be used, in seconds.
const ticketTime = 30

type ticketRequest struct{}

type ticketAnswer struct {
	Ticket string `json:"ticket" doc:"for GET /live, once, within 30 s"`
}

func (ticketRequest) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "A WebSocket is opened by a URL, which stands in logs: a ticket is no use there, as it is used up.",
		Example: `{}`,
	}
}

func (l liveCalls) ticket(ctx context.Context, _ ticketRequest) (ticketAnswer, error) {
	caller, now := dispatch.CallerFrom(ctx), l.Clock.Unix()
	ticket := rand.Text()
	hash := sha256.Sum256([]byte(ticket))
	err := l.DB.InsertLiveTicket(ctx, storage.LiveTicket{
		Hash: hash[:], UserID: caller.User, Token: l.TokenKey(caller.Token), ExpireTime: now + ticketTime,
	}, now)
	if err != nil {
		return ticketAnswer{}, wire.DatabaseFailure(err)
	}
	return ticketAnswer{ticket}, nil
}

const listenNotes = "A WebSocket (RFC 6455), with a token as everywhere, or with `ticket` from message/ticket. It pushes " +
	"`{\"id\":-1,\"status\":0,\"type\":\"push\",\"subtype\":\"message\",\"data\":{…}}`: `message` with what message/list shows, and `receiver_id` and `product_id`; " +
	"`notice` with kind, title, content, order_id, product_id and creat_time, as notice/list has them; `order` with order_id, step, state, time and who, as the history of order/info. A push is a hint, which may be lost: what it tells is in the lists too, " +
	"so read them when a connection begins. Calls go by POST: nothing that a client sends is used. The server pings every 30 s, and ends a connection that has said nothing for 75 s, " +
	"the oldest of more than five of a user (4002), one whose token has ended (4001), and one that does not read; 1001 says that the server stops: connect again."

// listenEndpoint is GET /live.
func (l liveCalls) listenEndpoint() dispatch.Endpoint {
	return dispatch.Plain(dispatch.Path{Pattern: "/live"}, dispatch.Need{Token: dispatch.TokenOptional}, "get", "live", "Be told what happens", listenNotes,
		dispatch.PlainDescription{
			Methods: []string{http.MethodGet}, Live: true, Tag: "live",
			Answers: []dispatch.AnswerDescription{
				{Status: http.StatusSwitchingProtocols, Doc: "The connection is a WebSocket."},
				{Status: http.StatusBadRequest, Doc: "A handshake that is none.", ContentType: "application/json"},
				{Status: http.StatusForbidden, Doc: "A page of an origin that may not call.", ContentType: "application/json"},
				{Status: http.StatusUpgradeRequired, Doc: "No WebSocket, or another version than 13.", ContentType: "application/json"},
			},
			Results: []dispatch.Result{
				{Status: http.StatusSwitchingProtocols}, {Status: http.StatusBadRequest}, {Status: http.StatusForbidden}, {Status: http.StatusUpgradeRequired},
			},
		}, l.listen)
}

func (l liveCalls) listen(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	caller := dispatch.CallerFrom(ctx)
	if caller.User != "" {
		return dispatch.PlainAnswer{Listener: &dispatch.Listener{User: caller.User, Token: l.TokenKey(caller.Token)}}, nil
	}
	ticket := request.Query().Get("ticket")
	if ticket == "" {
		return dispatch.PlainAnswer{}, dispatch.Fail(dispatch.MissingArgs, "token: missing")
	}
	hash := sha256.Sum256([]byte(ticket))
	taken, err := l.DB.TakeLiveTicket(ctx, hash[:], l.Clock.Unix())
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return dispatch.PlainAnswer{}, dispatch.Fail(dispatch.ErrorToken, "ticket: unknown, used or expired")
	case err != nil:
		return dispatch.PlainAnswer{}, wire.DatabaseFailure(err)
	}
	return dispatch.PlainAnswer{Listener: &dispatch.Listener{User: taken.UserID, Token: taken.Token}}, nil
}

// push is what a connection is pushed.
type push struct {
	ID      int    `json:"id"`
	Status  int    `json:"status"`
	Type    string `json:"type"`
	Subtype string `json:"subtype"`
	Data    any    `json:"data"`
}

// noticePush is a notice. Its id is not known where several are added at once.
type noticePush struct {
	Kind      string `json:"kind"`
	Title     string `json:"title"`
	Content   string `json:"content"`
	OrderID   string `json:"order_id"`
	ProductID int64  `json:"product_id"`
	CreatTime string `json:"creat_time"`
}

// orderPush is a step of an order.
type orderPush struct {
	OrderID string `json:"order_id"`
	Step    string `json:"step"`
	State   string `json:"state"`
	Time    string `json:"time"`
	Who     string `json:"who"`
}

// Pushes has publish told what transactions push, as connections are sent it; an empty text
// says that tokens of the user may have ended.
func Pushes(d Deps, publish func(user string, text []byte)) func([]storage.Push) {
	return func(pushes []storage.Push) {
		for _, p := range pushes {
			if p.Data == nil {
				publish(p.UserID, nil)
				continue
			}
			out := push{ID: -1, Type: "push"}
			switch data := p.Data.(type) {
			case storage.Notice:
				out.Subtype, out.Data = "notice", noticePush{data.Kind, data.Title, data.Content, data.OrderID, data.ProductID, d.Clock.Text(data.CreatTime)}
			case storage.Message:
				out.Subtype, out.Data = "message", messageCalls{d}.exported(data)
			case storage.OrderStep:
				out.Subtype, out.Data = "order", orderPush{data.OrderID, data.Step, string(data.State), d.Clock.Text(data.Time), data.Who}
			default:
				continue // of a newer kind
			}
			text, err := json.Marshal(out)
			if err != nil {
				d.Logger.Error("push", "subtype", out.Subtype, "error", err)
				continue
			}
			publish(p.UserID, text)
		}
	}
}
