package handlerstest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers"
	"campusgate/handlers/account"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
)

// Calls are all calls that a gateway can have.
var Calls = sync.OnceValue(func() []dispatch.Endpoint {
	return handlers.All(handlers.Deps{
		Channels: channel.Set{channel.Sandbox: sandbox.New(nil, time.Now)},
		Settings: handlers.Settings{Account: account.Settings{Own: true}},
	})
})

// Paths are where each type/subtype is posted: testdata/calls.txt holds them.
var Paths = func() map[string]string {
	paths := map[string]string{}
	for _, e := range Calls() {
		if e.Kind == dispatch.EnvelopeEndpoint {
			paths[e.Name()] = e.Path.Pattern
		}
	}
	return paths
}()

// TokenFor is the token of an account that may make the call: alice's, or the admin's.
func TokenFor(call string) string {
	for _, e := range Calls() {
		if e.Name() == call && e.Need.Role != "" {
			return AdminToken
		}
	}
	return AliceToken
}

// Do sends a request from the address 10.0.0.1, unless a header says otherwise.
func (g *Gateway) Do(method, path, body string, header ...string) Answer {
	g.T.Helper()
	request, err := http.NewRequestWithContext(g.T.Context(), method, g.URL+path, strings.NewReader(body))
	Must(g.T, err)
	request.Header.Set("X-Real-IP", "10.0.0.1")
	request.Header.Set("Content-Type", "application/json;charset=UTF-8")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	request.Host = request.Header.Get("Host") // "" is the address's own
	response, err := g.client.Do(request)
	Must(g.T, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	Must(g.T, err)
	a := Answer{HTTP: response.StatusCode, Header: response.Header, Raw: string(raw)}
	if contentType := response.Header.Get("Content-Type"); strings.HasPrefix(contentType, "image/") || strings.HasPrefix(contentType, "text/csv") {
		return a
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		g.T.Errorf("%s %s answered no envelope: %s", method, path, raw)
	}
	return a
}

// Post sends an envelope body to a path, with a token where it is not "".
func (g *Gateway) Post(path, token, body string) Answer {
	g.T.Helper()
	if token != "" {
		path += "?token=" + token
	}
	return g.Do(http.MethodPost, path, body)
}

// Call posts data, a JSON object, as type/subtype to its path. The OpenAPI document
// must know whatever comes back, and allow whatever works.
func (g *Gateway) Call(call, token, data string) Answer {
	g.T.Helper()
	body := Envelope(call, data)
	a := g.Post(Paths[call], token, body).AsDescribed(g.T, call)
	// The keys that mode 1 ignores are described by what they are without it.
	if a.Status == 0 && !strings.Contains(data, `"mode":1`) {
		requestAsDescribed(g.T, call, body)
	}
	return a
}

// OK is a call that must succeed.
func (g *Gateway) OK(call, token, data string) Answer {
	g.T.Helper()
	a := g.Call(call, token, data)
	if a.Status != 0 || a.Message != "successful" {
		g.T.Fatalf("%s %s: %s", call, data, a.Raw)
	}
	return a
}

// CallFrom posts data as type/subtype from a client's address.
func (g *Gateway) CallFrom(address, call, data string) Answer {
	g.T.Helper()
	return g.Do(http.MethodPost, Paths[call], Envelope(call, data), "X-Real-IP", address)
}

// Envelope is a whole request, with the id 1.
func Envelope(call, data string) string {
	typ, subtype, _ := strings.Cut(call, "/")
	return `{"id":1,"status":0,"type":"` + typ + `","subtype":"` + subtype + `","data":` + data + `}`
}
