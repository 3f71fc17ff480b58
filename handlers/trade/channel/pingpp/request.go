package pingpp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
	"campusgate/handlers/trade/channel/signing"
)

// signedText is what is signed of a request: its body, its path with the query as it is
// sent, and the seconds, with nothing between.
func signedText(body []byte, path, seconds string) []byte {
	return slices.Concat(body, []byte(path), []byte(seconds))
}

// send signs a request and sends it. A body of nil is none.
func (c *Channel) send(ctx context.Context, method, path string, body []byte) (client.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.settings.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		return client.Answer{}, err
	}
	seconds := strconv.FormatInt(c.settings.Now().Unix(), 10)
	signature, err := signing.Sign(c.settings.Private, signedText(body, request.URL.RequestURI(), seconds))
	if err != nil {
		return client.Answer{}, fmt.Errorf("sign a request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.settings.APIKey)
	request.Header.Set("Pingplusplus-Request-Timestamp", seconds)
	request.Header.Set("Pingplusplus-Signature", signature)
	if body != nil {
		request.Header.Set("Content-Type", "application/json;charset=utf-8")
	}
	return c.client.Do(request)
}

// call asks for something, and reads the answer into it. It fails with [channel.ErrUnknown],
// or with a [*refusal]. Content of nil is none.
func (c *Channel) call(ctx context.Context, method, path string, content, into any) error {
	var body []byte
	if content != nil {
		var err error
		if body, err = json.Marshal(content); err != nil {
			return err
		}
	}
	answer, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	return readAnswer(answer.Status, answer.Body, into)
}

// A refusal is an answer of Ping++ that says no.
type refusal struct {
	status              int
	kind, code, message string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("pingpp refuses: HTTP status %d, %.64s %.64s (%.200q)", r.status, r.kind, r.code, r.message)
}

// isRefusal reports whether Ping++ will not do what was asked. What is mended by a setting,
// or by time, is no refusal: 401 is about the keys, 403 about the rate, 404 about the
// account.
func isRefusal(err error) bool {
	no, ok := errors.AsType[*refusal](err)
	return ok && (no.status == http.StatusBadRequest || no.status == http.StatusPaymentRequired)
}

// readAnswer reads what Ping++ says. What says no in due form is a [*refusal], all else
// that is no yes [channel.ErrUnknown]: what was asked may have happened.
func readAnswer(status int, body []byte, into any) error {
	switch {
	case status == http.StatusOK || status == http.StatusCreated:
		if err := json.Unmarshal(body, into); err != nil {
			return channel.Unknown("HTTP status %d with no JSON that is understood", status)
		}
		return nil
	case status >= 400 && status < 500:
		var no struct {
			Error struct {
				Type, Code, Message string
			}
		}
		if json.Unmarshal(body, &no) == nil && no.Error.Type != "" {
			return &refusal{status, no.Error.Type, no.Error.Code, no.Error.Message}
		}
	}
	return channel.Unknown("HTTP status %d", status)
}
