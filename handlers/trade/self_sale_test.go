package trade_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// One person with two accounts sells to itself, in any way and with any refunds: together
// the two never have more than before and what an admin gave, which is the beli, the market's
// coupons and the credit. What is owed is not theirs.
func TestSelfSaleMakesNoMoney(t *testing.T) {
	t.Parallel()
	steps := 400
	if testing.Short() {
		steps = 80
	}
	for seed := range uint64(3) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			playSelfSale(t, rand.New(rand.NewPCG(seed, 15)), steps)
		})
	}
}

func playSelfSale(t *testing.T, random *rand.Rand, steps int) {
	t.Helper()
	f := startFair(t)
	f.give(alice, 40, 500_00)
	const beli = 40 // free ones, worth 10 fen each once
	given := f.Wealth(alice) + f.Wealth(bob) + beli*10
	coupon := storage.Coupon{CouponType: storage.CouponOff, CouponValue: 3_00} // the market pays it
	var made []string
	for n := range steps {
		record := ""
		if random.IntN(6) == 0 && given < 1600_00 {
			record = fmt.Sprint(`,"record_id":`, f.take(alice, coupon))
			given += coupon.CouponValue
		}
		bought := []string{item(lamp, record), item(cup, record), item(bike, `,"first_price":60`), item(cup, "")}[random.IntN(4)]
		switch pick := random.IntN(10); {
		case pick < 3 || len(made) == 0:
			data := items(fmt.Sprint(`,"deliver":"face","use_beli":`, random.IntN(2) == 0), bought)
			a := f.Call("order/prepare", aliceToken, data)
			if a.Status != 0 {
				continue
			}
			data = data[:len(data)-1] + `,"pay_price":` + a.Field("pay_price") + `}`
			if a = f.Call("order/commit", aliceToken, data); a.Status != 0 {
				continue
			}
			f.Call("order/pay", aliceToken, `{"pay_id":"`+a.Field("pay_id")+`","method":"wallet"}`)
			made = append(made, handlerstest.OrderOf(a.Field("pay_id")))
		default:
			id := made[random.IntN(len(made))]
			part := fmt.Sprintf(`"kind":"money","amount":%d.%02d,"reason":"x"`, random.IntN(40), random.IntN(100))
			switch random.IntN(7) {
			case 0:
				f.step("refund", aliceToken, id, part)
			case 1:
				f.step("refund", aliceToken, id, `"kind":"money","reason":"x"`)
			case 2:
				f.step("agree", bobToken, id)
			case 3:
				f.step("decline", bobToken, id, `"reason":"x"`)
			case 4:
				f.step("confirm", aliceToken, id)
			case 5:
				f.Call("credit/pay", aliceToken, `{"order_id":"`+id+`","method":"wallet"}`)
			default:
				f.Clock.Advance(time.Duration(random.Int64N(int64(3 * dayLong))))
				f.RunJobs()
			}
		}
		f.wantNoProfit(n, given)
	}
	f.Clock.Advance(40 * dayLong) // whatever is open ends
	f.RunJobs()
	f.wantNoProfit(steps, given)
}

// wantNoProfit holds what alice and bob have together, with what their orders hold, less
// what they owe, against what they were given.
func (f *fair) wantNoProfit(step int, given int64) {
	f.T.Helper()
	profile, err := f.DB.Profile(f.T.Context(), alice)
	handlerstest.Must(f.T, err)
	has := f.Wealth(alice) + f.Wealth(bob) + (profile.Beli+profile.BeliHeld)*10 - profile.CreditDebt
	for _, user := range []string{alice, bob} {
		waiting, err := f.DB.IncomeWaiting(f.T.Context(), user)
		handlerstest.Must(f.T, err)
		has += waiting
	}
	if has > given {
		f.T.Fatalf("step %d: they have %d fen, but were given %d", step, has, given)
	}
}
