package e2e

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// How far an account has come.
const (
	begun = iota
	accountRegistered
	accountVerified
	accountDeleted
)

// Whenever the process dies, an account is registered whole, verified whole and deleted
// whole, or not at all, and what was acknowledged is so.
func TestAccountsSurviveSIGKILL(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	owners := make([]*owner, 3)
	for i := range owners {
		owners[i] = &owner{first: 1000 * i, come: map[string]int{}}
	}
	times := crashes(t)
	for range times {
		b := campusgatetest.Start(t, folder, []string{"CAMPUSGATE_CAPTCHA_LOG_CODES=true"})
		killOwners(t, b, owners)
		db, err := sql.Open("sqlite", campusgatetest.DatabaseIn(filepath.Join(folder, "data")))
		must(t, err)
		wantWholeAccounts(t, db)
		for _, o := range owners {
			o.check(t, db)
		}
		must(t, db.Close())
		if t.Failed() {
			return
		}
	}
	come := map[int]int{}
	for _, o := range owners {
		for _, far := range o.come {
			come[far]++
		}
	}
	t.Logf("%d kills; accounts were cut short %d times, %d times when registered, %d times when verified; %d were deleted",
		times, come[begun], come[accountRegistered], come[accountVerified], come[accountDeleted])
}

// killOwners kills a process at a random moment while accounts come and go.
func killOwners(t *testing.T, b *campusgatetest.Process, owners []*owner) {
	t.Helper()
	var working sync.WaitGroup
	var answered atomic.Int64
	gone := make(chan struct{})
	for _, o := range owners {
		o.server, o.gone, o.answered = b, gone, &answered
		working.Go(func() {
			for o.live(t) {
			}
		})
	}
	killAfter(t, b, rand.Int64N(150), &answered)
	close(gone)
	working.Wait()
}

// An owner has one account after the other, and remembers what was acknowledged.
type owner struct {
	first, made int
	come        map[string]int // by phone
	server      *campusgatetest.Process
	gone        <-chan struct{} // closed when the server was killed
	answered    *atomic.Int64   // calls of all owners
}

const (
	ownerPassword = "correct horse"
	ownerPhoto    = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

// live is the life of an account; it is cut short where the server is gone.
func (o *owner) live(t *testing.T) bool {
	o.made++
	number := o.first + o.made
	phone := fmt.Sprintf("137%08d", number)
	salt, code, ok := o.code(t, phone)
	if !ok {
		return false
	}
	o.come[phone] = begun
	registered, ok := o.send(t, "/account", "user/register", fmt.Sprintf(
		`{"phone":"%s","sms_hash":"%s","password":"%s","user_name":"owner-%d"}`, phone, campusgatetest.MD5(code+salt), ownerPassword, number))
	if !ok {
		return false
	}
	o.come[phone] = accountRegistered
	token := "?token=" + registered.Field("token")
	if _, ok = o.send(t, "/address"+token, "address/creat", `{"name":"王凌超","phone":"`+phone+`","address":"东和公寓"}`); !ok {
		return false
	}
	_, ok = o.send(t, "/user"+token, "user/verify", `{"real_name":"王凌超","id_code":"11010519491231002X","pic_up":"`+ownerPhoto+`","pic_down":"`+ownerPhoto+`"}`)
	if !ok {
		return false
	}
	o.come[phone] = accountVerified
	if _, ok = o.send(t, "/user"+token, "user/delete", `{"password":"`+ownerPassword+`"}`); ok {
		o.come[phone] = accountDeleted
	}
	return ok
}

// code has a code sent to a phone and reads it in the log.
func (o *owner) code(t *testing.T, phone string) (salt, code string, ok bool) {
	drawn, ok := o.send(t, "/captcha", "img/generate", `{}`)
	if !ok {
		return "", "", false
	}
	picture, ok := o.logged(`captcha rand=` + drawn.Field("rand") + ` code=(\w+)`)
	if !ok {
		return "", "", false
	}
	sent, ok := o.send(t, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+campusgatetest.MD5(strings.ToLower(picture)+drawn.Field("rand"))+`"}`)
	if !ok {
		return "", "", false
	}
	code, ok = o.logged(`sms phone=` + phone + ` code=(\d+)`)
	return sent.Field("rand"), code, ok
}

// logged waits for a line of the log, which may come after the answer, or never.
func (o *owner) logged(pattern string) (group string, ok bool) {
	compiled := regexp.MustCompile(pattern)
	for {
		if groups := compiled.FindStringSubmatch(o.server.Stderr.String()); groups != nil {
			return groups[1], true
		}
		select {
		case <-o.gone:
			return "", false
		case <-time.After(time.Millisecond):
		}
	}
}

// send makes a call, and reports whether it was acknowledged.
func (o *owner) send(t *testing.T, path, call, data string) (campusgatetest.Reply, bool) {
	answer, err := campusgatetest.Send(t.Context(), http.MethodPost, o.server.URL(path), campusgatetest.Envelope(call, data))
	if err != nil {
		return answer, false
	}
	if answer.Status != 0 {
		t.Errorf("%s: %s\n%s", call, answer.Raw, o.server.Stderr)
	}
	o.answered.Add(1)
	return answer, answer.Status == 0
}

// wantWholeAccounts counts accounts that are half of something.
func wantWholeAccounts(t *testing.T, db *sql.DB) {
	t.Helper()
	for half, query := range map[string]string{
		"registered": `SELECT COUNT(*) FROM users u LEFT JOIN profiles p ON p.user_id = CAST(u.id AS TEXT)
			WHERE p.user_id IS NULL OR p.state = 0 AND (p.password = '' OR p.phone IS NULL OR LENGTH(p.phone_hash) <> 32 OR p.name <> u.name
				OR NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = p.user_id)
				OR NOT EXISTS (SELECT 1 FROM notices n WHERE n.user_id = p.user_id))`,
		"verified": `SELECT COUNT(*) FROM profiles p WHERE p.state = 0 AND
			(p.verify_state = 1) + EXISTS (SELECT 1 FROM identities i WHERE i.user_id = p.user_id AND i.state = 1)
			+ (SELECT COUNT(*) FROM identity_pictures i WHERE i.user_id = p.user_id) NOT IN (0, 4)`,
		"deleted": `SELECT COUNT(*) FROM profiles p JOIN users u ON p.user_id = CAST(u.id AS TEXT)
			WHERE p.state = 2 AND (u.name <> '已注销' OR p.name <> '已注销' OR p.password <> '' OR p.phone IS NOT NULL OR p.name_key IS NOT NULL
				OR LENGTH(p.phone_hash) <> 32 OR p.beli <> 0
				OR EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = p.user_id)
				OR EXISTS (SELECT 1 FROM addresses a WHERE a.user_id = p.user_id)
				OR EXISTS (SELECT 1 FROM notices n WHERE n.user_id = p.user_id)
				OR EXISTS (SELECT 1 FROM identity_pictures i WHERE i.user_id = p.user_id)
				OR EXISTS (SELECT 1 FROM identities i WHERE i.user_id = p.user_id AND LENGTH(i.sealed) > 0)
				OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.user_id = p.user_id AND a.call_name = 'user/delete'))`,
		"deleted, but not in its profile": `SELECT COUNT(*) FROM users u JOIN profiles p ON p.user_id = CAST(u.id AS TEXT)
			WHERE p.state <> 2 AND (u.name = '已注销'
				OR EXISTS (SELECT 1 FROM audit a WHERE a.user_id = p.user_id))`,
	} {
		var count int
		must(t, db.QueryRowContext(t.Context(), query).Scan(&count))
		if count > 0 {
			t.Errorf("%d accounts are half %s", count, half)
		}
	}
}

// check looks for what was acknowledged: the phone of a deleted account is nobody's.
func (o *owner) check(t *testing.T, db *sql.DB) {
	t.Helper()
	for phone, come := range o.come {
		var there, verified int
		must(t, db.QueryRowContext(t.Context(), `
			SELECT COUNT(*), COALESCE(MAX(verify_state), 0) FROM profiles WHERE phone = ?`, phone).Scan(&there, &verified))
		switch {
		case come == accountRegistered && there == 0, come == accountVerified && there == 1 && verified == 0, come == accountDeleted && there == 1:
			t.Errorf("%s had come to %d: %d accounts, verify state %d", phone, come, there, verified)
		}
	}
}
