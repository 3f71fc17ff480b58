package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// FuzzCalls sends any data to every call of a whole gateway: it is answered with a
// status that the reference has for the call, and nothing fails inside.
func FuzzCalls(f *testing.F) {
	calls := slices.DeleteFunc(reference(f), func(call referenceCall) bool { return call.example == "" })
	for i, call := range calls {
		f.Add(i, call.example)
		for _, data := range []string{
			`{}`, `[]`, `null`, `"a"`, `{`, `{"a":1}}`, `{"hash":null}`, `{"shop_id":"811729970"}`, `{"shop_id":1e3}`, `{"page":0}`,
			`{"product_id":9223372036854775808}`, `{"purchase_id":1}`, `{"shop_name":"\ud83d\ude00"}`, `{"order":"shop_id;--"}`,
		} {
			f.Add(i, data)
		}
	}
	g := handlerstest.Start(f)
	g.Document()
	g.Textbook()
	f.Fuzz(func(t *testing.T, index int, data string) {
		call := calls[max(0, index)%len(calls)]
		answer := g.In(t).Post(handlerstest.Paths[call.name], handlerstest.TokenFor(call.name), handlerstest.Envelope(call.name, data)).AsDescribed(t, call.name)
		// The reference has -404, but no data makes the gateway fail.
		if status := fmt.Sprint(answer.Status, " ", answer.Message); answer.Status == -404 || !slices.Contains(call.statuses, status) {
			t.Errorf("%s %s: %s: the reference has no such status", call.name, data, answer.Raw)
		}
		if log := g.Log.Take(); strings.Contains(log, "level=ERROR") {
			t.Errorf("%s %s: %s", call.name, data, log)
		}
	})
}
