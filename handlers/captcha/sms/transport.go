package sms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxAnswer is far above any answer of the provider, in bytes.
const maxAnswer = 64 << 10

// transport hands the SDK only what it can take: the SDK reads without a bound,
// panics on a null, puts what it cannot read into its errors, and follows a
// redirect with the code in the body.
type transport struct{ *http.Transport }

// newTransport bounds a dial by itself: net/http lets one go on without its request.
func newTransport(timeout time.Duration) transport {
	return transport{&http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: timeout}).DialContext,
		TLSHandshakeTimeout: timeout,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     90 * time.Second,
	}}
}

// RoundTrip returns answers that are a JSON object.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var object map[string]json.RawMessage
	redirect := response.StatusCode >= 300 && response.StatusCode < 400
	if json.Unmarshal(body, &object) != nil || object == nil || redirect {
		return nil, fmt.Errorf("HTTP status %d without an answer of the API", response.StatusCode)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
