package handlerstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Answer is what came back. Of a picture, ID to Detail are empty.
type Answer struct {
	HTTP    int             `json:"-"`
	Header  http.Header     `json:"-"`
	Raw     string          `json:"-"`
	ID      int64           `json:"id"`
	Status  int             `json:"status"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
	Detail  string          `json:"detail"`
}

// Field reads one field of the answer's data as text.
func (a Answer) Field(name string) string {
	var data map[string]json.RawMessage
	_ = json.Unmarshal(a.Data, &data) // no object: no field
	var text string
	if json.Unmarshal(data[name], &text) == nil {
		return text
	}
	return string(data[name])
}

// Want checks an answer's status and text, which on failure carries no data.
func (a Answer) Want(t testing.TB, status int, message string) Answer {
	t.Helper()
	if a.Status != status || a.Message != message {
		t.Errorf("got %d %q, want %d %q: %s", a.Status, a.Message, status, message, a.Raw)
	}
	return a
}

// WantRaw compares a whole answer.
func (a Answer) WantRaw(t testing.TB, want string) {
	t.Helper()
	if a.Raw != want {
		t.Errorf("got  %s\nwant %s", a.Raw, want)
	}
}

// WantData compares the whole data of a success.
func (a Answer) WantData(t *testing.T, want string) {
	t.Helper()
	if a.Status != 0 || string(a.Data) != want {
		t.Errorf("got  %s\nwant data %s", a.Raw, want)
	}
}

// WantDenied checks the whole answer of a call that refused data: no data, and a
// detail that names the key and repeats no value.
func (a Answer) WantDenied(t *testing.T, data string, status int, message, key string) {
	t.Helper()
	a.Want(t, status, message)
	envelope := fmt.Sprintf(`{"id":1,"status":%d,"message":"%s","data":{}`, status, message)
	if detail := `,"detail":"` + key + ": "; !strings.HasPrefix(a.Raw, envelope+detail) {
		t.Errorf("answered %s, want %s%s…", a.Raw, envelope, detail)
	}
	if a.HTTP != http.StatusOK {
		t.Errorf("HTTP %d", a.HTTP)
	}
	var sent map[string]any
	if err := json.Unmarshal([]byte(data), &sent); err != nil {
		t.Fatalf("the case's data: %v", err)
	}
	for key, value := range sent {
		if text := fmt.Sprint(value); len(text) > 3 && text != key && strings.Contains(a.Detail, text) {
			t.Errorf("the detail %q repeats what was sent as %s", a.Detail, key)
		}
	}
}

// Rows are one field of each row of the answer's data, or of its list.
func (a Answer) Rows(t *testing.T, field string) string {
	t.Helper()
	list := a.Data
	var page struct{ List json.RawMessage }
	if json.Unmarshal(a.Data, &page) == nil {
		list = page.List
	}
	var rows []map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(list)))
	decoder.UseNumber()
	if err := decoder.Decode(&rows); err != nil {
		t.Fatalf("no rows: %s", a.Raw)
	}
	var values []string
	for _, row := range rows {
		values = append(values, fmt.Sprint(row[field]))
	}
	return strings.Join(values, " ")
}

// Together runs a call n times at once.
func Together(n int, call func(i int) Answer) []Answer {
	answers := make([]Answer, n)
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			answers[i] = call(i)
		})
	}
	close(start)
	group.Wait()
	return answers
}

// Count is how many answers have each status and text.
func Count(answers []Answer) map[string]int {
	counts := map[string]int{}
	for _, a := range answers {
		counts[fmt.Sprint(a.Status, " ", a.Message)]++
	}
	return counts
}
