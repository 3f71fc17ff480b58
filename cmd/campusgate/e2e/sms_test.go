package e2e

import (
	"net/http"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/captcha/sms/smstest"
)

// The binary sends by Tencent Cloud, passes its refusals on, answers in time when
// it hangs or is down, and sends again when it is back; its log tells neither
// phone nor code.
func TestSMSByTencent(t *testing.T) {
	t.Parallel()
	const phone = "13700000000"
	provider := smstest.Start(t)
	b := campusgatetest.Start(t, t.TempDir(), campusgatetest.ByTencent(nil, provider, "CAMPUSGATE_SMS_TIMEOUT=2s"))
	hash := b.Solve(t)
	unsent := func(message string) {
		t.Helper()
		body := campusgatetest.Envelope("sms/generate", `{"phone":"`+phone+`","hash":"`+hash+`"}`)
		want := `{"id":1,` + message + `,"data":{}}`
		if got := campusgatetest.Request(t, http.MethodPost, b.URL("/captcha"), body).Raw; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	provider.RefuseMessages("FailedOperation.InsufficientBalanceInSmsPackage", "no money")
	unsent(`"status":1031,"message":"套餐包余量不足"`)
	provider.Hang()
	unsent(`"status":60008,"message":"处理请求超时"`)
	provider.Stop()
	unsent(`"status":60008,"message":"处理请求超时"`)
	provider.Take()
	provider.Restart()

	salt := b.Call(t, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+hash+`"}`).Field("rand")
	messages := provider.Messages()
	if len(messages) != 1 || messages[0].Phone != "+86"+phone {
		t.Fatalf("the provider took %v", messages)
	}
	b.Call(t, "/captcha", "sms/validate", `{"phone":"`+phone+`","hash":"`+campusgatetest.MD5(messages[0].Code+salt)+`"}`)
	if log := b.Stderr.String(); strings.Contains(log, phone) || strings.Contains(log, messages[0].Code) {
		t.Errorf("the phone or the code %s is in the log:\n%s", messages[0].Code, log)
	}
}
