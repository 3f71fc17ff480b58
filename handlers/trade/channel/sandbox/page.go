package sandbox

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage"
)

// Path is that of the page, below the base path; an attempt's number stands behind it.
const Path = "/sandbox"

//go:embed style.css
var style string

// policy is as strict as the console's: the page has no script, its own style, and posts
// to this server. Browsers hold a redirection against form-action too, so the place to
// which this attempt returns stands behind it.
var policy = "default-src 'none'; style-src 'sha256-" + digest(style) + "'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// bilingual is a text in both languages.
type bilingual struct{ zh, en string }

// way is a button of the page.
type way struct {
	Result string
	Text   bilingual
	Class  string
}

var (
	ways = []way{
		{resultPaid, bilingual{"付款", "Pay"}, ""},
		{resultFailed, bilingual{"付款失败", "Fail"}, "fail"},
	}
	otherWays = []way{
		{resultTwice, bilingual{"付款，通知两次", "Pay, and notify twice"}, "second"},
		{resultWrong, bilingual{"付款，金额不符", "Pay another amount"}, "second"},
		{resultSilent, bilingual{"付款，不通知", "Pay, and do not notify"}, "second"},
		{resultLate, bilingual{"付款，结束后才通知", "Pay, and notify after the end"}, "second"},
	}
	told = map[string]bilingual{
		resultPaid:   {"已付款", "Paid"},
		resultTwice:  {"已付款，通知了两次", "Paid, and notified twice"},
		resultFailed: {"付款失败", "The payment failed"},
		resultClosed: {"已关闭", "Closed"},
		resultWrong:  {"已付款，金额不符", "Paid another amount"},
		resultSilent: {"已付款，未通知", "Paid, and not notified"},
		resultLate:   {"已付款，结束后才通知", "Paid, notified after the end"},
	}
	toldExpired = bilingual{"已过期", "Expired"}
	// texts are the page's own.
	texts = map[string]bilingual{
		"title":  {"模拟支付", "Sandbox payment"},
		"sign":   {"模拟支付，不动用真钱。", "This is a sandbox: no money moves."},
		"none":   {"没有这笔支付", "No such payment"},
		"number": {"编号", "Number"},
		"others": {"其他情形", "Other ways"},
		"back":   {"返回", "Back"},
	}
)

// shown is what the page shows of a trade, nil being none.
type shown struct {
	Language     string // as HTML names it
	Trade        *storage.SandboxTrade
	Amount       string // yuan
	Told         bilingual
	Ways, Others []way
}

// In is a text in the page's language.
func (s shown) In(b bilingual) string {
	if s.Language == chinese {
		return b.zh
	}
	return b.en
}

// Text is one of the page's own.
func (s shown) Text(name string) string { return s.In(texts[name]) }

const chinese = "zh-CN"

// languageOf is that of a page, by the header Accept-Language: Chinese where that is the
// browser's first, else English, as in the console.
func languageOf(accepted string) string {
	if strings.HasPrefix(strings.ToLower(accepted), "zh") {
		return chinese
	}
	return "en"
}

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
			return c.show(request, http.StatusNotFound, nil), nil
		case err != nil:
			return dispatch.PlainAnswer{}, err
		case request.Method != http.MethodPost:
			return c.show(request, http.StatusOK, &trade), nil
		}
		result, ok := chosen(request.Body())
		if !ok {
			return c.show(request, http.StatusBadRequest, &trade), nil
		}
		if !c.expired(trade) {
			if err := c.end(ctx, trade, result, deliver); err != nil {
				return dispatch.PlainAnswer{}, err
			}
		}
		return seeOther(trade), nil
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

// headers go with every page of a trade, nil being none.
func headers(t *storage.SandboxTrade) []dispatch.Header {
	policy := policy
	if t != nil {
		policy += origin(t.ReturnURL)
	}
	return []dispatch.Header{
		{Name: "Content-Security-Policy", Value: policy},
		{Name: "Referrer-Policy", Value: "no-referrer"},
	}
}

// origin is that of a URL, with a blank before it; "" of none.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return " " + u.Scheme + "://" + u.Host
}

// show answers the page of a trade, nil being none.
func (c *Channel) show(request dispatch.PlainRequest, status int, t *storage.SandboxTrade) dispatch.PlainAnswer {
	page := shown{Language: languageOf(request.Header("Accept-Language")), Trade: t}
	if t != nil {
		page.Amount = fmt.Sprintf("%d.%02d", t.Amount/100, t.Amount%100)
		switch {
		case t.Result != "":
			page.Told = told[t.Result]
		case c.expired(*t):
			page.Told = toldExpired
		default:
			page.Ways, page.Others = ways, otherWays
		}
	}
	return dispatch.PlainAnswer{
		Status: status, ContentType: "text/html; charset=utf-8", CacheControl: "no-store", Headers: headers(t), Body: page.html(),
	}
}

// expired reports whether a trade can be paid no more.
func (c *Channel) expired(t storage.SandboxTrade) bool { return t.ExpireTime <= c.now().Unix() }

// seeOther sends the browser where it came from, or else to the page again.
func seeOther(t storage.SandboxTrade) dispatch.PlainAnswer {
	location := t.ReturnURL
	if location == "" {
		location = t.AttemptID
	}
	return dispatch.PlainAnswer{
		Status: http.StatusSeeOther, CacheControl: "no-store",
		Headers: append(headers(&t), dispatch.Header{Name: "Location", Value: location}),
	}
}

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
