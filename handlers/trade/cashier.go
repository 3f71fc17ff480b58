package trade

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/trade/cashier"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/page"
	"campusgate/storage"
)

const (
	// cashierPath is that of the cashier's page, with a payment behind it.
	cashierPath = "/cashier"
	// cashierState is behind that: JSON, what the page's script asks for.
	cashierState = "state"
	// cashierCookie holds the key for a browser that comes back from a channel, to which no
	// key is told. It goes to the payment's page alone.
	cashierCookie = "cashier"
	// showEnd is how long a key still shows a payment that is over, in seconds. It pays
	// nothing then.
	showEnd = 3600
	// maxCashierForm is longer than the page's form, in bytes.
	maxCashierForm = 1 << 10
)

// cashierKey is a key of a payment's page, 256 bits. It is made from the token of who calls:
// so the same call answers the same page, while no more than its hash is stored.
func cashierKey(token, payID string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("cashier " + payID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// cashierURL is where the page of a payment is for who calls. The key of another session is
// none any more, while the payment waits.
func (d Deps) cashierURL(ctx context.Context, payID string) (string, error) {
	key := cashierKey(dispatch.CallerFrom(ctx).Token, payID)
	sum := sha256.Sum256([]byte(key))
	err := d.DB.SetCashierKey(ctx, payID, sum[:])
	if errors.Is(err, storage.ErrNotFound) { // it is over, which the page shows
		err = nil
	}
	return d.cashierPage(ctx, payID) + "?key=" + key, err
}

// cashierPage is where a payment's page is, without its key.
func (d Deps) cashierPage(ctx context.Context, payID string) string {
	return d.baseURL(ctx) + cashierPath + "/" + payID
}

// cashier is GET /cashier/<pay_id>?key=…, a page for a person who pays. Its form posts a
// method, by which an attempt begins, to the same place. Whoever has the key can pay this
// payment by a channel, and see what it is for.
func (d Deps) cashier() dispatch.Endpoint {
	return dispatch.Plain(dispatch.Path{Pattern: cashierPath}, dispatch.Need{}, "pay", "cashier", "", "", dispatch.PlainDescription{
		Methods:  []string{http.MethodGet, http.MethodHead, http.MethodPost},
		Segments: []dispatch.Segment{{Name: "pay_id", Doc: "the payment", Example: "15749511520000100"}},
		Results: []dispatch.Result{
			{Status: http.StatusOK},
			{Status: http.StatusSeeOther},
			{Status: http.StatusBadRequest},
			{Status: http.StatusNotFound},
			{Status: http.StatusConflict},
			{Status: http.StatusTooManyRequests},
			{Status: http.StatusBadGateway},
			{Status: http.StatusServiceUnavailable},
		},
	}, func(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		answer, err := d.answerCashier(ctx, request)
		if err != nil { // a person reads it
			d.Logger.ErrorContext(ctx, "the cashier's page", "error", err)
			return cashier.Down(page.LanguageOf(request.Header("Accept-Language"))), nil
		}
		return answer, nil
	})
}

func (d Deps) answerCashier(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	p, key, err := d.opened(ctx, request)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return cashier.None(page.LanguageOf(request.Header("Accept-Language"))), nil
	case err != nil:
		return dispatch.PlainAnswer{}, err
	case request.Method == http.MethodPost:
		return d.choose(ctx, request, p)
	}
	if p, err = d.asked(ctx, p); err != nil {
		return dispatch.PlainAnswer{}, err
	}
	if len(request.Segments) == 2 {
		return d.cashierFace(ctx, p)
	}
	return d.showCashier(ctx, request, p, key, nil, http.StatusOK)
}

// opened is the payment that a request has the key of, and the key where the URL has it.
// [storage.ErrNotFound]: it has none.
func (d Deps) opened(ctx context.Context, request dispatch.PlainRequest) (p storage.Payment, key string, err error) {
	s := request.Segments
	if len(s) != 1 && (len(s) != 2 || s[1] != cashierState || request.Method == http.MethodPost) {
		return p, "", storage.ErrNotFound
	}
	key = request.Query().Get("key")
	tried := key
	if tried == "" {
		tried = cookieOf(request.Header("Cookie"))
	}
	if p, err = d.DB.Payment(ctx, s[0]); err != nil {
		return p, "", err
	}
	sum := sha256.Sum256([]byte(tried))
	over := d.Clock.Unix() >= max(p.ExpireTime, p.PayTime)+showEnd
	if subtle.ConstantTimeCompare(sum[:], p.CashierKeyHash) != 1 || p.State != storage.PaymentWaiting && over {
		return p, "", storage.ErrNotFound
	}
	return p, key, nil
}

// cookieOf is the key that a browser has kept.
func cookieOf(header string) string {
	cookies, err := http.ParseCookie(header)
	if err != nil {
		return ""
	}
	for _, cookie := range cookies {
		if cookie.Name == cashierCookie {
			return cookie.Value
		}
	}
	return ""
}

// keep has a browser keep the key for when it comes back.
func (d Deps) keep(ctx context.Context, p storage.Payment, key string) []dispatch.Header {
	if key == "" {
		return nil
	}
	place, err := url.Parse(d.cashierPage(ctx, p.PayID))
	if err != nil {
		return nil
	}
	cookie := http.Cookie{
		Name: cashierCookie, Value: key, Path: place.Path, MaxAge: int(max(1, p.ExpireTime+showEnd-d.Clock.Unix())),
		HttpOnly: true, Secure: place.Scheme == "https", SameSite: http.SameSiteLaxMode,
	}
	return []dispatch.Header{{Name: "Set-Cookie", Value: cookie.String()}}
}

// cashierFace answers the page's script.
func (d Deps) cashierFace(ctx context.Context, p storage.Payment) (dispatch.PlainAnswer, error) {
	attempts, err := d.DB.Attempts(ctx, p.PayID)
	if err != nil {
		return dispatch.PlainAnswer{}, err
	}
	body, err := json.Marshal(map[string]string{"face": faceOf(p, attempts)})
	return dispatch.PlainAnswer{ContentType: "application/json", CacheControl: "no-store", Body: body}, err
}

func faceOf(p storage.Payment, attempts []storage.Attempt) string {
	if open := openOf(attempts); open != nil {
		return cashier.Face(cashier.State(p.State), open.AttemptID)
	}
	return cashier.Face(cashier.State(p.State), "")
}

// showCashier answers the page of a payment. problem is what has failed just now.
func (d Deps) showCashier(ctx context.Context, request dispatch.PlainRequest, p storage.Payment, key string, problem *page.Text, status int,
) (dispatch.PlainAnswer, error) {
	attempts, err := d.DB.Attempts(ctx, p.PayID)
	if err != nil {
		return dispatch.PlainAnswer{}, err
	}
	v := cashier.View{
		Language: page.LanguageOf(request.Header("Accept-Language")), Amount: p.Price, State: cashier.State(p.State),
		Left: p.ExpireTime - d.Clock.Unix(), Offers: cashier.Offers(d.Channels, cashier.OnPhone(request.Header("User-Agent"))),
		Problem: problem, ReturnURL: returnOf(attempts), Face: faceOf(p, attempts),
	}
	if v.Title, v.Sales, err = d.sold(ctx, p); err != nil {
		return dispatch.PlainAnswer{}, err
	}
	if err := chosen(&v, attempts); err != nil {
		return dispatch.PlainAnswer{}, err
	}
	answer := v.Page(status)
	answer.Headers = append(answer.Headers, d.keep(ctx, p, key)...)
	return answer, nil
}

// returnOf is where the user of the latest attempt comes from.
func returnOf(attempts []storage.Attempt) string {
	if len(attempts) == 0 {
		return ""
	}
	return attempts[len(attempts)-1].ReturnURL
}

var (
	channelSilent = page.Text{"付款渠道没有应答，请再试一次，或换一种方式。", "The channel does not answer. Try again, or choose another way."}
	notPaidThere  = page.Text{"上一次付款没有成功，可以再试一次，或换一种方式。", "The last try to pay did not succeed. Try again, or choose another way."}
	paidElsewhere = page.Text{"正在以另一种方式付款，请稍等再试。", "It is being paid in another way. Wait a moment and try again."}
	triedTooOften = page.Text{"尝试的次数太多，请回到订单重新下单。", "It was tried too often. Go back to your order."}
)

// chosen shows the attempt that is open, or that the last one failed.
func chosen(v *cashier.View, attempts []storage.Attempt) error {
	if len(attempts) == 0 || v.State != cashier.Waiting {
		return nil
	}
	open := openOf(attempts)
	switch {
	case open == nil:
		if v.Problem == nil {
			v.Problem = &notPaidThere
		}
	case len(open.Action) == 0:
		if v.Problem == nil {
			v.Problem = &channelSilent
		}
	default:
		v.Chosen = &cashier.Chosen{Offer: cashier.Offer{Method: open.Channel, Client: open.Client}}
		return json.Unmarshal(open.Action, &v.Chosen.Action)
	}
	return nil
}

// sold is what a payment is for.
func (d Deps) sold(ctx context.Context, p storage.Payment) (title page.Text, sales []cashier.Sale, err error) {
	switch p.Purpose {
	case storage.PayRecharge:
		return page.Text{subjectOfRecharge, "Money into your wallet"}, nil, nil
	case storage.PayCredit:
		return page.Text{"订单还款 " + p.OrderID, "Repayment of order " + p.OrderID}, nil, nil
	}
	sellers, err := d.DB.SellersOfPayment(ctx, p.PayID)
	if err != nil {
		return title, nil, err
	}
	ids := make([]string, len(sellers))
	for i, seller := range sellers {
		ids[i] = seller.OrderID
	}
	lines, err := d.DB.OrderLines(ctx, ids...)
	if err != nil {
		return title, nil, err
	}
	for _, seller := range sellers {
		sale := cashier.Sale{Seller: seller.Name}
		for _, line := range lines {
			if line.OrderID == seller.OrderID {
				sale.Goods = append(sale.Goods, cashier.Good{Name: line.ProductName, Pieces: line.Pieces})
			}
		}
		sales = append(sales, sale)
	}
	return title, sales, nil
}

// choose begins an attempt by the channel that the page's form names.
func (d Deps) choose(ctx context.Context, request dispatch.PlainRequest, p storage.Payment) (dispatch.PlainAnswer, error) {
	key := request.Query().Get("key")
	offer, ok := offered(d.Channels, request.Body())
	if !ok {
		return d.showCashier(ctx, request, p, key, nil, http.StatusBadRequest)
	}
	_, _, err := d.begin(ctx, func(tx *storage.Tx) (started, error) {
		p, orders, err := lockPaid(ctx, tx, p.PayID)
		if err == nil {
			err = payable(p, d.Clock.Unix())
		}
		if err == nil && p.Purpose == storage.PayCredit && (stateOf(orders[0].State).refund || orders[0].Debt != p.Price) {
			err = dispatch.Fail(orderNotPaying, "") // a job closes it
		}
		if err != nil {
			return started{}, err
		}
		attempts, err := attemptsOf(ctx, tx, p)
		if err != nil {
			return started{}, err
		}
		subject, err := d.subject(ctx, tx, p, orders)
		if err != nil {
			return started{}, err
		}
		id, err := d.openAttempt(ctx, tx, p, payWay{Method: offer.Method, Client: offer.Client, ReturnURL: returnOf(attempts)}, subject)
		return started{p.PayID, id}, err
	})
	if failed, ok := errors.AsType[*dispatch.Error](err); ok {
		switch failed.Status {
		case payStateError, orderNotPaying, orderExpired: // the page tells
		case dispatch.PayChannelError, dispatch.NotConfigured:
			d.Logger.WarnContext(ctx, "begin an attempt", "payment", p.PayID, "channel", offer.Method, "error", err)
			return d.showCashier(ctx, request, p, key, &channelSilent, http.StatusBadGateway)
		case dispatch.StateChanged:
			return d.showCashier(ctx, request, p, key, &paidElsewhere, http.StatusConflict)
		case dispatch.TooManyRequests:
			return d.showCashier(ctx, request, p, key, &triedTooOften, http.StatusTooManyRequests)
		default:
			return dispatch.PlainAnswer{}, err
		}
	} else if err != nil {
		return dispatch.PlainAnswer{}, err
	}
	location := p.PayID // beside the page
	if key != "" {
		location += "?key=" + url.QueryEscape(key)
	}
	return page.SeeOther(location), nil
}

// offered is the offer that a form names.
func offered(set channel.Set, body []byte) (cashier.Offer, bool) {
	if len(body) > maxCashierForm {
		return cashier.Offer{}, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["method"]) != 1 {
		return cashier.Offer{}, false
	}
	for _, phone := range []bool{false, true} {
		for _, offer := range cashier.Offers(set, phone) {
			if offer.ID() == form.Get("method") {
				return offer, true
			}
		}
	}
	return cashier.Offer{}, false
}

// subject says in a few words what a payment is for.
func (d Deps) subject(ctx context.Context, tx *storage.Tx, p storage.Payment, orders []*storage.Order) (string, error) {
	switch p.Purpose {
	case storage.PayRecharge:
		return subjectOfRecharge, nil
	case storage.PayCredit:
		return subjectOfRepayment(p.OrderID), nil
	case storage.PayOrders:
		return subjectOf(ctx, tx, orders)
	}
	return "", fmt.Errorf("payment %s is for %q", p.PayID, strings.TrimSpace(p.Purpose))
}
