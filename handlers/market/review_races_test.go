package market_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/market"
)

// Seller, admins and jobs work on one product at once. Whatever comes first, nobody else ever
// sees a refused word, and what is left is the admins' queue of what waits.
func TestReviewRaces(t *testing.T) {
	t.Parallel()
	rounds := 30
	if handlerstest.Torture() {
		rounds = 1000
	}
	for _, way := range []market.Review{market.ReviewAuto, market.ReviewManual} {
		g := handlerstest.Start(t, reviewedBy(way))
		g.SecondHand()
		const id = "6000001"
		name := func() string {
			if rand.IntN(2) == 0 {
				return "台灯"
			}
			return "台" + handlerstest.RefusedWord
		}
		do := func(call, token, data string, statuses ...int) {
			a := g.Call(call, token, data)
			if a.Status != 0 && !slices.Contains(statuses, a.Status) {
				t.Errorf("%s %s: %s", call, data, a.Raw)
			}
		}
		var together sync.WaitGroup
		for _, act := range []func(){
			func() { do("product/edit", aliceToken, `{"product_id":6000001,"product_name":"`+name()+`"}`) },
			func() { do("product/edit", aliceToken, `{"product_id":6000001,"product_name":"`+name()+`"}`) },
			func() {
				if rand.IntN(4) == 0 {
					do("product/withdraw", aliceToken, idData(id))
				}
			},
			func() { do("product/review", adminToken, `{"product_id":6000001,"pass":1}`, 105, -304) },
			func() {
				if rand.IntN(4) == 0 {
					do("product/review", adminToken, `{"product_id":6000001,"pass":0}`)
				}
			},
			func() { g.RunJobs() },
			func() {
				if a := g.Call("product/detail", bobToken, idData(id)); strings.Contains(a.Raw, handlerstest.RefusedWord) {
					t.Errorf("%s: others see %s", way, a.Raw)
				}
			},
		} {
			together.Go(func() {
				for range rounds {
					act()
				}
			})
		}
		together.Wait()
		g.RunJobs()
		g.OK("product/edit", aliceToken, `{"product_id":6000001,"product_name":"好台灯"}`)
		g.RunJobs()
		waits := g.OK("product/reviews", adminToken, `{}`).Rows(t, "product_id")
		if (waits == id) != (way == market.ReviewManual) {
			t.Errorf("%s: admins see %q", way, waits)
		}
		if way == market.ReviewManual {
			decide(g, id, "1")
		}
		if a := g.OK("product/detail", bobToken, idData(id)); a.Field("product_name") != "好台灯" {
			t.Errorf("%s: in the end %s", way, a.Raw)
		}
	}
}

// Of two admins at once who pass a product one does, and its seller is told once; the same
// who refuse it.
func TestTwoAdminsAtOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, reviewedBy(market.ReviewManual))
	g.SecondHand()
	for pass, title := range map[string]string{"1": "商品已通过审核", "0": "商品未通过审核"} {
		id := release(g, bobToken)
		g.RunJobs()
		answers := handlerstest.Together(6, func(int) handlerstest.Answer {
			return g.Call("product/review", adminToken, `{"product_id":`+id+`,"pass":`+pass+`}`)
		})
		done := 0
		for _, a := range answers {
			switch a.Status {
			case 0:
				done++
			default:
				a.Want(t, 105, "Nothing to review")
			}
		}
		if pass == "1" && done != 1 {
			t.Errorf("%d admins passed it", done)
		}
		g.Clock.Advance(time.Second)
		if pass == "0" {
			g.OK("product/review", adminToken, `{"product_id":`+id+`,"pass":0}`)
		}
		if told := strings.Count(g.OK("notice/list", bobToken, `{}`).Rows(t, "title"), title); told != 1 {
			t.Errorf("pass %s: bob is told %d times", pass, told)
		}
	}
}
