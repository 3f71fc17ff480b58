package price

// credit is step 2.
func (c *calculation) credit() error {
	var debts int64
	var any bool
	for i, l := range c.Lines {
		switch {
		case l.FirstPrice == nil:
			continue
		case l.LeastFirst == nil || *l.FirstPrice < *l.LeastFirst || *l.FirstPrice > l.Price:
			return Error{Rule: WrongFirstPrice, Place: InLine, Index: i}
		case l.Record != 0:
			return Error{Rule: RecordOnCredit, Place: InLine, Index: i}
		}
		line := &c.lines[i]
		line.PayPrice = *l.FirstPrice * l.Pieces
		line.CreditPrice = line.LinePrice - line.PayPrice
		debts += line.CreditPrice
		any = true
	}
	switch {
	case debts > max(c.Buyer.CreditRemain, 0):
		return Error{Rule: CreditNotEnough}
	case any && c.Buyer.Overdue:
		return Error{Rule: DebtOverdue}
	}
	return nil
}
