package sandbox

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/trade/page"
	"campusgate/storage"
)

// Path is that of the page, below the base path; an attempt's number stands behind it.
const Path = "/sandbox"

// way is a button of the page.
type way struct {
	Result string
	Text   page.Text
	Class  string
}

var (
	ways = []way{
		{resultPaid, page.Text{"付款", "Pay"}, ""},
		{resultFailed, page.Text{"付款失败", "Fail"}, "fail"},
	}
	otherWays = []way{
		{resultTwice, page.Text{"付款，通知两次", "Pay, and notify twice"}, "second"},
		{resultWrong, page.Text{"付款，金额不符", "Pay another amount"}, "second"},
		{resultSilent, page.Text{"付款，不通知", "Pay, and do not notify"}, "second"},
		{resultLate, page.Text{"付款，结束后才通知", "Pay, and notify after the end"}, "second"},
	}
	told = map[string]page.Text{
		resultPaid:   {"已付款", "Paid"},
		resultTwice:  {"已付款，通知了两次", "Paid, and notified twice"},
		resultFailed: {"付款失败", "The payment failed"},
		resultClosed: {"已关闭", "Closed"},
		resultWrong:  {"已付款，金额不符", "Paid another amount"},
		resultSilent: {"已付款，未通知", "Paid, and not notified"},
		resultLate:   {"已付款，结束后才通知", "Paid, notified after the end"},
	}
)

// Deliver hands a notification to the gateway as HTTP would, and returns the HTTP status
// of its answer.
type Deliver func(ctx context.Context, header func(string) string, body []byte) (status int)

// Page is the page on which the sandbox's user pays.
func (c *Channel) Page(deliver Deliver) dispatch.Endpoint {
	return dispatch.Plain(dispatch.Path{Pattern: Path}, dispatch.Need{}, "sandbox", "page", "", "", dispatch.PlainDescription{
		Methods:  []string{http.MethodGet, http.MethodHead, http.MethodPost},
		Segments: []dispatch.Segment{{Name: "attempt", Doc: "the attempt's number", Example: "1574951152000010001"}},
		Results:  []dispatch.Result{{Status: http.StatusOK}, {Status: http.StatusSeeOther}, {Status: http.StatusBadRequest}, {Status: http.StatusNotFound}},
	}, func(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		trade, err := c.asked(ctx, request.Segments)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return none(request), nil
		case err != nil:
			return dispatch.PlainAnswer{}, err
		case request.Method != http.MethodPost:
			return c.show(request, http.StatusOK, trade), nil
		}
		result, ok := chosen(request.Body())
		if !ok {
			return c.show(request, http.StatusBadRequest, trade), nil
		}
		if !c.expired(trade) {
			if err := c.end(ctx, trade, result, deliver); err != nil {
				return dispatch.PlainAnswer{}, err
			}
		}
		return page.SeeOther(cmp.Or(trade.ReturnURL, trade.AttemptID)), nil
	})
}

// asked is the trade that a path names.
func (c *Channel) asked(ctx context.Context, segments []string) (storage.SandboxTrade, error) {
	if len(segments) != 1 {
		return storage.SandboxTrade{}, storage.ErrNotFound
	}
	return c.db.SandboxTrade(ctx, segments[0])
}

// maxForm is longer than every form of the page, in bytes.
const maxForm = 1 << 10

// chosen is the one result that a form has.
func chosen(body []byte) (result string, ok bool) {
	if len(body) > maxForm {
		return "", false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["result"]) != 1 {
		return "", false
	}
	result = form.Get("result")
	return result, slices.Contains(results, result)
}

// expired reports whether a trade can be paid no more.
func (c *Channel) expired(t storage.SandboxTrade) bool { return t.ExpireTime <= c.now().Unix() }

// end gives a trade its result, once, and notifies the gateway as the result says.
func (c *Channel) end(ctx context.Context, t storage.SandboxTrade, result string, deliver Deliver) error {
	err := c.db.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.EndSandboxTrade(ctx, t.AttemptID, result); err != nil || result != resultLate {
			return err
		}
		return tx.AddJob(ctx, storage.Job{Kind: lateJob, Key: t.AttemptID, Due: c.now().Unix() + latePause})
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil // it has one
	}
	if err != nil {
		return err
	}
	t.Result = result
	times := 1
	switch result {
	case resultSilent, resultLate:
		times = 0
	case resultTwice:
		times = 2
	}
	for range times {
		if _, err := c.notify(ctx, t, deliver); err != nil {
			return err
		}
	}
	return nil
}

// notify tells the gateway what the sandbox says of a trade. As with every channel, that a
// notification was not taken is no failure of the payment: the gateway asks.
func (c *Channel) notify(ctx context.Context, t storage.SandboxTrade, deliver Deliver) (status int, err error) {
	trade, err := c.tell(ctx, t)
	if err != nil {
		return 0, err
	}
	body, signature := c.Notification(t.AttemptID, merchant, trade)
	header := func(name string) string {
		if strings.EqualFold(name, SignatureHeader) {
			return signature
		}
		return ""
	}
	return deliver(ctx, header, body), nil
}
