package market_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/market"
	"campusgate/storage/pictures"
	"campusgate/storage/pictures/costest"
)

// auditedBy has pictures in a bucket, which audits them.
func auditedBy(t *testing.T, bucket *costest.Bucket, timeout time.Duration) func(*handlerstest.Options) {
	t.Helper()
	store, err := pictures.NewCOS(pictures.COSOptions{
		BucketURL: bucket.URL, SecretID: costest.SecretID, SecretKey: costest.SecretKey, Timeout: timeout,
	})
	handlerstest.Must(t, err)
	t.Cleanup(func() { handlerstest.Must(t, store.Close()) })
	return func(o *handlerstest.Options) {
		o.Pictures, o.AuditPicture = pictures.NewCache(store, 1<<20), store.Audit
	}
}

const patience = 20 * time.Second // of a busy machine

// What of a product stands behind each answer of the auditing, and whom it waits for.
func TestPicturesAreAudited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		way         market.Review
		audit       costest.Audit
		content     string
		state, note string
	}{
		{market.ReviewAuto, costest.AuditNormal, "", "on_sale", ""},
		{market.ReviewAuto, costest.AuditForbidden, "", "refused", "pics[1]: has a picture that is refused"},
		{market.ReviewAuto, costest.AuditSuspected, "", "waiting", "pics[1]: has a picture that an admin has to look at"},
		{market.ReviewManual, costest.AuditNormal, "", "waiting", ""},
		{market.ReviewManual, costest.AuditForbidden, "", "refused", "pics[1]: has a picture that is refused"},
		{market.ReviewOff, costest.AuditForbidden, "", "on_sale", ""},
		{market.ReviewAuto, costest.AuditForbidden, handlerstest.RefusedWord, "refused", "product_content: has a refused word"},
		{market.ReviewAuto, costest.AuditNormal, `<img src='./api/external/get/pic/product/lamp.png'>`, "on_sale", ""},
		{market.ReviewAuto, costest.AuditNormal, `<img src='/api/external/get/pic/shop/bad.png'>`, "refused", "product_content: has a picture that is refused"},
		{market.ReviewAuto, costest.AuditNormal, `<img src='https://example.org/a.png'>`, "waiting", "product_content: has a picture from elsewhere, which cannot be checked"},
		{market.ReviewAuto, costest.AuditForbidden, `<img src='https://example.org/a.png'>`, "refused", "pics[1]: has a picture that is refused"},
		{
			market.ReviewAuto, costest.AuditNormal, strings.Repeat(`<img src='/api/external/get/pic/product/lamp.png'>`, 100), "on_sale", "",
		},
	} {
		bucket := costest.Start(t)
		g := handlerstest.Start(t, reviewedBy(c.way), auditedBy(t, bucket, patience))
		g.SecondHand()
		bucket.Place("product/second.png", handlerstest.PNG(t, 2))
		bucket.Place("shop/bad.png", handlerstest.PNG(t, 3))
		bucket.AnswerAudits("product/second.png", c.audit)
		bucket.AnswerAudits("shop/bad.png", costest.AuditForbidden)
		id := release(g, bobToken, "product_content", handlerstest.JSONText("很好用，很好用，很好用"+c.content),
			"pics", list(handlerstest.LampURL, "./api/external/get/pic/product/second.png"))
		bucket.Requests()
		g.RunJobs()
		asked := bucket.Requests()["audit"] > 0
		note := g.OK("product/detail", bobToken, idData(id)).Field("review_note")
		if got := state(g, bobToken, id); got != c.state || note != c.note || hidden(g, aliceToken, id) != (got != "on_sale") {
			t.Errorf("%s, audit %d %s: %s, %q", c.way, c.audit, c.content, got, note)
		}
		if c.way != market.ReviewOff && asked == (c.content == handlerstest.RefusedWord) {
			t.Errorf("%s, audit %d %s: asked about pictures: %t", c.way, c.audit, c.content, asked)
		}
		if c.state != "waiting" {
			continue
		}
		if rows := g.OK("product/reviews", adminToken, `{}`); rows.Rows(t, "product_id") != id || rows.Rows(t, "review_note") != c.note {
			t.Errorf("admins see %s", rows.Raw)
		}
		decide(g, id, "1")
		if a := g.OK("product/detail", bobToken, idData(id)); a.Field("review_state") != "2" || state(g, bobToken, id) != "on_sale" {
			t.Errorf("passed by an admin: %s", a.Raw)
		}
	}
}

// A picture that is gone by then is told as that.
func TestPictureGoneBeforeTheReview(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	g := handlerstest.Start(t, auditedBy(t, bucket, patience))
	g.SecondHand()
	bucket.Place("product/second.png", handlerstest.PNG(t, 2))
	bucket.Place("check/audited", handlerstest.PNG(t, 3)) // by campusgate check, and nobody's
	g.Refuses("product/release", bobToken, handlerstest.NewSecondHand().With("pics", list("./api/external/get/pic/check/audited")).String(), 103, "Picture error")
	id := release(g, bobToken, "pics", list("./api/external/get/pic/product/second.png"))
	store, err := pictures.NewCOS(pictures.COSOptions{BucketURL: bucket.URL, SecretID: costest.SecretID, SecretKey: costest.SecretKey, Timeout: patience})
	handlerstest.Must(t, err)
	handlerstest.Must(t, store.Remove(t.Context(), pictures.Key{From: "product", Name: "second.png"}))
	g.RunJobs()
	if note := g.OK("product/detail", bobToken, idData(id)).Field("review_note"); note != "pics[0]: the picture is not there any more" {
		t.Errorf("%s: %q", state(g, bobToken, id), note)
	}
}

// An auditing that does not answer is asked again, ever more rarely, for 24 hours; then the
// product is the admins', who could have decided before.
func TestAuditWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, audit := range map[string]costest.Audit{
		"empty":  costest.AuditEmpty,
		"errors": costest.AuditError,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bucket := costest.Start(t)
			g := handlerstest.Start(t, auditedBy(t, bucket, patience))
			g.SecondHand()
			id := release(g, bobToken)
			bucket.AnswerAudits("", audit)
			bucket.Requests()
			for range 24*6 - 1 {
				g.RunJobs()
				g.Clock.Advance(10 * time.Minute)
			}
			note := func() string { return g.OK("product/detail", bobToken, idData(id)).Field("review_note") }
			// Each time up to three requests, within the time-out.
			if asked := bucket.Requests()["audit"]; asked < 3*25 || asked > 3*35 || note() != "" || state(g, bobToken, id) != "waiting" {
				t.Errorf("within a day: asked %d times, %s, %q", asked, state(g, bobToken, id), note())
			}
			if waits := g.OK("product/reviews", adminToken, `{}`).Rows(t, "product_id"); waits != id {
				t.Errorf("admins see %s", waits)
			}
			for range 12 {
				g.Clock.Advance(10 * time.Minute)
				g.RunJobs()
			}
			if note() != "pics: could not be checked within 24 hours" || state(g, bobToken, id) != "waiting" {
				t.Errorf("after a day: %s, %q", state(g, bobToken, id), note())
			}
			bucket.AnswerAudits("", costest.AuditNormal)
			g.Clock.Advance(24 * time.Hour)
			if g.RunJobs(); state(g, bobToken, id) != "waiting" {
				t.Errorf("a day later: %s", state(g, bobToken, id))
			}
			// A new version is looked at at once.
			g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_price":20}`)
			g.RunJobs()
			if state(g, bobToken, id) != "on_sale" || note() != "" {
				t.Errorf("edited: %s, %q", state(g, bobToken, id), note())
			}
		})
	}
}

// Once the auditing answers again, the next try decides; an edit is not left to wait for it.
func TestAuditAnswersAgain(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	g := handlerstest.Start(t, auditedBy(t, bucket, patience))
	g.SecondHand()
	first, second := release(g, bobToken), release(g, bobToken)
	bucket.AnswerAudits("", costest.AuditFailed)
	for range 30 {
		g.RunJobs()
		g.Clock.Advance(10 * time.Minute)
	}
	bucket.AnswerAudits("", costest.AuditNormal)
	g.RunJobs()
	g.OK("product/edit", bobToken, `{"product_id":`+first+`,"product_price":20}`)
	g.RunJobs()
	if state(g, bobToken, first) != "on_sale" {
		t.Errorf("edited: %s", state(g, bobToken, first))
	}
	g.Clock.Advance(time.Hour)
	g.RunJobs()
	if state(g, bobToken, second) != "on_sale" {
		t.Errorf("tried again: %s", state(g, bobToken, second))
	}
}

// A bucket that is silent holds neither the job longer than its time-out, nor anybody else.
func TestAuditIsSilent(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	g := handlerstest.Start(t, auditedBy(t, bucket, 300*time.Millisecond))
	g.SecondHand()
	id := release(g, bobToken)
	_, release := bucket.HoldAudits()
	defer release()
	g.RunJobs()
	if state(g, bobToken, id) != "waiting" {
		t.Errorf("without an answer: %s", state(g, bobToken, id))
	}
}

// What happens to a product while its pictures are looked at holds: the verdict is that of
// the version that was looked at, and no transaction waits for it.
func TestProductChangesWhileItIsAudited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(g *handlerstest.Gateway, id string)
		state  string
		price  string
		told   []string
	}{
		{"edited", func(g *handlerstest.Gateway, id string) {
			g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_price":20,"pics":["./api/external/get/pic/product/bad.png"]}`)
		}, "refused", "20", []string{"商品未通过审核"}},
		{"edited and back", func(g *handlerstest.Gateway, id string) {
			g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_price":20}`)
			g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_price":35}`)
		}, "on_sale", "35", []string{"商品已通过审核"}},
		{"withdrawn", func(g *handlerstest.Gateway, id string) {
			g.OK("product/withdraw", bobToken, idData(id))
		}, "withdrawn", "35", nil},
		{"refused by an admin", func(g *handlerstest.Gateway, id string) { decide(g, id, "0") }, "refused", "35", []string{"商品未通过审核"}},
		{"passed by an admin", func(g *handlerstest.Gateway, id string) { decide(g, id, "1") }, "on_sale", "35", []string{"商品已通过审核"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bucket := costest.Start(t)
			g := handlerstest.Start(t, auditedBy(t, bucket, patience))
			g.SecondHand()
			bucket.Place("product/bad.png", handlerstest.PNG(t, 3))
			bucket.AnswerAudits("product/bad.png", costest.AuditForbidden)
			id := release(g, bobToken)
			asked, goOn := bucket.HoldAudits()
			done := make(chan struct{})
			go func() {
				defer close(done)
				g.RunJobs()
			}()
			<-asked
			c.change(g, id)
			goOn()
			<-done
			a := g.OK("product/detail", bobToken, idData(id))
			told := strings.Fields(g.OK("notice/list", bobToken, `{}`).Rows(t, "title"))
			if state(g, bobToken, id) != c.state || a.Field("product_price") != c.price || !slices.Equal(told, c.told) {
				t.Errorf("%s, told %q: %s", state(g, bobToken, id), told, a.Raw)
			}
		})
	}
}
