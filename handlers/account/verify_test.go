package account_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

const (
	verifiedAlready = "Verified already"
	identityUsed    = "The identity was used"
	nothingToReview = "Nothing to review"
	notConfigured   = "Channel not configured"

	realName  = "王凌超"
	idCode    = "11010519491231002X"
	otherCode = "440524188001010014"
)

// claim is the data of user/verify.
func claim(t *testing.T, code string) handlerstest.Fields {
	t.Helper()
	return handlerstest.Fields{
		"real_name": handlerstest.Quoted(realName), "id_code": handlerstest.Quoted(code),
		"pic_up":   handlerstest.Quoted(handlerstest.Base64(handlerstest.PNG(t, 1))),
		"pic_down": handlerstest.Quoted(handlerstest.Base64(handlerstest.PNG(t, 2))),
	}
}

// review is the data of user/review.
func review(user, pass, note string) string {
	return `{"user_id":` + user + `,"pass":` + pass + `,"note":"` + note + `"}`
}

// wantVerify checks what alice is told of her identity.
func wantVerify(g *handlerstest.Gateway, state, note string) {
	g.T.Helper()
	a := g.OK("user/info", aliceToken, `{}`)
	if a.Field("verify_state") != state || a.Field("verify_note") != note {
		g.T.Errorf("want state %s, note %q: %s", state, note, a.Raw)
	}
}

func TestVerifyFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	data := claim(t, idCode)
	picture := func(key string) handlerstest.FieldRow {
		return handlerstest.FieldRow{Key: key, Absent: -3, Empty: -201, Kind: handlerstest.Text, Bad: []string{
			`"!"`, handlerstest.Quoted(handlerstest.Base64([]byte("<svg/>"))), handlerstest.Quoted(handlerstest.Base64(handlerstest.PNG(t, 1)[:40])),
			handlerstest.Quoted(handlerstest.Base64(handlerstest.Padded(handlerstest.PNG(t, 1), 1<<20+1))),
		}}
	}
	g.EachCase([]handlerstest.FieldRow{
		{Key: "real_name", Absent: -3, Empty: -201, Kind: handlerstest.Text, Bad: []string{
			`" "`, `"王"`, `"王1"`, `" 王凌"`, `"王凌 "`, handlerstest.Quoted(strings.Repeat("王", 51)),
		}},
		{Key: "id_code", Absent: -3, Empty: -201, Kind: handlerstest.Text, Bad: []string{
			`" "`, `"110105194912310021"`, `"110105491231002"`, `"11010519490229002X"`, `"33010220191129000X"`, `"１１０１０５１９４９１２３１００２X"`,
		}},
		picture("pic_up"), picture("pic_down"),
	}, func(g *handlerstest.Gateway, row handlerstest.FieldRow, c handlerstest.FieldCase) {
		if c.Status != 0 {
			g.RefusesValue("user/verify", aliceToken, data.With(row.Key, c.Value), row.Key, c.Status)
		}
	})
	for _, name := range []string{"Ann Lee", "买买提·艾合买提", "Zoe\u0308"} {
		within := handlerstest.Start(t)
		within.OK("user/verify", aliceToken, data.With("real_name", handlerstest.Quoted(name)).With("id_code", `"11010519491231002x"`).String()).WantData(t, `{}`)
		want := strings.ReplaceAll(name, "e\u0308", "ë")
		a := within.OK("user/identity", adminToken, `{"user_id":"`+handlerstest.Alice+`"}`)
		if a.Field("real_name") != want || a.Field("id_code") != idCode {
			t.Errorf("%s", a.Raw)
		}
	}
}

// An identity from its claim to the end of its pictures.
func TestVerify(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	user := `{"user_id":"` + handlerstest.Alice + `"}`
	g.Refuses("user/identity", adminToken, user, 106, userNotExist)
	g.Refuses("user/review", adminToken, review(handlerstest.Alice, "1", ""), 110, nothingToReview)

	data := claim(t, idCode)
	g.OK("user/verify", aliceToken, data.String()).WantData(t, `{}`)
	wantVerify(g, "1", "")
	g.Refuses("user/verify", aliceToken, data.String(), 108, verifiedAlready)
	shown := `{"real_name":"王凌超","id_code":"11010519491231002X","pic_up":` + data["pic_up"] + `,"pic_down":` + data["pic_down"] + `}`
	g.OK("user/identity", adminToken, user).WantData(t, shown)
	if got := g.OK("user/list", adminToken, `{"verify_state":1}`).Rows(t, "user_id"); got != handlerstest.Alice {
		t.Errorf("%q wait", got)
	}

	g.OK("user/review", adminToken, review(handlerstest.Alice, "0", "看不清")).WantData(t, `{}`)
	wantVerify(g, "3", "看不清")
	g.Refuses("user/review", adminToken, review(handlerstest.Alice, "1", ""), 110, nothingToReview)
	// It is sent again, refused, and sent once more: the pictures stay for 30 days after
	// the last decision, and as long as one is waited for.
	day := 0
	at := func(later int) {
		g.Clock.Advance(time.Duration(later-day) * 24 * time.Hour)
		day = later
		g.RunJobs()
	}
	at(20)
	g.OK("user/verify", aliceToken, data.String())
	wantVerify(g, "1", "")
	at(25)
	g.OK("user/review", adminToken, review(handlerstest.Alice, "0", ""))
	at(54)
	g.OK("user/verify", aliceToken, data.String())
	at(60)
	g.OK("user/identity", adminToken, user).WantData(t, shown)
	g.OK("user/review", adminToken, review(handlerstest.Alice, "1", "")).WantData(t, `{}`)
	wantVerify(g, "2", "")
	g.Refuses("user/verify", aliceToken, data.String(), 108, verifiedAlready)
	if got := g.OK("user/info", bobToken, user).Field("verified"); got != "true" {
		t.Errorf("to others verified is %s", got)
	}
	at(89)
	g.OK("user/identity", adminToken, user).WantData(t, shown)
	at(90)
	g.OK("user/identity", adminToken, user).WantData(t, `{"real_name":"王凌超","id_code":"11010519491231002X","pic_up":"","pic_down":""}`)

	wantAudits(g,
		storage.Audit{Call: "user/identity"}, storage.Audit{Call: "user/review", Before: "1", After: "3 看不清"},
		storage.Audit{Call: "user/review", Before: "1", After: "3 "}, storage.Audit{Call: "user/identity"},
		storage.Audit{Call: "user/review", Before: "1", After: "2 "}, storage.Audit{Call: "user/identity"}, storage.Audit{Call: "user/identity"})
	if got := titles(g, handlerstest.Alice); got != "实名认证已通过 实名认证未通过 实名认证未通过" {
		t.Errorf("told is %s", got)
	}
}

// wantAudits compares the audit: all rows are the admin's, about alice.
func wantAudits(g *handlerstest.Gateway, want ...storage.Audit) {
	g.T.Helper()
	got, err := g.DB.Audits(g.T.Context(), storage.Page{})
	handlerstest.Must(g.T, err)
	got = slices.DeleteFunc(got, func(row storage.Audit) bool { return row.Call == "user/list" }) // which looked for it
	for i := range got {
		got[i].Time = 0
	}
	for i := range want {
		want[i].UserID, want[i].Target = handlerstest.Admin, "user "+handlerstest.Alice
	}
	if diff := cmp.Diff(want, got); diff != "" {
		g.T.Errorf("audit (-want +got):\n%s", diff)
	}
}

// titles are those of the notices of a user, the newest first.
func titles(g *handlerstest.Gateway, user string) string {
	g.T.Helper()
	notices, _, err := g.DB.Notices(g.T.Context(), user, false, storage.Page{})
	handlerstest.Must(g.T, err)
	var titles []string
	for _, notice := range notices {
		titles = append(titles, notice.Title)
	}
	return strings.Join(titles, " ")
}

// An identity passes for one account. Two may wait.
func TestIdentityUsed(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, waiting := range []string{aliceToken, bobToken} {
		g.OK("user/verify", waiting, claim(t, idCode).String())
	}
	g.OK("user/review", adminToken, review(handlerstest.Bob, "1", ""))
	g.Refuses("user/review", adminToken, review(handlerstest.Alice, "1", ""), 109, identityUsed)
	g.OK("user/review", adminToken, review(handlerstest.Alice, "0", ""))
	g.Refuses("user/verify", aliceToken, claim(t, idCode).String(), 109, identityUsed)
	g.OK("user/verify", aliceToken, claim(t, otherCode).String())
	g.OK("user/review", adminToken, review(handlerstest.Alice, "1", ""))
}

// Of admins who decide at once, one does.
func TestReviewTogether(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("user/verify", aliceToken, claim(t, idCode).String())
	answers := handlerstest.Together(6, func(i int) handlerstest.Answer {
		return g.Call("user/review", adminToken, review(handlerstest.Alice, []string{"0", "1"}[i%2], ""))
	})
	if got := handlerstest.Count(answers); got["0 successful"] != 1 || got["110 "+nothingToReview] != 5 {
		t.Errorf("%v", got)
	}
}

func TestIdentityAndReviewFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("user/verify", aliceToken, claim(t, idCode).String())
	for call, data := range map[string]handlerstest.Fields{
		"user/identity": {"user_id": handlerstest.Alice},
		"user/review":   {"user_id": handlerstest.Alice, "pass": "1", "note": `"a"`},
	} {
		rows := []handlerstest.FieldRow{{Key: "user_id", Absent: -3, Empty: -201, Kind: handlerstest.DigitText}}
		if call == "user/review" {
			rows = append(rows, handlerstest.FieldRow{Key: "pass", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Bad: []string{"2", "-1"}},
				handlerstest.FieldRow{Key: "note", Kind: handlerstest.Text, Limit: 200})
		}
		g.EachCase(rows, func(g *handlerstest.Gateway, row handlerstest.FieldRow, c handlerstest.FieldCase) {
			if c.Status != 0 {
				g.RefusesValue(call, adminToken, data.With(row.Key, c.Value), row.Key, c.Status)
			}
		})
		g.Refuses(call, aliceToken, data.String(), -103, "No permission to operate")
		g.Refuses(call, adminToken, data.With("user_id", handlerstest.Admin).String(), -103, "No permission to operate")
		g.Refuses(call, adminToken, data.With("user_id", "1").String(), 106, userNotExist)
		g.Refuses(call, adminToken, data.With("user_id", `"0`+handlerstest.Alice+`"`).String(), 106, userNotExist)
	}
	g.Refuses("user/review", adminToken, review(handlerstest.Alice, "0", handlerstest.RefusedWord), -305, "Content refused")
	wantVerify(g, "1", "")
}

// Without a secret nothing could be encrypted.
func TestVerifyWithoutSecret(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Keyring = nil })
	g.Refuses("user/verify", aliceToken, claim(t, idCode).String(), -503, notConfigured)
	g.Refuses("user/identity", adminToken, `{"user_id":"`+handlerstest.Bob+`"}`, -503, notConfigured)
	g.OK("user/export", aliceToken, `{}`)
}

// A frozen account is not verified.
func TestVerifyFrozen(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("user/freeze", adminToken, `{"user_id":"`+handlerstest.Alice+`","state":1}`)
	g.Refuses("user/verify", aliceToken, claim(t, idCode).String(), -301, "Account is frozen")
	g.OK("user/export", aliceToken, `{}`)
}

// The same claim with the same key is one; the key is free after a claim that failed.
func TestVerifyOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	data := claim(t, idCode).With("request_key", `"abcdefgh"`)
	g.Refuses("user/verify", aliceToken, data.With("id_code", `"1"`).String(), -204, "Arg's value error")
	for _, a := range handlerstest.Together(4, func(int) handlerstest.Answer { return g.Call("user/verify", aliceToken, data.String()) }) {
		a.Want(t, 0, "successful")
	}
	g.Refuses("user/verify", aliceToken, data.With("id_code", handlerstest.Quoted(otherCode)).String(), -303, "Repeated request")
	g.Refuses("user/verify", aliceToken, data.With("request_key", "").String(), 108, verifiedAlready)
}

// What is stored of an identity says nothing without the secret, and where a photo was
// taken is not kept at all.
func TestIdentityIsEncrypted(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	photo, err := os.ReadFile(filepath.Join("..", "..", "storage", "pictures", "testdata", "location", "pillow.jpg"))
	handlerstest.Must(t, err)
	without := pictures.DropLocation(bytes.Clone(photo))
	g.OK("user/verify", aliceToken, claim(t, idCode).With("pic_up", handlerstest.Quoted(handlerstest.Base64(photo))).String())
	identity, err := g.DB.Identity(t.Context(), handlerstest.Alice)
	handlerstest.Must(t, err)
	stored := bytes.Join([][]byte{identity.Sealed, identity.IDHash}, nil)
	for side := range 2 {
		picture, err := g.DB.IdentityPicture(t.Context(), handlerstest.Alice, side)
		handlerstest.Must(t, err)
		stored = append(stored, picture...)
	}
	for _, plain := range []string{realName, idCode, "PNG", "JFIF", "Exif"} {
		if bytes.Contains(stored, []byte(plain)) {
			t.Errorf("%q is stored", plain)
		}
	}
	var shown struct {
		PicUp string `json:"pic_up"`
	}
	handlerstest.Must(t, json.Unmarshal(g.OK("user/identity", adminToken, `{"user_id":"`+handlerstest.Alice+`"}`).Data, &shown))
	picture, err := base64.StdEncoding.DecodeString(shown.PicUp)
	handlerstest.Must(t, err)
	if bytes.Equal(photo, without) || !bytes.Equal(picture, without) {
		t.Errorf("%d bytes are shown, want the photo without its place, %d", len(picture), len(without))
	}
}
