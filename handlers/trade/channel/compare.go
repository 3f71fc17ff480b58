package channel

// What of a claim is wrong ([ClaimError].Kind).
const (
	WrongAttempt  = "attempt"  // there is none of that number at this channel
	WrongApp      = "app"      // it is another application's
	WrongSeller   = "seller"   // another was paid
	WrongCurrency = "currency" // other than yuan
	WrongAmount   = "amount"   // other than the attempt's
	WrongRefund   = "number"   // of a refund: there is none of the attempt
)

// A ClaimError says that a claim is the channel's, but does not fit what is stored.
type ClaimError struct {
	Kind string
}

func (e *ClaimError) Error() string { return "the channel claims another " + e.Kind }

// Claimed is what an attempt's channel has answered when it was asked, as a notification
// would claim it.
func Claimed(c Channel, a Attempt, trade Trade) Event {
	return Event{AttemptNo: a.No, Merchant: c.Merchant(), Currency: Yuan, Trade: trade}
}

// Compare holds a claim against the attempt that it names, nil where there is none: a
// [*ClaimError] says what does not fit. The amount counts of what was paid only, and what
// is about a refund may leave names of the merchant out: some channels' do.
func Compare(claim Event, merchant Merchant, a *Attempt) error {
	refund := claim.RefundNo != ""
	paid := !refund && (claim.Trade.State == Paid || claim.Trade.State == Refunded)
	differs := func(claimed, own string) bool { return claimed != own && (claimed != "" || !refund) }
	switch {
	case a == nil || a.No != claim.AttemptNo:
		return &ClaimError{WrongAttempt}
	case differs(claim.Merchant.App, merchant.App):
		return &ClaimError{WrongApp}
	case differs(claim.Merchant.Seller, merchant.Seller):
		return &ClaimError{WrongSeller}
	case paid && claim.Currency != Yuan:
		return &ClaimError{WrongCurrency}
	case paid && claim.Trade.Amount != a.Amount:
		return &ClaimError{WrongAmount}
	}
	return nil
}
