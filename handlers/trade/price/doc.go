// Package price computes what a purchase costs. Nothing else computes a price: preparing
// and committing an order, carts and refunds use what stands here. It works on values
// alone: no SQL, no HTTP, no clock, and no status.
//
// Money is int64 in fen, beli are whole. [Basket.Quote] takes these steps, in the order of
// the market's contract; no result is below 0:
//
//  1. A line costs its price a piece ([Piece]) × its pieces.
//  2. Credit lines, those with a first price f: price × n − f × n becomes debt, f × n is
//     left to pay. They stand outside 3 to 5: they count for no minimum and get no share,
//     and a product's record on one is refused. The buyer's credit covers all debts, and
//     no debt is overdue.
//  3. One record of a product's coupon a line, which takes its value off once a line and
//     not a piece; then one record of a shop's coupon on what is left of that shop's
//     lines; then one record of a market's coupon on what is left of all. A record's
//     minimum is held against the same amount, and an equal one is enough. A percentage
//     takes amount − round_half_up(amount × off_percent / 100) off, at most its max_off.
//     A record that takes nothing off is refused.
//  4. What a shop's or the market's coupon takes off is spread over its lines in
//     proportion to what is left of each, in whole fen by the largest remainder; of equal
//     remainders the earlier line's is first.
//  5. Beli: each line can take floor(left / 10). Used is the least of what the buyer has,
//     the sum of these, and floor(that sum × beli_percent / 100). They are spread in whole
//     beli by the largest remainder over what each line can take; each takes 10 fen off.
//  6. Shipping of an order that goes by express is its dearest line's. Nothing lowers it.
//  7. An order's price is its lines − what was taken off − its debt + its shipping.
//
// Lines go into one order where they have the same [Group]. The result does not depend on
// the order in which records are given, nor on that of the lines but where remainders are
// equal.
//
// [Refundable.Refund] divides what goes back of an order that was paid, by the contract's
// paragraph on refunds; [Refundable.Amount] is how much may go back for some of its lines.
package price
