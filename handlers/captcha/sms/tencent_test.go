package sms_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/captcha/sms/smstest"
)

const phone, code = "13700000000", "012345"

// codes is the provider's table: what it answers, and what clients see.
var codes = []struct{ code, status string }{
	{"InternalError.SigVerificationFail", "1001 sig 校验失败"},
	{"FailedOperation.ContainSensitiveWord", "1002 短信内容中含有敏感词"},
	{"InternalError.SigFieldMissing", "1003 请求包体没有 sig 字段或 sig 为空"},
	{"FailedOperation.FailResolvePacket", "1004 请求包解析失败，通常情况下是由于没有遵守 API 接口说明规范导致的"},
	{"FailedOperation.JsonParseFail", "1004 请求包解析失败，通常情况下是由于没有遵守 API 接口说明规范导致的"},
	{"UnauthorizedOperation.RequestPermissionDeny", "1006 请求没有权限"},
	{"InternalError.OtherError", "1007 其他错误"},
	{"InternalError.Timeout", "1008 请求下发短信超时"},
	{"UnauthorizedOperation.RequestIpNotInWhitelist", "1009 请求 IP 不在白名单中"},
	{"InternalError.RestApiInterfaceNotExist", "1011 不存在该 REST API 接口"},
	{"FailedOperation.SignatureIncorrectOrUnapproved", "1012 签名格式错误或者签名未审批"},
	{"LimitExceeded.DeliveryFrequencyLimit", "1013 下发短信命中了频率限制策略"},
	{"FailedOperation.TemplateIncorrectOrUnapproved", "1014 模板未审批或请求的内容与审核通过的模板内容不匹配"},
	{"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "1014 模板未审批或请求的内容与审核通过的模板内容不匹配"},
	{"FailedOperation.TemplateUnapprovedOrNotExist", "1014 模板未审批或请求的内容与审核通过的模板内容不匹配"},
	{"FailedOperation.PhoneNumberInBlacklist", "1015 手机号在黑名单库中，通常是用户退订或者命中运营商黑名单导致的"},
	{"InvalidParameterValue.IncorrectPhoneNumber", "1016 手机号格式错误"},
	{"InvalidParameterValue.ContentLengthLimit", "1017 请求的短信内容太长"},
	{"InvalidParameterValue.SdkAppIdNotExist", "1019 sdkappid 不存在"},
	{"UnauthorizedOperation.SdkAppIdIsDisabled", "1020 sdkappid 已禁用"},
	{"InternalError.RequestTimeException", "1021 请求发起时间不正常，通常是由于您的服务器时间与腾讯云服务器时间差异超过10分钟导致的"},
	{"LimitExceeded.AppDailyLimit", "1022 业务短信日下发条数超过设定的上限"},
	{"LimitExceeded.PhoneNumberThirtySecondLimit", "1023 单个手机号30秒内下发短信条数超过设定的上限"},
	{"LimitExceeded.PhoneNumberOneHourLimit", "1024 单个手机号1小时内下发短信条数超过设定的上限"},
	{"LimitExceeded.PhoneNumberDailyLimit", "1025 单个手机号日下发短信条数超过设定的上限"},
	{"LimitExceeded.PhoneNumberSameContentDailyLimit", "1026 单个手机号下发相同内容超过设定的上限"},
	{"FailedOperation.MarketingSendTimeConstraint", "1029 营销短信发送时间限制 (8点到22点)"},
	{"UnsupportedOperation.", "1030 不支持该请求"},
	{"UnsupportedOperation", "1030 不支持该请求"},
	{"FailedOperation.InsufficientBalanceInSmsPackage", "1031 套餐包余量不足"},
	{"UnauthorizedOperation.ServiceSuspendDueToArrears", "1033 欠费被停止服务"},
	{"InvalidParameterValue.TemplateParameterLengthLimit", "1036 单个模板变量字符数超过12个"},
	{"InvalidParameterValue.TemplateParameterFormatError", "1038 验证码类模板，模板变量只能传入0 - 6位(包括6位)纯数字"},
	{"InternalError.SendAndRecvFail", "60008 处理请求超时"},

	{"FailedOperation.SomethingNew", "1007 the provider's message"},
	{"ok", "1007 the provider's message"},
}

func newTencent(t *testing.T, options sms.TencentOptions) *sms.Tencent {
	t.Helper()
	sender, err := sms.NewTencent(options)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// wantRefused checks the status of a refusal and returns its reason.
func wantRefused(t *testing.T, err error, status string) (reason string) {
	t.Helper()
	var refusal *sms.RefusedError
	if !errors.As(err, &refusal) {
		t.Fatalf("got error %v, want a refusal with %s", err, status)
	}
	if got := fmt.Sprintf("%d %s", refusal.Status.Number, refusal.Status.Text); got != status {
		t.Errorf("refused with %q, want %q", got, status)
	}
	return refusal.Reason
}

// wantUnanswered checks an error that is no refusal and tells the address.
func wantUnanswered(t *testing.T, err error, endpoint string) {
	t.Helper()
	var refusal *sms.RefusedError
	if err == nil || errors.As(err, &refusal) || !strings.Contains(err.Error(), endpoint) {
		t.Errorf("got error %v, want one of the network that tells %s", err, endpoint)
	}
}

func TestTencentSends(t *testing.T) {
	server := smstest.Start(t)
	for _, endpoint := range []string{server.URL(), server.URL() + "/", server.URL() + "/below/a/path"} {
		options := server.Options()
		options.Endpoint = endpoint
		if err := newTencent(t, options).Send(t.Context(), phone, code); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	sent := smstest.Message{Phone: "+8613700000000", Code: code}
	if diff := cmp.Diff([]smstest.Message{sent, sent, sent}, server.Messages()); diff != "" {
		t.Error(diff)
	}
}

// A notice fills its own template.
func TestTencentNotifies(t *testing.T) {
	server := smstest.Start(t)
	if err := newTencent(t, server.Options()).Notify(t.Context(), phone, "240.5", "2020-01-27"); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]smstest.Message{{Phone: "+8613700000000", Code: "240.5 2020-01-27"}}, server.Messages()); diff != "" {
		t.Error(diff)
	}
	server.RefuseMessages("Odd", "240.5 for "+phone+" on 2020-01-27")
	wantRefused(t, newTencent(t, server.Options()).Notify(t.Context(), phone, "240.5", "2020-01-27"), "1007 *** for *** on ***")
}

// A code means the same whether it is an SMS that is refused or the request.
func TestTencentCodes(t *testing.T) {
	server := smstest.Start(t)
	sender := newTencent(t, server.Options())
	for _, level := range []struct {
		name   string
		refuse func(code, message string)
	}{
		{"of the SMS", server.RefuseMessages},
		{"of the request", server.RefuseRequests},
	} {
		for _, row := range codes {
			t.Run(level.name+" "+row.code, func(t *testing.T) {
				level.refuse(row.code, "the provider's message")
				reason := wantRefused(t, sender.Send(t.Context(), phone, code), row.status)
				if want := row.code + ", request " + smstest.RequestID; reason != want {
					t.Errorf("reason %q, want %q", reason, want)
				}
			})
		}
	}
	if got := server.Messages(); len(got) != 0 {
		t.Errorf("took %v", got)
	}
	if got, want := server.Calls(), 2*len(codes); got != want {
		t.Errorf("%d requests for %d SMS", got, want)
	}
	server.Take()
	if err := sender.Send(t.Context(), phone, code); err != nil {
		t.Error(err)
	}
}

// What a provider repeats of a request is kept from the page and from the log.
func TestTencentRepeatsNothing(t *testing.T) {
	server := smstest.Start(t)
	server.RefuseMessages("Odd."+code, "+86"+phone+" was to get "+code+" by "+smstest.SecretID)
	reason := wantRefused(t, newTencent(t, server.Options()).Send(t.Context(), phone, code), "1007 +86*** was to get *** by ***")
	if strings.Contains(reason, code) {
		t.Errorf("reason %q", reason)
	}
}

func TestTencentAccount(t *testing.T) {
	server := smstest.Start(t)
	for _, test := range []struct {
		name   string
		change func(*sms.TencentOptions)
		status string
		reason string
	}{
		{
			"secret key", func(o *sms.TencentOptions) { o.SecretKey = "wrong" },
			"1007 The provided credentials could not be validated. Please check your signature is correct.", "AuthFailure.SignatureFailure",
		},
		{
			"secret id", func(o *sms.TencentOptions) { o.SecretID = "wrong" },
			"1007 The SecretId is not found, please ensure that your SecretId is correct.", "AuthFailure.SecretIdNotFound",
		},
		{"region", func(o *sms.TencentOptions) { o.Region = "moon" }, "1007 The region is not supported.", "UnsupportedRegion"},
		{"application", func(o *sms.TencentOptions) { o.AppID = "1" }, "1019 sdkappid 不存在", "InvalidParameterValue.SdkAppIdNotExist"},
		{"sign", func(o *sms.TencentOptions) { o.Sign = "x" }, "1012 签名格式错误或者签名未审批", "FailedOperation.SignatureIncorrectOrUnapproved"},
		{
			"template", func(o *sms.TencentOptions) { o.TemplateID = "1" },
			"1014 模板未审批或请求的内容与审核通过的模板内容不匹配", "FailedOperation.TemplateUnapprovedOrNotExist",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := server.Options()
			test.change(&options)
			reason := wantRefused(t, newTencent(t, options).Send(t.Context(), phone, code), test.status)
			if !strings.HasPrefix(reason, test.reason+", ") {
				t.Errorf("reason %q, want %s", reason, test.reason)
			}
		})
	}
}

func TestTencentDoesNotAnswer(t *testing.T) {
	server := smstest.Start(t)
	options := server.Options()
	options.Timeout = 200 * time.Millisecond

	server.Hang()
	began := time.Now()
	err := newTencent(t, options).Send(t.Context(), phone, code)
	wantUnanswered(t, err, server.URL())
	if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 10*time.Second {
		t.Errorf("a hanging provider gave %v after %s", err, took)
	}
	if got := server.Calls(); got != 1 {
		t.Errorf("%d requests for one SMS", got)
	}

	sender := newTencent(t, server.Options())
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := sender.Send(ctx, phone, code); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call gave %v", err)
	}

	server.Take()
	server.Stop()
	wantUnanswered(t, sender.Send(t.Context(), phone, code), server.URL())
	if got := server.Messages(); len(got) != 0 {
		t.Errorf("took %v", got)
	}

	server.Restart()
	if err := sender.Send(t.Context(), phone, code); err != nil {
		t.Errorf("back again: %v", err)
	}
}

// An SMS may have been sent though no answer came, so that it is never tried again,
// not even where a connection that was kept open broke.
func TestTencentSendsOnce(t *testing.T) {
	server := smstest.Start(t)
	sender := newTencent(t, server.Options())
	if err := sender.Send(t.Context(), phone, "000001"); err != nil {
		t.Fatal(err)
	}
	server.Mute()
	wantUnanswered(t, sender.Send(t.Context(), phone, "000002"), server.URL())
	want := []smstest.Message{{Phone: "+86" + phone, Code: "000001"}, {Phone: "+86" + phone, Code: "000002"}}
	if diff := cmp.Diff(want, server.Messages()); diff != "" {
		t.Error(diff)
	}
}

// An answer that is none of the API's is a failure of the network; one without a
// status is none of success.
func TestTencentAnswers(t *testing.T) {
	server := smstest.Start(t)
	sender := newTencent(t, server.Options())
	for _, body := range []string{
		"null", "[]", "<html>" + phone + code + "</html>", `"Ok"`, `{"Response":5}`, `{"Response":{"SendStatusSet":"` + phone + code + `"}}`,
		strings.Repeat(" ", 1<<20) + `{"Response":{"SendStatusSet":[{"Code":"Ok"}]}}`,
	} {
		server.Answer(body)
		err := sender.Send(t.Context(), phone, code)
		wantUnanswered(t, err, server.URL())
		if err != nil && (strings.Contains(err.Error(), phone) || strings.Contains(err.Error(), code)) {
			t.Errorf("error %q", err)
		}
	}
	for _, body := range []string{
		`{}`, `{"Response":null}`, `{"Response":{}}`, `{"Response":{"SendStatusSet":[]}}`,
		`{"Response":{"SendStatusSet":[null]}}`, `{"Response":{"SendStatusSet":[{}]}}`, `{"Response":{"SendStatusSet":[{"Code":null}]}}`,
	} {
		server.Answer(body)
		wantRefused(t, sender.Send(t.Context(), phone, code), "1007 其他错误")
	}
}

// A redirect would take the code to another host.
func TestTencentFollowsNoRedirect(t *testing.T) {
	server := smstest.Start(t)
	redirect := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", server.URL())
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = io.WriteString(w, "{}")
	}))
	defer redirect.Close()
	options := server.Options()
	options.Endpoint = redirect.URL
	wantUnanswered(t, newTencent(t, options).Send(t.Context(), phone, code), redirect.URL)
	if got := server.Calls(); got != 0 {
		t.Errorf("%d requests followed the redirect", got)
	}
}

func TestTencentCheck(t *testing.T) {
	server := smstest.Start(t)
	sender := newTencent(t, server.Options())
	for _, good := range []func(){
		server.Take,
		func() { server.RefuseRequests("AuthFailure.UnauthorizedOperation", "may send only") },
		func() { server.RefuseRequests("InvalidAction", "knows SendSms only") },
	} {
		good()
		if err := sender.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"AuthFailure.SignatureExpire", "InternalError.Timeout", "InternalError"} {
		server.RefuseRequests(bad, "message")
		if err := sender.Check(t.Context()); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
	server.Take()
	wrong := server.Options()
	wrong.SecretKey = "wrong"
	if err := newTencent(t, wrong).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "AuthFailure.SignatureFailure") {
		t.Errorf("a wrong key gave %v", err)
	}
	server.Stop()
	wantUnanswered(t, sender.Check(t.Context()), server.URL())
	if got := server.Messages(); len(got) != 0 {
		t.Errorf("a check sent %v", got)
	}
}
