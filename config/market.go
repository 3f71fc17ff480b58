package config

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
}
