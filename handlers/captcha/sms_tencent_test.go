package captcha_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/captcha/sms/smstest"
	"campusgate/handlers/handlerstest"
)

// startWithTencent is a gateway that sends by a provider of its own.
func startWithTencent(t *testing.T, timeout time.Duration) (*handlerstest.Gateway, *smstest.Server) {
	t.Helper()
	provider := smstest.Start(t)
	settings := provider.Options()
	settings.Timeout = timeout
	sender, err := sms.NewTencent(settings)
	handlerstest.Must(t, err)
	return handlerstest.Start(t, func(o *handlerstest.Options) { o.SMS = sender }), provider
}

// wantHidden checks that the log tells no phone, and no code that was sent.
func wantHidden(g *handlerstest.Gateway, provider *smstest.Server) {
	g.T.Helper()
	log := g.Log.String()
	if strings.Contains(log, phone) {
		g.T.Errorf("the phone is in the log: %s", log)
	}
	for _, sent := range provider.Messages() {
		if strings.Contains(log, sent.Code) {
			g.T.Errorf("the code %s is in the log: %s", sent.Code, log)
		}
	}
}

func TestSMSByTencent(t *testing.T) {
	t.Parallel()
	g, provider := startWithTencent(t, 30*time.Second)
	salt := sendSMS(g, g.CaptchaHash(), phone).Want(t, 0, "successful").Field("rand")
	messages := provider.Messages()
	if len(messages) != 1 || messages[0].Phone != "+86"+phone {
		t.Fatalf("the provider took %v", messages)
	}
	g.OK("sms/validate", "", hashData(handlerstest.MD5(messages[0].Code+salt), `"phone":"`+phone+`"`))
	wantHidden(g, provider)
}

// A refusal has the provider's number, and counts neither for the picture nor for
// the phone.
func TestSMSRefusedByTencent(t *testing.T) {
	t.Parallel()
	g, provider := startWithTencent(t, 30*time.Second)
	hash := g.CaptchaHash()
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
			sendSMS(g, hash, phone).WantRaw(t, want)
		}
		if !strings.Contains(g.Log.String(), refusal.code+", request "+smstest.RequestID) {
			t.Errorf("%s is not in the log", refusal.code)
		}
	}
	wantHidden(g, provider)
	provider.Take()
	sendSMS(g, hash, phone).Want(t, 0, "successful")
	sendSMS(g, hash, phone).Want(t, 1023, "单个手机号30秒内下发短信条数超过设定的上限")
}

// A provider that hangs or is down is 60008 and counts for nobody either; the same
// picture sends once it is back.
func TestTencentDown(t *testing.T) {
	t.Parallel()
	const unanswered = `{"id":1,"status":60008,"message":"处理请求超时","data":{}}`
	g, provider := startWithTencent(t, 2*time.Second)
	hash := g.CaptchaHash()
	provider.Hang()
	sendSMS(g, hash, phone).WantRaw(t, unanswered)
	provider.Stop()
	for range 6 {
		sendSMS(g, hash, phone).WantRaw(t, unanswered)
	}
	if log := g.Log.String(); !strings.Contains(log, provider.URL()) {
		t.Errorf("the provider's address is not in the log: %s", log)
	}
	wantHidden(g, provider)
	provider.Take()
	provider.Restart()
	sendSMS(g, hash, phone).Want(t, 0, "successful")
}
