package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/sms"
	"campusgate/handlers/sms/smstest"
)

// startWithTencent is a gateway that sends by a provider of its own.
func startWithTencent(t *testing.T, timeout time.Duration) (*gateway, *smstest.Server) {
	t.Helper()
	provider := smstest.Start(t)
	settings := provider.Options()
	settings.Timeout = timeout
	sender, err := sms.NewTencent(settings)
	must(t, err)
	return start(t, func(o *options) { o.sender = sender }), provider
}

// wantHidden checks that the log tells no phone, and no code that was sent.
func (g *gateway) wantHidden(provider *smstest.Server) {
	g.t.Helper()
	log := g.log.String()
	if strings.Contains(log, phone) {
		g.t.Errorf("the phone is in the log: %s", log)
	}
	for _, sent := range provider.Messages() {
		if strings.Contains(log, sent.Code) {
			g.t.Errorf("the code %s is in the log: %s", sent.Code, log)
		}
	}
}

func TestSMSByTencent(t *testing.T) {
	g, provider := startWithTencent(t, 30*time.Second)
	salt := g.sendSMS(g.captchaHash(), phone).want(t, 0, "successful").field("rand")
	messages := provider.Messages()
	if len(messages) != 1 || messages[0].Phone != "+86"+phone {
		t.Fatalf("the provider took %v", messages)
	}
	g.ok("sms/validate", "", hashData(md5Hex(messages[0].Code+salt), `"phone":"`+phone+`"`))
	g.wantHidden(provider)
}

// A refusal has the provider's number, and counts neither for the picture nor for
// the phone.
func TestSMSRefusedByTencent(t *testing.T) {
	g, provider := startWithTencent(t, 30*time.Second)
	hash := g.captchaHash()
	for _, refusal := range []struct {
		code, message string
		status        int
		text          string
	}{
		{"FailedOperation.TemplateUnapprovedOrNotExist", "no such template", 1014, "模板未审批或请求的内容与审核通过的模板内容不匹配"},
		{"InvalidParameterValue.IncorrectPhoneNumber", "+86" + phone, 1016, "手机号格式错误"},
		{"LimitExceeded.PhoneNumberThirtySecondLimit", "too many", 1023, "单个手机号30秒内下发短信条数超过设定的上限"},
		{"UnsupportedOperation.", "", 1030, "不支持该请求"},
		{"InternalError.SendAndRecvFail", "", 60008, "处理请求超时"},
		{"FailedOperation.Unheard", "no SMS to +86" + phone + " today", 1007, "no SMS to +86*** today"},
	} {
		for _, refuse := range []func(code, message string){provider.RefuseMessages, provider.RefuseRequests} {
			refuse(refusal.code, refusal.message)
			want := fmt.Sprintf(`{"id":1,"status":%d,"message":"%s","data":{}}`, refusal.status, refusal.text)
			g.sendSMS(hash, phone).wantRaw(t, want)
		}
		if !strings.Contains(g.log.String(), refusal.code+", request "+smstest.RequestID) {
			t.Errorf("%s is not in the log", refusal.code)
		}
	}
	g.wantHidden(provider)
	provider.Take()
	g.sendSMS(hash, phone).want(t, 0, "successful")
	g.sendSMS(hash, phone).want(t, 1023, "单个手机号30秒内下发短信条数超过设定的上限")
}

// A provider that hangs or is down is 60008 and counts for nobody either; the same
// picture sends once it is back.
func TestTencentDown(t *testing.T) {
	const unanswered = `{"id":1,"status":60008,"message":"处理请求超时","data":{}}`
	g, provider := startWithTencent(t, 2*time.Second)
	hash := g.captchaHash()
	provider.Hang()
	g.sendSMS(hash, phone).wantRaw(t, unanswered)
	provider.Stop()
	for range 6 {
		g.sendSMS(hash, phone).wantRaw(t, unanswered)
	}
	if log := g.log.String(); !strings.Contains(log, provider.URL()) {
		t.Errorf("the provider's address is not in the log: %s", log)
	}
	g.wantHidden(provider)
	provider.Take()
	provider.Restart()
	g.sendSMS(hash, phone).want(t, 0, "successful")
}
