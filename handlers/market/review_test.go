package market_test

import (
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/market"
)

// reviewedBy is a gateway's way of review.
func reviewedBy(review market.Review) func(*handlerstest.Options) {
	return func(o *handlerstest.Options) { o.Settings.Market.Review = review }
}

// decide is an admin's decision.
func decide(g *handlerstest.Gateway, id, pass string) {
	g.T.Helper()
	g.OK("product/review", adminToken, `{"product_id":`+id+`,"pass":`+pass+`,"note":"看过了"}`)
}

// What each way of review makes of clean products and of others, hidden as words are.
func TestReviewWays(t *testing.T) {
	t.Parallel()
	word := []rune(handlerstest.RefusedWord)
	spelled := string(word[0]) + "。" + string(word[1:])
	tagged := "<p>" + string(word[:1]) + "</p><p>" + string(word[1:]) + "&nbsp;很好用的台灯</p>"
	for _, c := range []struct {
		way          market.Review
		name, texted string
		state, note  string
	}{
		{market.ReviewAuto, "台灯", "很好用，很好用，很好用", "on_sale", ""},
		{market.ReviewAuto, "好" + handlerstest.RefusedWord, "很好用，很好用，很好用", "refused", "product_name: has a refused word"},
		{market.ReviewAuto, "台灯", "很好用，很好用" + spelled, "refused", "product_content: has a refused word"},
		{market.ReviewAuto, "台灯", tagged, "refused", "product_content: has a refused word"},
		{market.ReviewAuto, "台灯", "很好用，很好用，很好用<img src='/a.png' alt='" + strings.ReplaceAll(spelled, "。", "-") + "'>", "refused", "product_content: has a refused word"},
		{market.ReviewManual, "台灯", "很好用，很好用，很好用", "waiting", ""},
		{market.ReviewManual, "台灯", "很好用，很好用" + spelled, "refused", "product_content: has a refused word"},
		{market.ReviewOff, "台灯", "很好用，很好用" + spelled, "on_sale", ""},
	} {
		g := handlerstest.Start(t, reviewedBy(c.way))
		g.SecondHand()
		id := release(g, bobToken, "product_name", handlerstest.JSONText(c.name), "product_content", handlerstest.JSONText(c.texted))
		g.RunJobs()
		g.RunJobs() // harmless
		note := g.OK("product/detail", bobToken, idData(id)).Field("review_note")
		if got := state(g, bobToken, id); got != c.state || note != c.note {
			t.Errorf("%s, %s %s: %s, %q", c.way, c.name, c.texted, got, note)
		}
		if hidden(g, aliceToken, id) != (c.state != "on_sale") {
			t.Errorf("%s %s: hidden from others is %t", c.way, c.state, c.state == "on_sale")
		}
		if waits := g.OK("product/reviews", adminToken, `{}`).Rows(t, "product_id"); (waits == id) != (c.state == "waiting") {
			t.Errorf("%s: admins are shown %q", c.way, waits)
		}
	}
}

// However a word is hidden, the review finds it, and the note names its field.
func TestReviewFindsHiddenWords(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	for _, word := range handlerstest.HiddenWords {
		for _, key := range []string{"product_name", "product_content"} {
			id := release(g, bobToken, key, handlerstest.JSONText("九成新的台灯，很好用"+word+"，自取"))
			g.RunJobs()
			detail := g.OK("product/detail", bobToken, idData(id))
			if detail.Field("review_state") != "3" || detail.Field("review_note") != key+": has a refused word" {
				t.Errorf("%s %q: %s", key, word, detail.Raw)
			}
		}
	}
}

// An admin decides what waits.
func TestReviewByAnAdmin(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, reviewedBy(market.ReviewManual))
	g.SecondHand()
	first := release(g, bobToken)
	g.Clock.Advance(time.Second)
	second := release(g, bobToken)
	g.RunJobs()
	waiting := g.OK("product/reviews", adminToken, `{}`)
	if ids := waiting.Rows(t, "product_id"); ids != first+" "+second || waiting.Rows(t, "review_state") != "1 1" || waiting.Rows(t, "reports") != "0 0" {
		t.Errorf("%s wait, want the oldest first: %s", ids, waiting.Raw)
	}
	decide(g, first, "1")
	decide(g, second, "0")
	if state(g, bobToken, first) != "on_sale" || state(g, bobToken, second) != "refused" || hidden(g, aliceToken, first) || !hidden(g, aliceToken, second) {
		t.Errorf("%s, %s", state(g, bobToken, first), state(g, bobToken, second))
	}
	for _, id := range []string{first, second} {
		g.Refuses("product/review", adminToken, `{"product_id":`+id+`,"pass":1}`, 105, "Nothing to review")
	}
	g.Clock.Advance(time.Second)
	decide(g, first, "0") // a passed one too
	if state(g, bobToken, first) != "refused" || !hidden(g, aliceToken, first) {
		t.Errorf("taken down: %s", state(g, bobToken, first))
	}
	g.Refuses("product/review", adminToken, `{"product_id":1,"pass":1}`, 100, "Error Product id")
	g.Refuses("product/review", adminToken, `{"product_id":`+release(g, adminToken)+`,"pass":1}`, -103, "No permission to operate")
	g.Refuses("product/review", adminToken, `{"product_id":`+first+`,"pass":0,"note":"`+handlerstest.RefusedWord+`"}`, -305, "Content refused")
	if told := g.OK("notice/list", bobToken, `{}`).Rows(t, "title"); told != "商品未通过审核 商品未通过审核 商品已通过审核" {
		t.Errorf("bob is told %s", told)
	}
}

// An edit that an admin refuses leaves the version in sight, unless that was reported.
func TestReviewOfAnEdit(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, reviewedBy(market.ReviewManual))
	g.SecondHand()
	const id = "6000001"
	edit := func() {
		g.OK("product/edit", aliceToken, `{"product_id":6000001,"product_name":"新台灯"}`)
		g.RunJobs()
	}
	edit()
	decide(g, id, "0")
	if a := g.OK("product/detail", bobToken, idData(id)); a.Field("product_name") != "九成新台灯" {
		t.Errorf("refused: %s", a.Raw)
	}
	edit()
	decide(g, id, "1")
	if a := g.OK("product/detail", bobToken, idData(id)); a.Field("product_name") != "新台灯" {
		t.Errorf("passed: %s", a.Raw)
	}
	edit()
	g.OK("product/report", bobToken, `{"product_id":6000001,"reason":"假的"}`)
	decide(g, id, "0")
	if !hidden(g, bobToken, id) || state(g, aliceToken, id) != "refused" {
		t.Errorf("reported and refused: %s", state(g, aliceToken, id))
	}
}

// A report counts once a user; admins see it until they decide.
func TestReport(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	report := func(token, reason string) {
		g.OK("product/report", token, `{"product_id":4517733,"reason":"`+reason+`"}`)
	}
	report(bobToken, "贵")
	report(bobToken, "很贵")
	report(aliceToken, "更贵")
	list := g.OK("product/reviews", adminToken, `{}`)
	if list.Rows(t, "product_id") != "4517733" || list.Rows(t, "reports") != "2" || list.Rows(t, "reason") != "更贵" || list.Rows(t, "review_state") != "0" {
		t.Errorf("admins see %s", list.Raw)
	}
	decide(g, "4517733", "1")
	g.OK("product/reviews", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	report(bobToken, "贵") // was counted
	g.OK("product/reviews", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	g.RefusesValue("product/report", bobToken, handlerstest.Fields{"product_id": "4517733", "reason": handlerstest.Quoted(strings.Repeat("字", 201))}, "reason", -204)
	g.RefusesValue("product/report", bobToken, handlerstest.Fields{"product_id": "4517733"}, "reason", -202)
	g.Refuses("product/report", bobToken, `{"product_id":1,"reason":"贵"}`, 100, "Error Product id")
}

// What was reported stays before the admins when a newer version passes by itself.
func TestReportOutlivesAnEdit(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	g.OK("product/report", bobToken, `{"product_id":6000001,"reason":"假的"}`)
	g.OK("product/edit", aliceToken, `{"product_id":6000001,"product_price":30}`)
	g.RunJobs()
	if list := g.OK("product/reviews", adminToken, `{}`); list.Rows(t, "reports") != "1" || list.Rows(t, "product_price") != "30" {
		t.Errorf("admins see %s", list.Raw)
	}
}

// Who withdraws what was reported and brings it back does not get rid of the reports; while it
// is withdrawn there is nothing to pass.
func TestReportOutlivesAWithdrawal(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	g.OK("product/report", bobToken, `{"product_id":6000001,"reason":"假的"}`)
	g.OK("product/edit", aliceToken, `{"product_id":6000001,"product_price":30}`)
	g.OK("product/withdraw", aliceToken, idData("6000001"))
	g.RunJobs()
	g.OK("product/reviews", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	g.Refuses("product/review", adminToken, `{"product_id":6000001,"pass":1}`, 105, "Nothing to review")
	g.OK("product/edit", aliceToken, `{"product_id":6000001,"product_price":20}`)
	g.RunJobs()
	if list := g.OK("product/reviews", adminToken, `{}`); list.Rows(t, "reports") != "1" || list.Rows(t, "product_price") != "20" {
		t.Errorf("admins see %s", list.Raw)
	}
}

// A favourite counts once a user, and is shown while it is in sight.
func TestFavourites(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.SecondHand()
	collect := func(token, id, collected string) {
		g.OK("product/collect", token, `{"product_id":`+id+`,"collected":`+collected+`}`)
	}
	want := func(token, ids, counts string) {
		t.Helper()
		list := g.OK("product/collected", token, `{}`)
		if list.Rows(t, "product_id") != ids || list.Rows(t, "product_collection") != counts {
			t.Errorf("%s, want %s counted %s", list.Raw, ids, counts)
		}
	}
	want(bobToken, "", "")
	collect(bobToken, "4517733", "1")
	collect(bobToken, "6000001", "1")
	collect(bobToken, "6000001", "1")
	collect(aliceToken, "6000001", "1")
	want(bobToken, "6000001 4517733", "2 1")
	if a := g.OK("product/detail", bobToken, idData("6000001")); a.Field("collected") != "true" {
		t.Errorf("%s", a.Raw)
	}
	collect(bobToken, "6000001", "0")
	collect(bobToken, "6000001", "0")
	want(bobToken, "4517733", "1")
	want(aliceToken, "6000001", "1")
	g.OK("product/withdraw", aliceToken, idData("6000001"))
	want(aliceToken, "6000001", "1")
	g.Refuses("product/collect", bobToken, `{"product_id":6000001,"collected":1}`, 100, "Error Product id")
	g.Refuses("product/collect", bobToken, `{"product_id":6000001,"collected":0}`, 100, "Error Product id")
	g.Refuses("product/collect", bobToken, `{"product_id":1,"collected":0}`, 100, "Error Product id")
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":0}`)
	want(bobToken, "", "")
	collect(bobToken, "4517733", "0") // what is hidden can be given up
	for value, status := range map[string]int{"": -202, `""`: -201, "true": -203, "2": -204} {
		g.RefusesValue("product/collect", bobToken, handlerstest.Fields{"product_id": "4517733"}.With("collected", value), "collected", status)
	}
	// Many at once are counted as many.
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1}`)
	handlerstest.Together(8, func(i int) handlerstest.Answer {
		return g.OK("product/collect", []string{aliceToken, bobToken}[i%2], `{"product_id":4517733,"collected":1}`)
	})
	want(bobToken, "4517733", "2")
}
