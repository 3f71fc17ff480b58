package contact_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// noticeRow is a notice of [handlerstest.Gateway.Tell] in a list, with some of its fields
// replaced.
func noticeRow(id int64, content string, changes ...string) string {
	return handlerstest.Object([]string{
		"notice_id", strconv.FormatInt(id, 10), "kind", `"order"`, "title", `"订单已发货"`, "content", handlerstest.Quoted(content),
		"order_id", handlerstest.Quoted(handlerstest.DocumentPurchase), "product_id", "4517733", "read", "0", "creat_time", `"2019-11-28 22:25:52"`,
	}, changes)
}

func noticeList(num int, rows ...string) string {
	return fmt.Sprintf(`{"num":%d,"list":[%s]}`, num, strings.Join(rows, ","))
}

func TestNotices(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("notice/list", aliceToken, `{}`).WantData(t, noticeList(0))
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":0}`)
	g.OK("notice/read", aliceToken, `{"all":true}`).WantData(t, `{}`)

	first := g.Tell(alice, "first")
	his := g.Tell(bob, "his")
	g.Clock.Advance(time.Hour)
	second := g.Tell(alice, "second")
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error { // about nothing, without a text
		return tx.AddNotice(t.Context(), storage.Notice{UserID: alice, Key: "third", Kind: "account", Title: "a", CreatTime: g.Clock.Now().Unix()})
	}))
	third := second + 1
	if again := g.Tell(alice, "first"); again != third {
		t.Errorf("a notice was made twice: %d", again)
	}
	const late = `"2019-11-28 23:25:52"`
	bare := noticeRow(third, "", "kind", `"account"`, "title", `"a"`, "order_id", `""`, "product_id", "0", "creat_time", late)
	g.OK("notice/list", aliceToken, `{}`).WantData(t, noticeList(3, bare, noticeRow(second, "second", "creat_time", late), noticeRow(first, "first")))
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":3}`)

	// Of another's notice, and of none, nothing is read and nothing is told.
	g.OK("notice/read", aliceToken, fmt.Sprintf(`{"notice_ids":[%d,"%d",%d,-1,99999999999999999999]}`, second, first, his)).WantData(t, `{}`)
	g.OK("notice/count", bobToken, `{}`).WantData(t, `{"unread":1}`)
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":1}`)
	g.OK("notice/list", aliceToken, `{"unread":1}`).WantData(t, noticeList(1, bare))
	g.OK("notice/list", aliceToken, `{"unread":0,"page":2,"count":2}`).WantData(t, noticeList(3, noticeRow(first, "first", "read", "1")))
	g.OK("notice/list", aliceToken, `{"unread":1,"page":2,"count":2}`).WantData(t, noticeList(1))
	g.OK("notice/read", aliceToken, `{"notice_ids":[1],"all":true}`).WantData(t, `{}`)
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":0}`)
	g.OK("notice/list", aliceToken, `{"unread":1}`).WantData(t, noticeList(0))
	g.OK("notice/count", bobToken, `{}`).WantData(t, `{"unread":1}`)
}

func TestNoticeFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.FieldTable("notice/list", aliceToken, handlerstest.Fields{}, []handlerstest.FieldRow{
		{Key: "unread", Kind: handlerstest.Integer, Good: []string{"0", "1", `"1"`}, Bad: []string{"2", "-1"}},
		{Key: "page", Kind: handlerstest.Integer, Good: []string{"1", `"500"`}, Bad: []string{"0", "501", "10001"}},
		{Key: "count", Kind: handlerstest.Integer, Good: []string{"1", `"100"`}, Bad: []string{"0", "101"}},
	})
	unread := g.Tell(alice, "unread")
	ids := func(n int) string {
		return `{"notice_ids":[` + strings.TrimSuffix(strings.Repeat(fmt.Sprint(unread, ","), n), ",") + `]}`
	}
	for _, c := range []struct {
		data   string
		status int
		text   string
		key    string
	}{
		{`{}`, -3, "Error data key", "notice_ids"},
		{`{"all":false}`, -3, "Error data key", "notice_ids"},
		{`{"all":null,"notice_ids":null}`, -3, "Error data key", "notice_ids"},
		{`{"notice_ids":[]}`, -201, "Necessary key-value can't be empty", "notice_ids"},
		{`{"notice_ids":""}`, -201, "Necessary key-value can't be empty", "notice_ids"},
		{`{"notice_ids":[""]}`, -201, "Necessary key-value can't be empty", "notice_ids[0]"},
		{`{"notice_ids":[1,null]}`, -3, "Error data key", "notice_ids[1]"},
		{`{"notice_ids":1}`, -203, "Arg's value type error", "notice_ids"},
		{`{"notice_ids":[1.5]}`, -203, "Arg's value type error", "notice_ids[0]"},
		{`{"notice_ids":["x"]}`, -203, "Arg's value type error", "notice_ids[0]"},
		{`{"all":"true"}`, -203, "Arg's value type error", "all"},
		{`{"all":1}`, -203, "Arg's value type error", "all"},
		{ids(101), -204, "Arg's value error", "notice_ids"},
	} {
		g.Call("notice/read", aliceToken, c.data).WantDenied(t, c.data, c.status, c.text, c.key)
	}
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":1}`)
	g.OK("notice/read", aliceToken, ids(100))
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":0}`)
}

// A frozen account may read, and so have read.
func TestNoticesOfAFrozenAccount(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Tell(alice, "frozen")
	g.SetProfile(alice, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
	g.OK("notice/list", aliceToken, `{}`)
	g.OK("notice/read", aliceToken, `{"all":true}`)
	g.OK("notice/count", aliceToken, `{}`).WantData(t, `{"unread":0}`)
}
