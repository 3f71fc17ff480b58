// Package campus fills a database with a campus of any size, through what storage has for
// rows that come by the thousand, as an import has them: two campuses of different sizes
// differ in how many rows there are, and in nothing else.
//
// Everything has a number, from 0, and an id that follows from the number alone, so that a
// test names a row without looking for it. A campus of a size has so many goods, notices and
// orders, and of the rest as many as [Users] and the other functions of the size say. Rows
// with a number below those counts are there.
package campus

import (
	"fmt"
	"strconv"

	"campusgate/storage"
)

// Now is the time of the campus: of the last row but what is to come.
const Now = 1795737600 // 2026-11-27 00:00 UTC

// Later is when everything ends that waits for a clock, so that a server which is started on
// the campus leaves it as it is.
const Later = 4102444800 // 2100-01-01 00:00 UTC

// Step is what sizes are multiples of, so that there is a whole number of each kind of rows.
const Step = 1000

// Words that are looked for.
const (
	CommonWord = "校园" // in the title of every notice and the name of every product
	RareWord   = "钥匙" // in that of [RareRows] of each
	RareRows   = 20
)

const (
	day  = 24 * 60 * 60
	year = 365 * day
)

// How many there are in a campus of a size.

// Users counts accounts beside [Admin]'s: every second one buys, the others sell.
func Users(size int) int { return size / 5 }

// Shops counts the shops: [ShopOwner] is a user with an odd number.
func Shops(size int) int { return size / 10 }

// Products counts goods of shops.
func Products(size int) int { return size }

// SecondHands counts what users sell second-hand.
func SecondHands(size int) int { return size / 10 }

// Notices counts notices of lost and found things.
func Notices(size int) int { return size }

// Orders counts orders. Every sixth payment is for two, of different sellers.
func Orders(size int) int { return size }

// Payments counts the payments of orders.
func Payments(size int) int { return (size*5 + 5) / 6 }

// UserID is the id of a user.
func UserID(i int) string { return strconv.Itoa(1180310000 + i) }

// Token is a token of the account service for a user, which does not end.
func Token(i int) string { return fmt.Sprintf("%064x", i+1) }

// The account with the role admin, which neither buys nor sells.
const (
	AdminID    = "1180309999"
	AdminToken = "adadadadadadadadadadadadadadadadadadadadadadadadadadadadadadadad"
)

// UserName is the name of a user.
func UserName(i int) string { return "王凌超" + strconv.Itoa(i) }

// UserPhone is the phone of a user's profile.
func UserPhone(i int) string { return strconv.Itoa(13700000000 + i) }

// ShopID is the id of a shop. The shop 0 is large: a hundredth of all goods and orders are its.
func ShopID(i int) int64 { return 811729970 + int64(i) }

// ShopOwner is the number of the user who has a shop.
func ShopOwner(i int) int { return 2*i + 1 }

// ProductID is the id of goods.
func ProductID(i int) int64 { return 4517733 + int64(i) }

// ProductShop is the number of the shop that sells goods.
func ProductShop(i int) int {
	if i%100 == 99 {
		return 0
	}
	return i / 10
}

// ProductPrice is what a piece of goods costs, in fen.
func ProductPrice(i int) int64 { return int64(1_00 + i*7919%100_00) }

// SecondHandID is the id of what a user sells second-hand, one piece, passed by its review.
func SecondHandID(i int) int64 { return 900_000_000 + int64(i) }

// SecondHandSeller is the number of the user who sells it.
func SecondHandSeller(i int) int { return 2*i + 1 }

// NoticeID is the id of a notice: of a lost thing where the number is even, else of a found one.
func NoticeID(i int) int64 { return int64(i) + 1 }

// NoticeType is 1 of a lost thing and 2 of a found one.
func NoticeType(i int) int64 { return int64(1 + i%2) }

// NoticeUser is the number of the user who published a notice.
func NoticeUser(i int) int { return i / 5 }

// PayID is the id of a payment of orders, and [OrderID] that of an order: which payment an
// order belongs to is [OrderPayment].
func PayID(i int) string { return fmt.Sprintf("%010d%05d00", paymentTime(i), i%100_000) }

// PaymentBuyer is the number of the user who pays.
func PaymentBuyer(i int) int { return 2 * (i / 9) }

// PaymentState is the state of the orders of a payment.
func PaymentState(i int) storage.OrderState {
	switch i % 20 {
	case 0:
		return openStates[i/20%len(openStates)]
	case 1:
		return Refunded
	case 2:
		return Cancelled
	}
	return Settled
}

// The states of orders that there are in a campus: of twenty payments the first is open, each
// of these in turn, the second was declined and refunded, the third was cancelled, and all
// others are settled.
const (
	Paying                       = storage.OrderPaying
	Paid      storage.OrderState = "paid"
	Shipped   storage.OrderState = "shipped"
	Finished  storage.OrderState = "finish"
	Refunding storage.OrderState = "refunding"
	Refunded  storage.OrderState = "refunded"
	Cancelled storage.OrderState = "cancel"
	Settled   storage.OrderState = "settled"
)

var openStates = []storage.OrderState{Paying, Paid, Shipped, Finished, Refunding}

// PaymentIn is the n-th payment whose orders are in a state, from 0.
func PaymentIn(state storage.OrderState, n int) int {
	for i, open := range openStates {
		if state == open {
			return 20 * (i + n*len(openStates))
		}
	}
	if place, ok := map[storage.OrderState]int{Refunded: 1, Cancelled: 2}[state]; ok {
		return 20*n + place
	}
	return 20*(n/17) + 3 + n%17
}

// OrderPayment is the number of the payment of an order. Of six orders the last two have one.
func OrderPayment(i int) int { return i/6*5 + min(i%6, 4) }

// PaymentOrder is the number of the first order of a payment; whose number is 4 more than a
// multiple of 5 has the order behind it too.
func PaymentOrder(i int) int { return i/5*6 + i%5 }

// OrderID is the id of an order.
func OrderID(i int) string {
	place := 1
	if i%6 == 5 {
		place = 2
	}
	pay := PayID(OrderPayment(i))
	return fmt.Sprintf("%s%02d", pay[:len(pay)-2], place)
}

// OrderProduct is the number of the goods of the first line of an order, and of its shop. A
// second line, of every fourth order, has the goods behind these.
func OrderProduct(i int) int {
	switch {
	case i%100 == 3: // of the large shop
		return i/100*100 + 99
	case i%6 != 5:
		return i / 10 * 10
	case i < 10:
		return 10
	}
	return i/10*10 - 10 // of another seller than the order before
}

// OrderShop is the number of the shop that sells in an order.
func OrderShop(i int) int { return ProductShop(OrderProduct(i)) }

// orderLines are the numbers of the goods of an order.
func orderLines(i int) []int {
	first := OrderProduct(i)
	if i%4 != 0 || first%10 == 9 {
		return []int{first}
	}
	return []int{first, first + 1}
}

// paymentTime is when a payment of orders was made: those of open orders in the last week,
// others in the year that ended a month ago. No two are of one second, whatever the size.
func paymentTime(i int) int64 {
	const week, month, spread = 7 * day, 30 * day, 19_490_321
	if i%20 == 0 {
		return Now - week + int64(i/20)*spread%week
	}
	return Now - year + int64(i)*spread%(year-month)
}

// spreadTime spreads rows that have no time of their own over the year.
func spreadTime(i, count int) int64 { return Now - year + int64(i)*year/int64(count) }
