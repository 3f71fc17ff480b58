package config

import "time"

// Market are the rules of what users write and trade.
type Market struct {
	// WordsPath is a file of words that names and texts must not contain, one a line, beside those that are built in; "" is
	// none.
	WordsPath string `toml:"words_path" default:""`
	// BeliNewUser is how many beli a new account has, from 0. Unless set it is 100 on a developer's machine, as
	// Server.Console is on there.
	BeliNewUser int `toml:"beli_new_user" default:"0"`
	// BeliPercent is how much of what beli could pay of an order they may, from 0 to 100.
	BeliPercent int `toml:"beli_percent" default:"100"`
	// FeePercent is how much of what an order is settled with the market keeps, from 0 to 100.
	FeePercent int `toml:"fee_percent" default:"0"`
	// PayWithin is until an order is closed that is not paid.
	PayWithin time.Duration `toml:"pay_within" default:"30m"`
	// ShipWithin is until an order is refunded that goes by express and is not shipped; the seller is reminded after 3/7 of it.
	ShipWithin time.Duration `toml:"ship_within" default:"7d"`
	// ConfirmWithin is until an order counts as received that is shipped, or paid and handed over face to face; the buyer is reminded after 4/5 of it.
	ConfirmWithin time.Duration `toml:"confirm_within" default:"10d"`
	// SettleAfter is until the seller of an order that was received gets the money.
	SettleAfter time.Duration `toml:"settle_after" default:"7d"`
	// AnswerWithin is until a refund that the seller has not answered is agreed to.
	AnswerWithin time.Duration `toml:"answer_within" default:"2d"`
	// ReturnWithin is until a refund ends whose goods the buyer has not sent back.
	ReturnWithin time.Duration `toml:"return_within" default:"7d"`
	// ReceiveWithin is until goods that were sent back count as received.
	ReceiveWithin time.Duration `toml:"receive_within" default:"10d"`
	// ArbitrateWithin is until an appeal that no admin has decided is refused; admins are reminded every day.
	ArbitrateWithin time.Duration `toml:"arbitrate_within" default:"15d"`
	// AppealWithin is how long a refused refund can be appealed.
	AppealWithin time.Duration `toml:"appeal_within" default:"7d"`
	// CreditWithin is until a debt is due, at the end of that day.
	CreditWithin time.Duration `toml:"credit_within" default:"60d"`
	// Review is who decides second-hand products before others see them: "auto" the refused words alone, "manual" an admin
	// as well, "off" nobody.
	Review string `toml:"review" default:"auto"`
	// PictureChecker audits the pictures of products that wait for their review: "off" nobody, "cos" the content auditing of
	// the bucket, where pictures.store is "cos".
	PictureChecker string `toml:"picture_checker" default:"off"`
	// ReviewGoods has the texts of the document's calls, such as the names of shops and goods, checked for refused words too.
	ReviewGoods bool `toml:"review_goods" default:"false"`
}

func (v *validator) market() {
	v.oneOf("market.review", v.config.Market.Review, "auto", "manual", "off")
	v.oneOf("market.picture_checker", v.config.Market.PictureChecker, "off", "cos")
	v.check("market.picture_checker", v.config.Market.PictureChecker != "cos" || v.config.Pictures.Store == "cos",
		`cos is for pictures.store = "cos"`)
	atLeast(v, "market.beli_new_user", v.config.Market.BeliNewUser, 0)
	between(v, "market.beli_percent", v.config.Market.BeliPercent, 0, 100)
	between(v, "market.fee_percent", v.config.Market.FeePercent, 0, 100)
	for key, period := range v.config.Market.periods() {
		between(v, "market."+key, period, time.Second, 365*day)
	}
}

// periods are those of orders, by key.
func (m *Market) periods() map[string]time.Duration {
	return map[string]time.Duration{
		"pay_within":       m.PayWithin,
		"ship_within":      m.ShipWithin,
		"confirm_within":   m.ConfirmWithin,
		"settle_after":     m.SettleAfter,
		"answer_within":    m.AnswerWithin,
		"return_within":    m.ReturnWithin,
		"receive_within":   m.ReceiveWithin,
		"arbitrate_within": m.ArbitrateWithin,
		"appeal_within":    m.AppealWithin,
		"credit_within":    m.CreditWithin,
	}
}
