package price

import "fmt"

// An Error says why a [Basket] has no price or why nothing can be refunded: which rule is
// broken, and by what. It is comparable, and for a person who reads a log; a client is told
// in its own words.
type Error struct {
	Rule  Rule
	Place Place
	Index int // in Lines, ShopRecords or items; else 0
}

// A Place is the part of a [Basket] or of a refund by which a rule is broken.
type Place uint8

// The places of errors.
const (
	InBasket       Place = iota // no part of it alone
	InLine                      // Lines[Index]
	InShopRecord                // ShopRecords[Index]
	InMarketRecord              // MarketRecord
	InItem                      // items[Index] of a refund
)

// A Rule is one that a buyer's wish may break.
type Rule uint8

// The rules, in the order in which they are held.
const (
	kept             Rule = iota // all of them
	WrongFirstPrice              // a first price is from the product's to the price, and the product has one
	RecordOnCredit               // a credit line takes no record
	CreditNotEnough              // the credit covers all debts
	DebtOverdue                  // who has a debt overdue makes no other
	NoSuchRecord                 // a record is one of the buyer's that can be used now
	RecordOfAnother              // it is of the line's product, of a shop of the basket, of the market
	RecordTwice                  // it is used once
	SecondShopRecord             // a shop's lines take one record
	BelowMinimum                 // the amount is not below its minimum
	TakesNothingOff              // it takes something off

	NoSuchLine  // an item of a refund is of a line of the order
	LineTwice   // of each line is one item
	WrongPieces // it has one piece or more, and no more than have not gone back
	WrongAmount // a refund is above 0, and no more than is left nor than the items' shares
)

var rules = [...]string{
	kept:             "no rule is broken",
	WrongFirstPrice:  "the first price is not from the product's to the price",
	RecordOnCredit:   "a record on a credit line",
	CreditNotEnough:  "the credit does not cover the debts",
	DebtOverdue:      "a debt is overdue",
	NoSuchRecord:     "the record is not one that the buyer can use now",
	RecordOfAnother:  "the record is not for this",
	RecordTwice:      "the record is used twice",
	SecondShopRecord: "a second record of the shop",
	BelowMinimum:     "the amount is below the record's minimum",
	TakesNothingOff:  "the record takes nothing off",

	NoSuchLine:  "the order has no such line",
	LineTwice:   "the line is named twice",
	WrongPieces: "not one piece, or more than are there to go back",
	WrongAmount: "the amount is not above 0, or more than can go back",
}

func (r Rule) String() string { return rules[r] }

func (e Error) Error() string {
	switch e.Place {
	case InLine:
		return fmt.Sprintf("line %d: %s", e.Index, e.Rule)
	case InShopRecord:
		return fmt.Sprintf("shop record %d: %s", e.Index, e.Rule)
	case InMarketRecord:
		return "market record: " + e.Rule.String()
	case InItem:
		return fmt.Sprintf("item %d: %s", e.Index, e.Rule)
	default:
		return e.Rule.String()
	}
}
