package price

import (
	"cmp"
	"slices"
)

// addUsable adds the records that are usable: the shares tell what they would be used on.
func (c *calculation) addUsable(q *Quote) {
	for i := range q.Orders {
		order := &q.Orders[i]
		for j := range order.Lines {
			order.Lines[j].Usable = c.usableOnLine(&order.Lines[j])
		}
		order.Usable = c.usableInShop(order.Shop)
	}
	q.Usable = c.usableInMarket()
}

func (c *calculation) usableOnLine(line *LinePrice) []Usable {
	l := &c.Lines[line.Index]
	if l.FirstPrice != nil {
		return nil
	}
	return c.find(scope{InLine, l.Product}, line.LinePrice, l.Record)
}

func (c *calculation) usableInShop(shop int64) []Usable {
	var amount int64
	for i := range c.lines {
		line := &c.lines[i]
		if l := &c.Lines[line.Index]; l.FirstPrice == nil && l.Shop == shop {
			amount += line.LinePrice - line.CouponOff
		}
	}
	return c.find(scope{InShopRecord, shop}, amount, 0)
}

func (c *calculation) usableInMarket() []Usable {
	var amount int64
	for i := range c.lines {
		line := &c.lines[i]
		if c.Lines[line.Index].FirstPrice == nil {
			amount += line.LinePrice - line.CouponOff - line.ShopOff
		}
	}
	return c.find(scope{place: InMarketRecord}, amount, 0)
}

// find finds the records of a scope that take something off an amount. Of those for lines
// only the line's own may be in use.
func (c *calculation) find(of scope, amount, own int64) []Usable {
	start := len(c.found)
	for i := range c.Buyer.Records {
		r := &c.Buyer.Records[i]
		if r.scope() != of || of.place == InLine && c.chosen[i] && r.ID != own {
			continue
		}
		if off, broken := r.off(amount); broken == kept {
			c.found = append(c.found, Usable{Record: r.ID, Off: off})
		}
	}
	found := c.found[start:len(c.found):len(c.found)]
	slices.SortFunc(found, func(a, b Usable) int {
		return cmp.Or(cmp.Compare(b.Off, a.Off), cmp.Compare(a.Record, b.Record))
	})
	return found
}
