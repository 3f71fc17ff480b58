package trade

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"runtime"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
)

// callbackPath is where channels post notifications, with their names behind it.
const callbackPath = "/callback"

// maxNotification is longer than what any channel posts, in bytes.
const maxNotification = 64 << 10

// callback is POST /callback/<channel>. It is no envelope: each channel is answered as it
// wants. HTTP status 401 says that the signature is none of the channel's, 404 that there
// is no such channel, 413 that it is too long.
func (d Deps) callback() dispatch.Endpoint {
	turns := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)/2)) // two: one may wait for a lock
	return dispatch.Plain(dispatch.Path{Pattern: callbackPath}, dispatch.Need{}, "pay", "callback", "", "", dispatch.PlainDescription{
		Methods:  []string{http.MethodPost},
		Segments: []dispatch.Segment{{Name: "channel", Doc: "its name", Example: channel.Sandbox}},
		Results: []dispatch.Result{
			{Status: http.StatusOK},
			{Status: http.StatusUnauthorized},
			{Status: http.StatusNotFound},
			{Status: http.StatusRequestEntityTooLarge},
			{Status: http.StatusInternalServerError},
		},
	}, func(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		if len(request.Segments) != 1 || d.Channels[request.Segments[0]] == nil {
			return dispatch.PlainAnswer{Status: http.StatusNotFound, CacheControl: "no-store"}, nil
		}
		if len(request.Body()) > maxNotification {
			return dispatch.PlainAnswer{Status: http.StatusRequestEntityTooLarge, CacheControl: "no-store"}, nil
		}
		select { // whoever posts thousands at once does not keep the other calls waiting
		case turns <- struct{}{}:
		case <-ctx.Done():
			return dispatch.PlainAnswer{}, ctx.Err()
		}
		defer func() { <-turns }()
		status, contentType, body := d.notified(ctx, request.Segments[0], request.Header, bytes.Clone(request.Body()))
		return dispatch.PlainAnswer{Status: status, ContentType: contentType, CacheControl: "no-store", Body: body}, nil
	})
}

// notified is a notification from a channel, and its answer: success only where all that
// follows from it is committed.
func (d Deps) notified(ctx context.Context, name string, header func(string) string, body []byte) (status int, contentType string, answer []byte) {
	c := d.Channels[name]
	event, err := c.Notify(header, body, d.Clock.Now())
	if errors.Is(err, channel.ErrUnverified) {
		d.Logger.WarnContext(ctx, "a notification is not signed by its channel", "channel", name, "error", err)
		return http.StatusUnauthorized, "", nil
	}
	if err == nil {
		err = d.book(ctx, name, event)
	}
	if err != nil {
		d.Logger.ErrorContext(ctx, "a notification was not taken", "channel", name, "attempt", event.AttemptNo, "error", err)
	}
	return c.Answer(err)
}

// fromSandbox is a notification from the sandbox, which needs no network.
func (d Deps) fromSandbox(ctx context.Context, header func(string) string, body []byte) (status int) {
	status, _, _ = d.notified(ctx, channel.Sandbox, header, body)
	return status
}
