package pingpp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"campusgate/handlers/trade/channel"
)

// refundRequest is the content of a request for a refund.
type refundRequest struct {
	Amount      int64    `json:"amount"`
	Description string   `json:"description"`
	Metadata    metadata `json:"metadata"`
}

// metadata has our number of a refund: Ping++ has no field for it.
type metadata struct {
	RefundNo string `json:"refund_no"`
}

// UnmarshalJSON reads our number where it is one: a refund that was made by hand may have
// anything there.
func (m *metadata) UnmarshalJSON(text []byte) error {
	var all map[string]any
	_ = json.Unmarshal(text, &all)
	m.RefundNo, _ = all["refund_no"].(string)
	return nil
}

// A refund is one at Ping++.
type refund struct {
	ID            string   `json:"id"`
	Object        string   `json:"object"`
	Status        string   `json:"status"`
	Amount        int64    `json:"amount"`
	Charge        string   `json:"charge"`
	ChargeOrderNo string   `json:"charge_order_no"`
	Metadata      metadata `json:"metadata"`
}

// The states of a refund.
const (
	pending   = "pending"
	succeeded = "succeeded"
	failed    = "failed"
)

// Refund asks for a refund unless the list has it. Ping++ would do the same one twice, so
// the list is read before each try, and one refund at a time is on its way to a charge. A
// request that is still being done there is in no list, so a lost one is waited for.
func (c *Channel) Refund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	id, err := c.chargeOf(ctx, r)
	if err != nil {
		return channel.RefundPending, err
	}
	if _, busy := c.refunds.LoadOrStore(id, true); busy {
		return channel.RefundPending, channel.Unknown("another refund of charge %s is on its way", id)
	}
	defer c.refunds.Delete(id)
	known, err := c.findRefund(ctx, id, r)
	switch {
	case err != nil:
		return channel.RefundPending, err
	case known.own != nil:
		c.doubtful.Delete(r.No)
		return known.own.state(id, r)
	case known.pending:
		return channel.RefundPending, channel.Unknown("another refund of charge %s is pending", id)
	case c.mayBeDone(r.No):
		return channel.RefundPending, channel.Unknown("the last request for refund %s may still be done", r.No)
	}
	var made refund
	err = c.call(ctx, http.MethodPost, refundsOf(id), refundRequest{
		Amount: r.Amount, Description: cmp.Or(r.Reason, r.No), Metadata: metadata{RefundNo: r.No},
	}, &made)
	switch {
	case isRefusal(err):
		return c.refused(ctx, id, r, err)
	case errors.Is(err, channel.ErrUnknown):
		c.doubtful.Store(r.No, c.settings.Now().Add(doneWithin))
		return channel.RefundPending, err
	case err != nil:
		return channel.RefundPending, err
	}
	return made.state(id, r)
}

// doneWithin is how long a request whose answer was lost is waited for to be in the list.
const doneWithin = time.Minute

// mayBeDone reports whether such a request for a refund is waited for.
func (c *Channel) mayBeDone(refundNo string) bool {
	found, _ := c.doubtful.Load(refundNo)
	until, ok := found.(time.Time)
	if ok && c.settings.Now().Before(until) {
		return true
	}
	c.doubtful.Delete(refundNo)
	return false
}

// refused looks once more before a refusal counts: another replica may have been faster,
// with this refund or another one.
func (c *Channel) refused(ctx context.Context, id string, r channel.Refund, cause error) (channel.RefundState, error) {
	known, err := c.findRefund(ctx, id, r)
	switch {
	case err != nil:
		return channel.RefundPending, err
	case known.own != nil:
		return known.own.state(id, r)
	case known.pending:
		return channel.RefundPending, channel.Unknown("another refund of charge %s is pending", id)
	}
	return channel.RefundPending, fmt.Errorf("%w: %w", channel.ErrRefused, cause)
}

// QueryRefund looks for a refund in the list: of one that failed nothing else tells.
func (c *Channel) QueryRefund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	id, err := c.chargeOf(ctx, r)
	if err != nil {
		return channel.RefundPending, err
	}
	known, err := c.findRefund(ctx, id, r)
	switch {
	case err != nil:
		return channel.RefundPending, err
	case known.own == nil:
		return channel.RefundPending, channel.Unknown("charge %s has no refund %s", id, r.No)
	}
	return known.own.state(id, r)
}

// chargeOf is the id of the charge that a refund is of.
func (c *Channel) chargeOf(ctx context.Context, r channel.Refund) (string, error) {
	for _, id := range []string{r.Attempt.ChannelID, r.TradeNo} {
		if chargeID.MatchString(id) {
			return id, nil
		}
	}
	found, err := c.findCharge(ctx, r.Attempt)
	switch {
	case err != nil:
		return "", err
	case found == nil:
		return "", channel.Unknown("there is no charge of %s", r.Attempt.No)
	}
	return found.ID, nil
}

func refundsOf(chargeID string) string { return "/v1/charges/" + chargeID + "/refunds" }

// listed is what the list of a charge's refunds tells of one.
type listed struct {
	own     *refund // with its number, nil where there is none
	pending bool    // another one is
}

// findRefund reads the whole list. Of two with the number, one that is done counts, then one
// that may be.
func (c *Channel) findRefund(ctx context.Context, id string, r channel.Refund) (known listed, err error) {
	err = list(ctx, c, refundsOf(id), url.Values{}, func(got refund) (string, bool) {
		switch {
		case got.Metadata.RefundNo != r.No:
			known.pending = known.pending || got.Status == pending
		case known.own == nil || got.Status == succeeded || known.own.Status == failed:
			known.own = &got
		}
		return got.ID, false
	})
	return known, err
}

// state is what a refund is, which has to be the one that was asked for.
func (got refund) state(chargeID string, r channel.Refund) (channel.RefundState, error) {
	if got.Object != "refund" || got.Charge != chargeID || got.Metadata.RefundNo != r.No || got.Amount != r.Amount {
		return channel.RefundPending, channel.Unknown("it is another refund, %.64q of %d fen", got.ID, got.Amount)
	}
	switch got.Status {
	case pending:
		return channel.RefundPending, nil
	case succeeded:
		return channel.RefundDone, nil
	case failed:
		return channel.RefundFailed, nil
	}
	return channel.RefundPending, channel.Unknown("refund %.64q is %.32q", got.ID, got.Status)
}
