package trade_test

import (
	"fmt"
	"testing"
	"time"

	"campusgate/storage"
)

const aDay = 24 * time.Hour

// study sets five sections of bob's course, and returns a call that opens one, from 1.
func (f *fair) sections(product int64, sections int) (study func(section int) (status int)) {
	f.T.Helper()
	ctx := f.T.Context()
	chapter := storage.CourseChapter{Title: "c"}
	for range sections {
		chapter.Sections = append(chapter.Sections, storage.CourseSection{Title: "s", Text: true, Content: "text"})
	}
	tree := []storage.CourseChapter{chapter}
	f.inTx(func(tx *storage.Tx) error { return tx.SetCourseTree(ctx, product, tree) })
	return func(section int) int {
		return f.Call("course/study", aliceToken, fmt.Sprintf(`{"product_id":%d,"section_id":%d}`, product, tree[0].Sections[section-1].SectionID)).Status
	}
}

// buyCourse buys bob's course by a price policy.
func (f *fair) buyCourse(policy int) (order string) {
	f.T.Helper()
	return f.paid(fmt.Sprintf(`{"items":[{"product_id":%d,"price_policy_id":%d}]}`, course, policy)).OrderIDs[0]
}

// wantDays says how many days from now alice has bob's course.
func (f *fair) wantDays(want float64) {
	f.T.Helper()
	owner, err := f.DB.CourseOwner(f.T.Context(), alice, course)
	if got := float64(owner.EndTime-f.Clock.Now().Unix()) / aDay.Seconds(); err != nil || got != want && (want != 0 || owner.EndTime != 0) {
		f.T.Errorf("alice has it for %v days, want %v: %v", got, want, err)
	}
}

func TestCourseIsBoughtRenewedAndGivenBack(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	study := f.sections(course, 5)
	f.give(alice, 0, 0)
	f.OK("wallet/grant", adminToken, `{"user_id":"`+alice+`","currency":"cny","amount":500}`)
	if got := study(1); got != 101 {
		t.Errorf("before it is bought: %d", got)
	}
	week := f.buyCourse(1)
	f.wantDays(7)
	f.Clock.Advance(aDay)
	month := f.buyCourse(2)
	f.wantDays(6 + 30)
	f.OK("course/policies", bobToken, fmt.Sprintf(`{"product_id":%d,"price_policies":[]}`, course)) // nobody's end changes
	f.wantDays(6 + 30)

	f.ok("refund", aliceToken, week, `"kind":"money","reason":"a"`)
	if got := study(1); got != 101 {
		t.Errorf("while a refund is asked for: %d", got)
	}
	f.wantDays(6 + 30)
	f.ok("agree", bobToken, week)
	f.wantDays(6 + 30 - 7)
	if got := study(1); got != 0 {
		t.Errorf("what was bought besides: %d", got)
	}
	// One of five sections is 20 %.
	f.refusedAs(aliceToken, "order/refund", `{"order_id":"`+month+`","kind":"money","reason":"a"}`, 204, "lines[0]: 20 % of its sections or more were opened")
}

func TestCourseRefund(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sections, open int
		then           int // sections of the tree after it was studied; 0: as before
		want           int
	}{
		"nothing is opened":                     {5, 0, 0, 0},
		"no sections at all":                    {0, 0, 0, 0},
		"one of five":                           {5, 1, 0, 204},
		"one of six":                            {6, 1, 0, 0},
		"two of ten":                            {10, 2, 0, 204},
		"the seller puts another tree in place": {6, 1, 1, 0},
		"the same section twice is opened once": {6, -1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFair(t)
			f.OK("wallet/grant", adminToken, `{"user_id":"`+alice+`","currency":"cny","amount":500}`)
			study := f.sections(course, c.sections)
			order := f.buyCourse(1)
			for i := range c.open {
				study(i + 1)
			}
			if c.open < 0 {
				study(1)
				study(1)
			}
			if c.then > 0 {
				f.sections(course, c.then)
			}
			a := f.step("refund", aliceToken, order, `"kind":"money","reason":"a"`)
			if a.Status != c.want {
				t.Fatalf("the refund: %s", a.Raw)
			}
			if c.want == 0 {
				f.ok("agree", bobToken, order)
				f.wantDays(0)
			}
		})
	}
}

// A part of the money takes no days; a whole course of two takes its own.
func TestCourseRefundOfAPart(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.OK("wallet/grant", adminToken, `{"user_id":"`+alice+`","currency":"cny","amount":500}`)
	const other = 1020
	f.addCourse(storage.Course{ProductID: other, ShopID: bobShop}, storage.PricePolicy{ValidPeriod: 7, Price: 10_00})
	order := f.paid(`{"items":[{"product_id":1006,"price_policy_id":1},{"product_id":1020,"price_policy_id":4}]}`).OrderIDs[0]
	f.ok("refund", aliceToken, order, `"kind":"money","amount":1,"reason":"a"`)
	f.ok("agree", bobToken, order)
	f.wantDays(7)
	f.ok("refund", aliceToken, order, `"kind":"money","items":[{"line":1,"product_num":1}],"reason":"a"`)
	f.ok("agree", bobToken, order)
	f.wantDays(7)
	if owner, err := f.DB.CourseOwner(t.Context(), alice, other); err != nil || owner.EndTime != 0 {
		t.Errorf("the other: %+v, %v", owner, err)
	}
}

func TestCourseForEver(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	const forEver = `{"items":[{"product_id":1009,"price_policy_id":3}]}`
	f.OK("course/policies", adminToken, `{"product_id":1009,"price_policies":[{"valid_period":36000,"product_price":1}]}`)
	first, second := f.commit(forEver), f.commit(forEver) // neither is paid
	f.OK("order/pay", aliceToken, `{"pay_id":"`+first.PayID+`","method":"wallet"}`)
	f.refused("order/pay", `{"pay_id":"`+second.PayID+`","method":"wallet"}`, 115, "pay_id: has a course that is owned for ever")
	f.refused("order/pay", `{"pay_id":"`+second.PayID+`","method":"sandbox","return_url":"http://127.0.0.1/"}`, 115, "pay_id: has a course that is owned for ever")
	const detail = "items[0]: product_id: a course that you have for ever"
	f.refused("order/prepare", forEver, 115, detail)
	f.refused("order/commit", `{"items":[{"product_id":1009,"price_policy_id":3}],"pay_price":1}`, 115, detail)
	f.OK("order/cancel", aliceToken, `{"order_id":"`+second.OrderIDs[0]+`"}`)
	f.ok("refund", aliceToken, first.OrderIDs[0], `"kind":"money","reason":"a"`)
	f.ok("agree", adminToken, first.OrderIDs[0])
	f.commit(forEver) // again
}

// What happens to a course between the order and its payment changes nothing of what was bought.
func TestCourseChangesWhileItIsPaid(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.OK("wallet/grant", adminToken, `{"user_id":"`+alice+`","currency":"cny","amount":500}`)
	made := f.commit(`{"items":[{"product_id":1006,"price_policy_id":1}]}`)
	f.OK("course/policies", bobToken, `{"product_id":1006,"price_policies":[{"valid_period":7,"product_price":90},{"valid_period":1,"product_price":1}]}`)
	f.OK("course/update", bobToken, `{"product_id":1006,"product_status":2}`)
	f.OK("course/chapters", bobToken, `{"product_id":1006,"chapters":[{"title":"c","sections":[{"title":"s","kind":"text","content":"new"}]}]}`)
	f.OK("user/freeze", adminToken, `{"user_id":"`+bob+`","state":1,"note":"a"}`)
	f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"wallet"}`)
	f.wantDays(7)
	f.wantStates(made, "finish")
	if a := f.Call("course/study", aliceToken, `{"product_id":1006,"section_id":1}`); a.Status != 0 {
		t.Errorf("study: %s", a.Raw)
	}
}
