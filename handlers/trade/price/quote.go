package price

// A Quote is the price of a [Basket]. Money is fen.
type Quote struct {
	Orders   []Order  // by their first lines
	Usable   []Usable // records of market's coupons
	Beli     int64    // used
	BeliOff  int64
	PayPrice int64 // of all orders
}

// An Order is what the lines with the same [Group] cost together.
type Order struct {
	Group

	Lines       []LinePrice // in the basket's order
	Usable      []Usable    // records of the shop's coupons
	GoodsPrice  int64       // its lines before anything is taken off
	OffPrice    int64       // what coupons and beli take off
	ShipPrice   int64
	CreditPrice int64 // its debt
	PayPrice    int64
}

// A LinePrice is what a line costs, and its shares of what is taken off:
// LinePrice = CouponOff + ShopOff + MarketOff + BeliOff + CreditPrice + PayPrice.
type LinePrice struct {
	Index       int // in the basket's Lines
	Price       int64
	LinePrice   int64 // Price × pieces
	CouponOff   int64 // by the product's coupon
	ShopOff     int64
	MarketOff   int64
	BeliOff     int64
	CreditPrice int64    // debt
	PayPrice    int64    // what is left to pay, without shipping
	Usable      []Usable // records of the product's coupons
}

// Usable is a record that takes something off, or would if it stood in the place of the one
// that is asked for there. One that another line has is not usable. Of several the one
// that takes most off is first, of equal ones the one with the lower id.
type Usable struct {
	Record int64 // its id
	Off    int64 // fen
}

// calculation is a quote in the making: PayPrice of a line is what is left of it so far.
type calculation struct {
	Basket

	lines  []LinePrice // as Lines
	chosen []bool      // which of the buyer's records are used
	beli   int64       // used
	found  []Usable    // of all places: each has a part of it
}

// Quote computes the price, as the package's comment says. A wish that breaks a rule
// fails with an [Error]; any other error is a basket beyond its bounds.
func (b Basket) Quote() (Quote, error) {
	if err := b.check(); err != nil {
		return Quote{}, err
	}
	c := calculation{
		Basket: b,
		lines:  make([]LinePrice, len(b.Lines)),
		chosen: make([]bool, len(b.Buyer.Records)),
		found:  make([]Usable, 0, len(b.Buyer.Records)),
	}
	c.multiply()
	if err := c.credit(); err != nil {
		return Quote{}, err
	}
	if err := c.coupons(); err != nil {
		return Quote{}, err
	}
	c.useBeli()
	q := c.quote()
	c.addUsable(&q)
	return q, nil
}

// multiply is step 1.
func (c *calculation) multiply() {
	for i, l := range c.Lines {
		all := l.Price * l.Pieces
		c.lines[i] = LinePrice{Index: i, Price: l.Price, LinePrice: all, PayPrice: all}
	}
}
