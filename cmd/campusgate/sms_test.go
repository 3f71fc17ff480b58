package main

import (
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"campusgate/handlers/captcha/sms/smstest"
)

// byTencent is an environment that sends by a provider.
func byTencent(environ []string, provider *smstest.Server, more ...string) []string {
	return append(append(environ,
		"CAMPUSGATE_SMS_DRIVER=tencent", "CAMPUSGATE_SMS_ENDPOINT="+provider.URL(),
		"CAMPUSGATE_SMS_SECRET_ID="+smstest.SecretID, "CAMPUSGATE_SMS_SECRET_KEY="+smstest.SecretKey,
		"CAMPUSGATE_SMS_APP_ID="+smstest.AppID, "CAMPUSGATE_SMS_SIGN="+smstest.Sign,
		"CAMPUSGATE_SMS_TEMPLATE_ID="+smstest.TemplateID, "CAMPUSGATE_SMS_REGION="+smstest.Region,
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_LOG_LEVEL=debug",
	), more...)
}

// The binary sends by Tencent Cloud, passes its refusals on, answers in time when
// it hangs or is down, and sends again when it is back; its log tells neither
// phone nor code.
func TestSMSByTencent(t *testing.T) {
	const phone = "13700000000"
	provider := smstest.Start(t)
	b := startBinary(t, t.TempDir(), byTencent(nil, provider, "CAMPUSGATE_SMS_TIMEOUT=2s"))
	hash := b.solve(t)
	unsent := func(message string) {
		t.Helper()
		body := envelope("sms/generate", `{"phone":"`+phone+`","hash":"`+hash+`"}`)
		want := `{"id":1,` + message + `,"data":{}}`
		if got := request(t, http.MethodPost, b.url("/captcha"), body).raw; got != want {
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

	salt := b.call(t, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+hash+`"}`).field("rand")
	messages := provider.Messages()
	if len(messages) != 1 || messages[0].Phone != "+86"+phone {
		t.Fatalf("the provider took %v", messages)
	}
	b.call(t, "/captcha", "sms/validate", `{"phone":"`+phone+`","hash":"`+md5Hex(messages[0].Code+salt)+`"}`)
	if log := b.stderr.String(); strings.Contains(log, phone) || strings.Contains(log, messages[0].Code) {
		t.Errorf("the phone or the code %s is in the log:\n%s", messages[0].Code, log)
	}
}

func TestCheckAsksTencent(t *testing.T) {
	provider := smstest.Start(t)
	check := func(status int, line string, more ...string) {
		t.Helper()
		got := runCommand(t, byTencent(embedded(t.TempDir()), provider, more...), "check").want(t, status)
		if !strings.Contains(got.stdout, "\nsms       tencent: "+line) {
			t.Errorf("no %q in %s", line, got.stdout)
		}
		if strings.Contains(got.stdout+got.stderr, smstest.SecretKey) || strings.Contains(got.stdout+got.stderr, smstest.SecretID) {
			t.Errorf("the key is shown: %+v", got)
		}
	}
	check(exitOK, "ok\n")
	check(exitFailed, "FAILED: sms.secret_id, sms.secret_key: sms refused: 1007 The provided credentials", "CAMPUSGATE_SMS_SECRET_KEY=wrong")
	provider.RefuseRequests("InternalError", "try again")
	check(exitFailed, "FAILED: sms.endpoint: sms refused: 1007 try again (InternalError")
	provider.Stop()
	check(exitFailed, "FAILED: sms.endpoint: call "+provider.URL()+": ")
	if got := provider.Messages(); len(got) != 0 {
		t.Errorf("check sent %v", got)
	}
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
