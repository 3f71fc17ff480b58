package e2e

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/captcha/sms/smstest"
	"campusgate/handlers/contact/mail/mailtest"
)

// confidant makes the calls of accounts, and remembers what must be told to nobody else.
type confidant struct {
	*campusgatetest.Process
	t        *testing.T
	provider *smstest.Server
	hidden   []string
	told     strings.Builder // answers that tell nothing
}

// fails makes a call that fails with a status.
func (c *confidant) fails(path, call, data string, status int) {
	c.t.Helper()
	a := campusgatetest.Request(c.t, http.MethodPost, c.URL(path), campusgatetest.Envelope(call, data))
	if a.Status != status {
		c.t.Errorf("%s: want status %d: %s", call, status, a.Raw)
	}
	c.told.WriteString(a.Raw)
}

// code is the hash of an SMS that was sent to a phone.
func (c *confidant) code(phone string) (hash string) {
	c.t.Helper()
	salt := c.Call(c.t, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+c.Solve(c.t)+`"}`).Field("rand")
	messages := c.provider.Messages()
	code := messages[len(messages)-1].Code
	hash = campusgatetest.MD5(code + salt)
	c.hidden = append(c.hidden, code, hash)
	return hash
}

// Whatever becomes of the calls of accounts, no log line, metric, failure, notice and
// nothing that others are shown holds a password, a code, a token, a whole phone or an
// identity.
func TestCallsOfAccountsTellNoSecret(t *testing.T) {
	t.Parallel()
	const (
		phone, second, third   = "13712345678", "13787654321", "13711223344"
		password, changed      = "correct-horse-1", "battery-staple-2"
		realName, idCode, mail = "王凌超", "11010519491231002X", "secret-box@example.org"
		picture                = campusgatetest.OnePixel
	)
	folder := t.TempDir()
	provider, mails := smstest.Start(t), mailtest.Start(t, "none")
	host, port := mails.HostPort()
	environ := campusgatetest.ByTencent(campusgatetest.Embedded(folder), provider,
		"CAMPUSGATE_METRICS_LISTEN=127.0.0.1:0", "CAMPUSGATE_MAIL_HOST="+host, "CAMPUSGATE_MAIL_PORT="+strconv.Itoa(port),
		"CAMPUSGATE_MAIL_FROM="+mailtest.From, "CAMPUSGATE_MAIL_USERNAME="+mailtest.Username, "CAMPUSGATE_MAIL_PASSWORD="+mailtest.Password,
		"CAMPUSGATE_MAIL_TLS=none", "CAMPUSGATE_ACCOUNTS_OWN=true")
	admin := "?token=" + campusgatetest.AddUser(t, environ, "1180310088", "admin", "0")
	other := "?token=" + campusgatetest.AddUser(t, environ, "1180310087", "other", "0")
	campusgatetest.Run(t, environ, "role", "grant", "--user", "1180310088", "--role", "admin").Want(t, 0)
	c := &confidant{
		Process: campusgatetest.Start(t, folder, environ), t: t, provider: provider,
		hidden: []string{phone, second, third, password, changed, realName, idCode, picture, mailtest.Password},
	}
	verify := func(name, code, picture string) string {
		return `{"real_name":"` + name + `","id_code":"` + code + `","pic_up":"` + picture + `","pic_down":"` + picture + `"}`
	}

	registration := func(hash, password string) string {
		return `{"phone":"` + phone + `","sms_hash":"` + hash + `","password":"` + password + `","user_name":"alice"}`
	}
	wrong := strings.Repeat("0", 32)
	hash := c.code(phone)
	c.fails("/account", "user/register", registration(wrong, password), 102)
	c.fails("/account", "user/register", registration(hash, phone), 105)
	a := c.Call(t, "/account", "user/register", registration(hash, password))
	id, token := a.Field("user_id"), "?token="+a.Field("token")
	c.hidden = append(c.hidden, a.Field("token"))

	c.fails("/account", "user/login", `{"phone":"`+phone+`","password":"`+changed+`"}`, 103)
	c.fails("/account", "user/login", `{"phone":"`+phone+`","sms_hash":"`+wrong+`"}`, 102)
	a = c.Call(t, "/account", "user/login", `{"phone":"`+phone+`","password":"`+password+`"}`)
	c.hidden = append(c.hidden, a.Field("token"))
	c.fails("/user"+token, "user/password", `{"old":"`+changed+`","new":"`+password+`"}`, 107)
	c.fails("/user"+token, "user/password", `{"old":"`+password+`","new":"`+phone+`"}`, 105)
	c.Call(t, "/user"+token, "user/password", `{"old":"`+password+`","new":"`+changed+`"}`)
	c.fails("/account", "user/reset", `{"phone":"`+third+`","sms_hash":"`+c.code(third)+`","password":"`+password+`"}`, 106)
	c.fails("/account", "user/reset", `{"phone":"`+phone+`","sms_hash":"`+wrong+`","password":"`+password+`"}`, 102)

	salt := c.Call(t, "/user"+token, "user/mail", `{"email":"`+mail+`"}`).Field("rand")
	mails.Await(t.Context(), func() bool { return len(mails.Messages()) > 0 })
	mailed := regexp.MustCompile(`[0-9]{6}`).FindString(mails.Messages()[0].Body(t))
	c.hidden = append(c.hidden, mailed, campusgatetest.MD5(mailed+salt))
	c.fails("/user"+token, "user/contact", `{"email":"`+mail+`","hash":"`+wrong+`"}`, 102)
	c.Call(t, "/user"+token, "user/contact", `{"email":"`+mail+`","hash":"`+campusgatetest.MD5(mailed+salt)+`"}`)
	c.fails("/user"+token, "user/contact", `{"phone":"`+second+`","sms_hash":"`+wrong+`"}`, 102)
	c.Call(t, "/user"+token, "user/contact", `{"phone":"`+second+`","sms_hash":"`+c.code(second)+`"}`)
	c.fails("/user"+other, "user/contact", `{"phone":"`+second+`","sms_hash":"`+wrong+`"}`, 102)

	c.fails("/user"+token, "user/verify", verify(realName+"1", idCode, picture), -204)
	c.fails("/user"+token, "user/verify", verify(realName, idCode[:17]+"0", picture), -204)
	c.fails("/user"+token, "user/verify", verify(realName, idCode, picture[:40]), -204)
	c.Call(t, "/user"+token, "user/verify", verify(realName, idCode, picture))
	c.fails("/user"+token, "user/verify", verify(realName, idCode, picture), 108)
	c.fails("/user"+token, "user/identity", `{"user_id":`+id+`}`, -103)
	if shown := c.Call(t, "/user"+admin, "user/identity", `{"user_id":`+id+`}`); shown.Field("id_code") != idCode {
		t.Errorf("shown is %s", shown.Raw)
	}
	c.Call(t, "/user"+admin, "user/list", `{"key":"`+second+`"}`)
	c.Call(t, "/user"+admin, "user/review", `{"user_id":`+id+`,"pass":1,"note":""}`)
	c.fails("/user"+other, "user/verify", verify(realName, idCode, picture), 109)
	c.Call(t, "/user"+admin, "user/freeze", `{"user_id":`+id+`,"state":1}`)
	c.fails("/user"+token, "user/delete", `{"password":"`+changed+`"}`, -301)
	c.Call(t, "/user"+admin, "user/freeze", `{"user_id":`+id+`,"state":0}`)

	own := c.Call(t, "/user"+token, "user/export", `{}`).Raw
	if !strings.Contains(own, second) || strings.Contains(own, idCode) || strings.Contains(own, realName) {
		t.Errorf("exported to the account's owner is %s", own)
	}
	for path, calls := range map[string]map[string]string{
		"/user" + other:   {"user/export": `{}`, "user/info": `{"user_id":` + id + `}`},
		"/notice" + token: {"notice/list": `{}`},
		"/notice" + other: {"notice/list": `{}`},
	} {
		for call, data := range calls {
			c.told.WriteString(c.Call(t, path, call, data).Raw)
		}
	}
	c.told.WriteString(c.Call(t, "/user"+token, "user/info", `{}`).Raw)
	c.fails("/user"+token, "user/delete", `{"password":"`+password+`"}`, 103)
	c.Call(t, "/user"+token, "user/delete", `{"password":"`+changed+`"}`)
	c.fails("/account", "user/login", `{"phone":"`+second+`","password":"`+changed+`"}`, 103)
	c.told.WriteString(campusgatetest.Get(t, c.MetricsURL(t)).Raw)
	if status := c.Stop(); status != exitOK {
		t.Errorf("exit status %d", status)
	}

	for _, secret := range c.hidden {
		found := regexp.MustCompile(regexp.QuoteMeta(secret))
		if isCode := len(secret) == 6; isCode { // its digits may stand in a longer number
			found = regexp.MustCompile(`\b` + secret + `\b`)
		}
		for where, text := range map[string]string{"an answer, or the metrics": c.told.String(), "the log": c.Stderr.String()} {
			if found.MatchString(text) {
				t.Errorf("%q is in %s", secret, where)
			}
		}
	}
}
