// Package client calls channels over HTTP. It waits at most ten seconds, reads at most
// 1 MiB, follows no redirection and uses no proxy that the environment names: whoever
// answers in a channel's place could take payments.
package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"campusgate/handlers/trade/channel"
)

const (
	timeout = 10 * time.Second
	// MaxBody is how long an answer is at most, in bytes.
	MaxBody = 1 << 20
)

// A Client may be used by many at once.
type Client struct {
	http http.Client
}

// New returns a client with connections of its own.
func New() *Client {
	return &Client{http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: timeout}).DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       60 * time.Second,
			TLSHandshakeTimeout:   timeout,
			ResponseHeaderTimeout: timeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// An Answer is a whole one, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request. All its failures are [channel.ErrUnknown]: the channel may have done
// what was asked. They do not name the URL, whose query may be signed.
func (c *Client) Do(request *http.Request) (Answer, error) {
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "campusgate")
	}
	response, err := c.http.Do(request)
	if failure, ok := errors.AsType[*url.Error](err); ok {
		err = failure.Err
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%w: call %s: %w", channel.ErrUnknown, request.URL.Host, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%w: read the answer of %s: %w", channel.ErrUnknown, request.URL.Host, err)
	case len(body) > MaxBody:
		return Answer{}, fmt.Errorf("%w: the answer of %s is longer than %d bytes", channel.ErrUnknown, request.URL.Host, MaxBody)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// JSON is content as it is sent, with < > & as they are: what is signed can be read.
func JSON(content any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(content); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
