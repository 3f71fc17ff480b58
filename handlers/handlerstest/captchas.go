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
