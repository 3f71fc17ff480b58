package campusgatetest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Reply is an answer, with its envelope where it has one.
type Reply struct {
	Code   int // HTTP's
	Header http.Header
	Raw    string

	Status int             `json:"status"`
	Data   json.RawMessage `json:"data"`
}

// Field is a field of the data, as text.
func (r Reply) Field(name string) string {
	var data map[string]json.RawMessage
	_ = json.Unmarshal(r.Data, &data) // no object: no field
	return strings.Trim(string(data[name]), `"`)
}

// Envelope is the body of a call, type/subtype.
func Envelope(call, data string) string {
	typ, subtype, _ := strings.Cut(call, "/")
	return `{"id":1,"status":0,"type":"` + typ + `","subtype":"` + subtype + `","data":` + data + `}`
}

// Get asks for an address. The header's names and values follow in turn.
func Get(t testing.TB, url string, header ...string) Reply {
	t.Helper()
	return Request(t, http.MethodGet, url, "", header...)
}

// Request sends a request that must be answered.
func Request(t testing.TB, method, url, body string, header ...string) Reply {
	t.Helper()
	answer, err := Send(t.Context(), method, url, body, header...)
	Must(t, err)
	return answer
}

// Send is [Request] where the server may be gone.
func Send(ctx context.Context, method, url, body string, header ...string) (Reply, error) {
	sent, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	for i := 0; i < len(header); i += 2 {
		sent.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(sent)
	if err != nil {
		return Reply{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	answer := Reply{Code: response.StatusCode, Header: response.Header, Raw: string(raw)}
	_ = json.Unmarshal(raw, &answer) // pictures and probes have no envelope
	return answer, err
}

// MD5 is the protocol's digest, in hexadecimal digits.
func MD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
