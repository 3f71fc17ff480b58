package handlerstest

import "strings"

// Captcha draws a captcha and reads its code in the log, as a person reads the
// picture.
func (g *Gateway) Captcha() (code, salt string) {
	g.T.Helper()
	salt = g.OK("img/generate", "", `{}`).Field("rand")
	_, line, found := strings.Cut(g.Log.String(), "captcha rand="+salt+" code=")
	if !found {
		g.T.Fatalf("no line of the captcha %q in the log", salt)
	}
	return line[:5], salt
}

// CaptchaHash is the hash of a fresh captcha.
func (g *Gateway) CaptchaHash() string {
	g.T.Helper()
	code, salt := g.Captcha()
	return MD5(strings.ToLower(code) + salt)
}

// SMSHash sends an SMS to a phone and is the hash of its code, which the log has.
func (g *Gateway) SMSHash(phone string) string {
	g.T.Helper()
	salt := g.OK("sms/generate", "", `{"phone":"`+phone+`","hash":"`+g.CaptchaHash()+`"}`).Field("rand")
	lines := strings.Split(g.Log.String(), "sms phone="+phone+" code=")
	if len(lines) == 1 {
		g.T.Fatalf("no SMS to %s in the log", phone)
	}
	return MD5(lines[len(lines)-1][:6] + salt)
}

// Register makes an account of our own by the calls that a person makes, and returns its
// id and token. Its password is [Password].
func (g *Gateway) Register(phone, name string) (id, token string) {
	g.T.Helper()
	a := g.OK("user/register", "", `{"phone":"`+phone+`","sms_hash":"`+g.SMSHash(phone)+`","password":"`+Password+`","user_name":"`+name+`"}`)
	return a.Field("user_id"), a.Field("token")
}

// Password is that of the accounts that [Gateway.Register] makes.
const Password = "correct horse"
