package price

// coupons is steps 3 and 4.
func (c *calculation) coupons() error {
	for i := range c.Lines {
		if c.Lines[i].Record == 0 {
			continue
		}
		if broken := c.useOnLine(i); broken != kept {
			return Error{Rule: broken, Place: InLine, Index: i}
		}
	}
	for i, id := range c.ShopRecords {
		if broken := c.useInShop(id); broken != kept {
			return Error{Rule: broken, Place: InShopRecord, Index: i}
		}
	}
	if c.MarketRecord != 0 {
		if broken := c.useInMarket(); broken != kept {
			return Error{Rule: broken, Place: InMarketRecord}
		}
	}
	return nil
}

func (c *calculation) useOnLine(i int) Rule {
	record, broken := c.choose(c.Lines[i].Record)
	switch {
	case broken != kept:
		return broken
	case record.scope() != scope{InLine, c.Lines[i].Product}:
		return RecordOfAnother
	}
	line := &c.lines[i]
	line.CouponOff, broken = record.off(line.PayPrice)
	line.PayPrice -= line.CouponOff
	return broken
}

func (c *calculation) useInShop(id int64) Rule {
	record, broken := c.choose(id)
	if broken != kept {
		return broken
	}
	found, second := false, false
	for i := range c.Lines {
		if record.scope() == (scope{InShopRecord, c.Lines[i].Shop}) {
			found = true
			// A record before has taken something off, or it would have been refused.
			second = second || c.lines[i].ShopOff > 0
		}
	}
	switch {
	case !found:
		return RecordOfAnother
	case second:
		return SecondShopRecord
	}
	left := c.left(func(l *Line) bool { return l.Shop == record.Shop })
	off, broken := record.off(left.sum())
	shares := left.spread(off)
	for i := range c.lines {
		c.lines[i].ShopOff += shares[i]
		c.lines[i].PayPrice -= shares[i]
	}
	return broken
}

func (c *calculation) useInMarket() Rule {
	record, broken := c.choose(c.MarketRecord)
	switch {
	case broken != kept:
		return broken
	case record.scope() != scope{place: InMarketRecord}:
		return RecordOfAnother
	}
	left := c.left(allLines)
	off, broken := record.off(left.sum())
	shares := left.spread(off)
	for i := range c.lines {
		c.lines[i].MarketOff = shares[i]
		c.lines[i].PayPrice -= shares[i]
	}
	return broken
}

// choose finds a record that is asked for and notes that it is used.
func (c *calculation) choose(id int64) (*Record, Rule) {
	for i := range c.Buyer.Records {
		if c.Buyer.Records[i].ID != id {
			continue
		}
		if c.chosen[i] {
			return nil, RecordTwice
		}
		c.chosen[i] = true
		return &c.Buyer.Records[i], kept
	}
	return nil, NoSuchRecord
}

// left is what is left so far of each line that is concerned. Credit lines never are.
func (c *calculation) left(concerned func(*Line) bool) (left amounts) {
	for i := range c.Lines {
		if l := &c.Lines[i]; l.FirstPrice == nil && concerned(l) {
			left[i] = c.lines[i].PayPrice
		}
	}
	return left
}

func allLines(*Line) bool { return true }
