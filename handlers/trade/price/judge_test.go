package price_test

import (
	"math/big"
	"slices"

	"campusgate/handlers/trade/price"
)

// judge computes a quote once more, from the contract's words and without regard to time:
// with fractions of any size, one way for every kind of coupon, and records found usable
// by trying them. tied reports whether a remainder's tie had to be decided.
func judge(b price.Basket) (q price.Quote, tied bool, err error) {
	j := &judged{Basket: b, used: map[int64]bool{}}
	if err := j.shares(); err != nil {
		return price.Quote{}, false, err
	}
	return j.quote(), j.tied, nil
}

type judged struct {
	price.Basket

	lines []*price.LinePrice
	used  map[int64]bool
	beli  int64
	tied  bool
}

// shares is steps 1 to 5.
func (j *judged) shares() error {
	var debts int64
	var credit []int
	for i, l := range j.Lines {
		line := &price.LinePrice{Index: i, Price: l.Price, LinePrice: l.Price * l.Pieces, PayPrice: l.Price * l.Pieces}
		j.lines = append(j.lines, line)
		if l.FirstPrice == nil {
			continue
		}
		if allowed := l.LeastFirst != nil && *l.LeastFirst <= *l.FirstPrice && *l.FirstPrice <= l.Price; !allowed {
			return price.Error{Rule: price.WrongFirstPrice, Place: price.InLine, Index: i}
		}
		if l.Record != 0 {
			return price.Error{Rule: price.RecordOnCredit, Place: price.InLine, Index: i}
		}
		line.CreditPrice = l.Price*l.Pieces - *l.FirstPrice*l.Pieces
		line.PayPrice -= line.CreditPrice
		debts += line.CreditPrice
		credit = append(credit, i)
	}
	if debts > 0 && debts > j.Buyer.CreditRemain {
		return price.Error{Rule: price.CreditNotEnough}
	}
	if len(credit) > 0 && j.Buyer.Overdue {
		return price.Error{Rule: price.DebtOverdue}
	}
	var cash []int // the lines of steps 3 to 5
	for i := range j.Lines {
		if !slices.Contains(credit, i) {
			cash = append(cash, i)
		}
	}
	for i, l := range j.Lines {
		if l.Record != 0 {
			own := func(r price.Record) bool { return r.Product != 0 && r.Product == l.Product }
			if rule := j.use(l.Record, own, []int{i}, couponOff); rule != 0 {
				return price.Error{Rule: rule, Place: price.InLine, Index: i}
			}
		}
	}
	shops := map[int64]bool{}
	for i, id := range j.ShopRecords {
		var shop int64
		for _, r := range j.Buyer.Records {
			if r.ID == id && r.Product == 0 {
				shop = r.Shop
			}
		}
		inBasket := func(price.Record) bool {
			return shop != 0 && slices.ContainsFunc(j.Lines, func(l price.Line) bool { return l.Shop == shop })
		}
		lines := slices.DeleteFunc(slices.Clone(cash), func(i int) bool { return j.Lines[i].Shop != shop })
		if shops[shop] && !j.used[id] {
			return price.Error{Rule: price.SecondShopRecord, Place: price.InShopRecord, Index: i}
		}
		if rule := j.use(id, inBasket, lines, shopOff); rule != 0 {
			return price.Error{Rule: rule, Place: price.InShopRecord, Index: i}
		}
		shops[shop] = true
	}
	if j.MarketRecord != 0 {
		all := func(r price.Record) bool { return r.Product == 0 && r.Shop == 0 }
		if rule := j.use(j.MarketRecord, all, cash, marketOff); rule != 0 {
			return price.Error{Rule: rule, Place: price.InMarketRecord}
		}
	}
	if j.UseBeli {
		j.useBeli(cash)
	}
	return nil
}

func couponOff(l *price.LinePrice) *int64 { return &l.CouponOff }
func shopOff(l *price.LinePrice) *int64   { return &l.ShopOff }
func marketOff(l *price.LinePrice) *int64 { return &l.MarketOff }

// use takes a record off what is left of some lines.
func (j *judged) use(id int64, fits func(price.Record) bool, lines []int, share func(*price.LinePrice) *int64) price.Rule {
	for _, r := range j.Buyer.Records {
		if r.ID != id {
			continue
		}
		if j.used[id] {
			return price.RecordTwice
		}
		if !fits(r) {
			return price.RecordOfAnother
		}
		j.used[id] = true
		var left []int64
		var amount int64
		for _, i := range lines {
			left = append(left, j.lines[i].PayPrice)
			amount += j.lines[i].PayPrice
		}
		if amount < r.MinimumConsume {
			return price.BelowMinimum
		}
		off := min(r.Value, amount)
		if r.Type == price.PercentOff {
			off = amount - rounded(new(big.Rat).Mul(rat(amount), big.NewRat(r.OffPercent, 100)))
			if r.MaxOff != 0 && off > r.MaxOff {
				off = r.MaxOff
			}
		}
		if off <= 0 {
			return price.TakesNothingOff
		}
		for n, part := range j.spread(off, left) {
			*share(j.lines[lines[n]]) += part
			j.lines[lines[n]].PayPrice -= part
		}
		return 0
	}
	return price.NoSuchRecord
}

func (j *judged) useBeli(lines []int) {
	var can []int64
	var sum int64
	for _, i := range lines {
		can = append(can, j.lines[i].PayPrice/10)
		sum += j.lines[i].PayPrice / 10
	}
	j.beli = min(j.Buyer.Beli, floor(big.NewRat(sum*j.BeliPercent, 100)))
	for n, beli := range j.spread(j.beli, can) {
		j.lines[lines[n]].BeliOff = beli * 10
		j.lines[lines[n]].PayPrice -= beli * 10
	}
}

// spread gives each line the whole part of its proportion, and then one fen after the
// other to the line that is furthest behind its proportion, the earliest of equal ones.
func (j *judged) spread(whole int64, over []int64) []int64 {
	var sum int64
	for _, amount := range over {
		sum += amount
	}
	shares := make([]int64, len(over))
	if sum == 0 {
		return shares
	}
	rest := whole
	for i, amount := range over {
		shares[i] = floor(proportion(whole, amount, sum))
		rest -= shares[i]
	}
	j.tied = fenByFen(rest, whole, sum, over, shares) || j.tied
	return shares
}

// fenByFen adds rest fen to the shares, and reports whether a tie was decided.
func fenByFen(rest, whole, sum int64, over, shares []int64) (tied bool) {
	for ; rest > 0; rest-- {
		var furthest []int
		var behind *big.Rat
		for i, amount := range over {
			missing := new(big.Rat).Sub(proportion(whole, amount, sum), rat(shares[i]))
			switch {
			case behind == nil || missing.Cmp(behind) > 0:
				furthest, behind = []int{i}, missing
			case missing.Cmp(behind) == 0:
				furthest = append(furthest, i)
			}
		}
		tied = tied || int64(len(furthest)) > rest
		shares[furthest[0]]++
	}
	return tied
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func proportion(whole, amount, sum int64) *big.Rat {
	return new(big.Rat).Mul(rat(whole), big.NewRat(amount, sum))
}

func floor(r *big.Rat) int64 { return new(big.Int).Div(r.Num(), r.Denom()).Int64() }

func rounded(r *big.Rat) int64 { return floor(new(big.Rat).Add(r, big.NewRat(1, 2))) }

// quote is steps 6 and 7.
func (j *judged) quote() (q price.Quote) {
	for i, l := range j.Lines {
		group := l.Group
		if group.Course {
			group.Delivery = ""
		}
		known := slices.ContainsFunc(q.Orders, func(o price.Order) bool { return o.Group == group })
		if !known {
			q.Orders = append(q.Orders, price.Order{Group: group, Usable: j.usableInShop(l.Shop)})
		}
		for n := range q.Orders {
			if o := &q.Orders[n]; o.Group == group {
				line := *j.lines[i]
				line.Usable = j.usableOnLine(i)
				o.Lines = append(o.Lines, line)
				o.GoodsPrice += line.LinePrice
				o.OffPrice += line.CouponOff + line.ShopOff + line.MarketOff + line.BeliOff
				o.CreditPrice += line.CreditPrice
				if group.Delivery == "express" && l.ShipPrice > o.ShipPrice {
					o.ShipPrice = l.ShipPrice
				}
			}
		}
	}
	for n := range q.Orders {
		o := &q.Orders[n]
		o.PayPrice = o.GoodsPrice - o.OffPrice - o.CreditPrice + o.ShipPrice
		q.PayPrice += o.PayPrice
	}
	q.Beli, q.BeliOff = j.beli, j.beli*10
	q.Usable = j.usable(func(b *price.Basket, r price.Record) { b.MarketRecord = r.ID }, marketOff)
	return q
}

func (j *judged) usableOnLine(i int) []price.Usable {
	if j.Lines[i].FirstPrice != nil {
		return nil
	}
	return j.usable(func(b *price.Basket, r price.Record) {
		b.ShopRecords, b.MarketRecord = nil, 0
		b.Lines[i].Record = r.ID
	}, func(l *price.LinePrice) *int64 {
		if l.Index == i {
			return &l.CouponOff
		}
		return new(int64)
	})
}

func (j *judged) usableInShop(shop int64) []price.Usable {
	return j.usable(func(b *price.Basket, r price.Record) {
		b.ShopRecords, b.MarketRecord = []int64{r.ID}, 0
	}, func(l *price.LinePrice) *int64 {
		if j.Lines[l.Index].Shop == shop {
			return &l.ShopOff
		}
		return new(int64)
	})
}

// usable tries each record in a place.
func (j *judged) usable(put func(*price.Basket, price.Record), share func(*price.LinePrice) *int64) (usable []price.Usable) {
	for _, r := range j.Buyer.Records {
		b := j.Basket
		b.Lines, b.UseBeli = slices.Clone(b.Lines), false
		put(&b, r)
		try := &judged{Basket: b, used: map[int64]bool{}}
		if try.shares() != nil {
			continue
		}
		var off int64
		for _, line := range try.lines {
			off += *share(line)
		}
		if off > 0 {
			usable = append(usable, price.Usable{Record: r.ID, Off: off})
		}
	}
	slices.SortFunc(usable, func(a, b price.Usable) int {
		if a.Off != b.Off {
			return int(b.Off - a.Off)
		}
		return int(a.Record - b.Record)
	})
	return usable
}
