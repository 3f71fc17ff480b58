package sms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tencenterrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	tencent "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sms/v20210111"
)

// tencentEndpoint is Tencent Cloud's own.
const tencentEndpoint = "https://sms.tencentcloudapi.com"

// TencentOptions are an account's, named as their configuration keys.
type TencentOptions struct {
	Endpoint   string // a URL, http or https; "" is Tencent Cloud's own
	SecretID   string
	SecretKey  string
	Region     string
	AppID      string
	Sign       string // the signature's text, not its id
	TemplateID string // of a template with one variable, the code
	// NoticeTemplateID is of the template that [Tencent.Notify] fills; "" without one.
	NoticeTemplateID string
	Timeout          time.Duration
}

// Tencent sends codes by Tencent Cloud SMS, API 2021-01-11.
type Tencent struct {
	options TencentOptions
	path    string
	client  *tencent.Client
}

// NewTencent sends nothing yet. It fails where the endpoint is not a URL.
func NewTencent(options TencentOptions) (*Tencent, error) {
	options.Endpoint = cmp.Or(options.Endpoint, tencentEndpoint)
	endpoint, err := url.Parse(options.Endpoint)
	if err != nil {
		return nil, err
	}
	// The profile's defaults are no retry, for a second try could be a second SMS,
	// and no switch to another region's endpoint.
	settings := profile.NewClientProfile()
	settings.HttpProfile.Scheme = endpoint.Scheme
	settings.HttpProfile.Endpoint = endpoint.Host
	settings.HttpProfile.ReqTimeout = 0 // whole seconds, 60 unless set: the context ends a call
	client, err := tencent.NewClient(
		common.NewCredential(options.SecretID, options.SecretKey), options.Region, settings)
	if err != nil {
		return nil, err
	}
	client.WithHttpTransport(newTransport(options.Timeout))
	return &Tencent{options: options, path: cmp.Or(endpoint.EscapedPath(), "/"), client: client}, nil
}

// Send sends a code to a mobile number of mainland China, once. An SMS that the
// provider did not take is a *RefusedError, with the provider's message where the
// table has no text; any other error is one of the network, or the time-out. No
// error holds the phone or the code.
func (t *Tencent) Send(ctx context.Context, phone, code string) error {
	return t.send(ctx, phone, t.options.TemplateID, code)
}

// Notify sends words, which fill the template of notices, as Send does.
func (t *Tencent) Notify(ctx context.Context, phone string, words ...string) error {
	return t.send(ctx, phone, t.options.NoticeTemplateID, words...)
}

func (t *Tencent) send(ctx context.Context, phone, template string, words ...string) error {
	ctx, cancel := context.WithTimeout(ctx, t.options.Timeout)
	defer cancel()
	request := tencent.NewSendSmsRequest()
	request.SetPath(t.path)
	request.PhoneNumberSet = []*string{new("+86" + phone)}
	request.SmsSdkAppId = new(t.options.AppID)
	request.SignName = new(t.options.Sign)
	request.TemplateId = new(template)
	hidden := []string{phone, "***", t.options.SecretID, "***"}
	for _, word := range words {
		request.TemplateParamSet = append(request.TemplateParamSet, new(word))
		hidden = append(hidden, word, "***")
	}
	hide := strings.NewReplacer(hidden...)
	answer, err := t.client.SendSmsWithContext(ctx, request)
	if err != nil {
		return t.failure(ctx, err, hide)
	}
	response, status := cmp.Or(answer.Response, &tencent.SendSmsResponseParams{}), &tencent.SendStatus{}
	if len(response.SendStatusSet) > 0 {
		status = cmp.Or(response.SendStatusSet[0], status)
	}
	if text(status.Code) == "Ok" {
		return nil
	}
	return refusal(text(status.Code), text(status.Message), text(response.RequestId), hide)
}

// Check finds whether the provider answers and knows the key, by asking for a
// template: that costs nothing and sends nothing. A key that may send and not list
// is a good one, and a private endpoint need not know the question. Whether the
// sign, the template and the application are right is told by the first SMS only.
func (t *Tencent) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.options.Timeout)
	defer cancel()
	request := tencent.NewDescribeSmsTemplateListRequest()
	request.SetPath(t.path)
	request.International = new(uint64(0))
	request.Limit = new(uint64(1))
	_, err := t.client.DescribeSmsTemplateListWithContext(ctx, request)
	var answered *tencenterrors.TencentCloudSDKError
	if err == nil || errors.As(err, &answered) && isKeyKnown(answered.Code) {
		return nil
	}
	return t.failure(ctx, err, strings.NewReplacer(t.options.SecretID, "***"))
}

// isKeyKnown reports whether a code shows that the signature was accepted.
func isKeyKnown(code string) bool {
	kind, _, _ := strings.Cut(code, ".")
	switch kind {
	case "ClientError", "InternalError":
		return false
	case "AuthFailure":
		return code == "AuthFailure.UnauthorizedOperation"
	default:
		return true
	}
}

// failure is the error of a call that brought no answer to read: a refusal of the
// whole request, or one of the SDK's own errors, whose code begins ClientError and
// which hold their cause as text alone.
func (t *Tencent) failure(ctx context.Context, err error, hide *strings.Replacer) error {
	var answered *tencenterrors.TencentCloudSDKError
	switch {
	case errors.As(err, &answered) && !strings.HasPrefix(answered.Code, "ClientError."):
		return refusal(answered.Code, answered.Message, answered.RequestId, hide)
	case ctx.Err() != nil:
		return fmt.Errorf("call %s: %w", t.options.Endpoint, ctx.Err())
	default:
		return fmt.Errorf("call %s: %s", t.options.Endpoint, hide.Replace(err.Error()))
	}
}

// refusal is a provider's answer as an error. A provider may repeat what it was
// sent, which belongs neither on the wire nor in the log.
func refusal(code, message, requestID string, hide *strings.Replacer) *RefusedError {
	return &RefusedError{
		Status: statusOf(code, hide.Replace(message)),
		Reason: hide.Replace(code) + ", request " + requestID,
	}
}

// text is what an optional field of the SDK holds.
func text(field *string) string {
	if field == nil {
		return ""
	}
	return *field
}
