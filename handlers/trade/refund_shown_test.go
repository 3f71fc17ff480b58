package trade_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
)

// shownRefunds are an order's refunds as order/info answers them to a caller.
func (f *fair) shownRefunds(token, id string) (rows []map[string]any) {
	f.T.Helper()
	var detail struct{ Refunds []map[string]any }
	handlerstest.Must(f.T, json.Unmarshal(f.ok("info", token, id).Data, &detail))
	return detail.Refunds
}

// TestRefundIsShown to both sides and to admins alike: what was asked, why it was refused,
// where the goods are sent back to and how they were sent.
func TestRefundIsShown(t *testing.T) {
	t.Parallel()
	told := toldTo(t, "", []string{
		shipIt, `alice refund {"kind":"return","items":[{"line":0,"product_num":1}],"reason":"太多"}`, "bob agree", sendIt, refusal,
		`admin arbitrate {"amount":0,"note":"不支持"}`, part("5"), refusal,
	})
	at := told.Clock.Now().Format(time.DateTime)
	row := func(more map[string]any) map[string]any {
		shown := map[string]any{
			"pics": []any{}, "arrived": false, "creat_time": at, "note": "", "items": []any{}, "logistics": "", "logistics_id": "",
			"address": map[string]any{"name": "", "phone": "", "address": ""},
		}
		maps.Copy(shown, more)
		return shown
	}
	one := []any{map[string]any{"line": 0., "product_num": 1.}}
	want := []map[string]any{
		row(map[string]any{
			"kind": "return", "amount": 10., "reason": "太多", "state": "arbitrated", "who": "buyer", "items": one,
			"logistics": "顺丰", "logistics_id": "SF2", "address": map[string]any{"name": "码三秃", "phone": "13800000000", "address": "留和路 318 号"},
		}),
		row(map[string]any{"kind": "return", "amount": 0., "reason": "不支持", "state": "refused", "who": "admin", "items": one}),
		row(map[string]any{"kind": "money", "amount": 5., "reason": "有划痕", "state": "refused", "who": "buyer", "note": "商品完好"}),
	}
	for _, token := range tokens {
		if diff := cmp.Diff(want, told.shownRefunds(token, told.order)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// TestReturnAddressIsErased 180 days after the end of its order.
func TestReturnAddressIsErased(t *testing.T) {
	t.Parallel()
	told := toldTo(t, "", []string{shipIt, askBack, "bob agree", sendIt, "bob receive"})
	for _, wait := range []time.Duration{0, 180*dayLong - time.Second} {
		told.Clock.Advance(wait)
		told.RunJobs()
		if to := told.refund(told.order); to.AddressName == "" || to.AddressPhone == "" || to.Address == "" {
			t.Errorf("after %s the address is gone", wait)
		}
	}
	told.Clock.Advance(time.Second)
	told.RunJobs()
	if to := told.refund(told.order); to.AddressName+to.AddressPhone+to.Address != "" {
		t.Errorf("kept: %q %q %q", to.AddressName, to.AddressPhone, to.Address)
	}
}
