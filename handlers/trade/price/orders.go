package price

import (
	"cmp"
	"slices"
)

// quote is steps 6 and 7.
func (c *calculation) quote() Quote {
	q := Quote{Orders: c.orders(), Beli: c.beli, BeliOff: c.beli * FenPerBeli}
	for i := range q.Orders {
		order := &q.Orders[i]
		for _, line := range order.Lines {
			order.add(line)
			if order.Delivery == Express {
				order.ShipPrice = max(order.ShipPrice, c.Lines[line.Index].ShipPrice)
			}
		}
		order.PayPrice = order.GoodsPrice - order.OffPrice - order.CreditPrice + order.ShipPrice
		q.PayPrice += order.PayPrice
	}
	return q
}

func (o *Order) add(line LinePrice) {
	o.GoodsPrice += line.LinePrice
	o.OffPrice += line.CouponOff + line.ShopOff + line.MarketOff + line.BeliOff
	o.CreditPrice += line.CreditPrice
}

// orders puts the lines of each group together.
func (c *calculation) orders() []Order {
	orders := make([]Order, 0, len(c.Lines))
	var numbers [MaxLines]int // the line's order
	for i, l := range c.Lines {
		group := l.Group
		if group.Course {
			group.Delivery = NoDelivery
		}
		number := slices.IndexFunc(orders, func(o Order) bool { return o.Group == group })
		if number < 0 {
			number = len(orders)
			orders = append(orders, Order{Group: group})
		}
		numbers[i] = number
	}
	lines := c.lines
	slices.SortStableFunc(lines, func(a, b LinePrice) int { return cmp.Compare(numbers[a.Index], numbers[b.Index]) })
	for i := range orders {
		end := 0
		for end < len(lines) && numbers[lines[end].Index] == i {
			end++
		}
		orders[i].Lines, lines = lines[:end:end], lines[end:]
	}
	return orders
}
