package captcha

import (
	"context"
	"errors"
	"regexp"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/wire"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

type generateSMS struct {
	Phone string `json:"phone" rule:"required" doc:"a mobile number of mainland China, as text"`
	Hash  string `json:"hash" rule:"required" doc:"the hash of a picture captcha that has not expired"`
}

type generatedSMS struct {
	Rand string `json:"rand" doc:"5 characters; the hash is md5(code + rand)"`
}

func (generateSMS) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The code has 6 digits and expires after 180 s. One picture captcha sends at most 5 SMS to at most 2 phones; a phone gets at most one SMS in 30 s, 5 an hour and 10 a day. A refusal by the provider is passed on with its number and text; one that the table does not have is 1007 with the provider's message. An SMS that the provider refused does not count.",
		Example:  `{"phone": "13700000000", "hash": "900150983cd24fb0d6963f7d28e17f72"}`,
		Statuses: append([]dispatch.Status{dispatch.ErrorHash}, sms.Statuses()...),
		PassedOn: "Tencent Cloud's table of SMS errors",
	}
}

var mobilePhone = regexp.MustCompile(`^1[3-9]\d{9}$`)

// phoneLimits are the provider's own, each with its status in phoneLimitStatuses.
var (
	phoneLimits = []limits.Window{
		{Count: 1, Within: 30 * time.Second},
		{Count: 5, Within: time.Hour},
		{Count: 10, Within: 24 * time.Hour},
	}
	phoneLimitStatuses = []dispatch.Status{sms.ThirtySecondLimit, sms.HourLimit, sms.DayLimit}
)

func (c calls) generateSMS(ctx context.Context, in generateSMS) (generatedSMS, error) {
	right, err := c.Guesses.Check(ctx, captchas.Query{Hash: in.Hash, Kind: captchas.Picture})
	if err != nil {
		return generatedSMS{}, wire.CaptchaFailure(err)
	}
	if !right {
		return generatedSMS{}, dispatch.Fail(dispatch.ErrorHash, "hash: unknown, expired, or not that of a picture captcha")
	}
	if !mobilePhone.MatchString(in.Phone) {
		return generatedSMS{}, dispatch.Fail(sms.PhoneFormatError, "phone: must be a mobile number of mainland China")
	}
	release, err := c.reserve(ctx, in)
	if err != nil {
		return generatedSMS{}, err
	}
	code, salt := wire.NumberCode(), drawing.Random()
	if err := c.SMS.Send(ctx, in.Phone, code); err != nil {
		release()
		return generatedSMS{}, sendFailure(err)
	}
	if err := c.Captchas.Add(ctx, wire.HashOf(code, salt), captchas.Code{Kind: captchas.Message, Phone: in.Phone}); err != nil {
		return generatedSMS{}, wire.CaptchaFailure(err)
	}
	return generatedSMS{Rand: salt}, nil
}

// reserve counts one SMS of the picture and of the phone before it is sent, so that
// concurrent calls cannot pass the limits together. release takes both back, for
// only an SMS that the provider accepted counts.
func (c calls) reserve(ctx context.Context, in generateSMS) (release func(), err error) {
	reserved, err := c.Captchas.Reserve(ctx, in.Hash, in.Phone)
	if err != nil {
		return nil, wire.CaptchaFailure(err)
	}
	if !reserved {
		return nil, dispatch.Fail(dispatch.ErrorHash, "hash: this captcha may send no more SMS")
	}
	refused, _, err := c.Limiter.Take(ctx, "sms:"+in.Phone, phoneLimits)
	if err == nil && refused < 0 {
		return func() {
			c.giveBack(ctx, in)
			if err := c.Limiter.Return(context.WithoutCancel(ctx), "sms:"+in.Phone); err != nil {
				c.Logger.WarnContext(ctx, "return an SMS to the limit of its phone", "error", err)
			}
		}, nil
	}
	c.giveBack(ctx, in)
	if err != nil {
		return nil, wire.CaptchaFailure(err)
	}
	return nil, dispatch.Fail(phoneLimitStatuses[refused], "phone: too many SMS")
}

// giveBack returns a picture's SMS, also where the deadline of the request has passed.
func (c calls) giveBack(ctx context.Context, in generateSMS) {
	if err := c.Captchas.Release(context.WithoutCancel(ctx), in.Hash, in.Phone); err != nil {
		c.Logger.WarnContext(ctx, "return an SMS to the limit of its captcha", "error", err)
	}
}

// sendFailure passes a provider's refusal on. Any other error arose on the way to
// the provider.
func sendFailure(err error) error {
	var refusal *sms.RefusedError
	if errors.As(err, &refusal) {
		return dispatch.Fail(refusal.Status, "").Because(err)
	}
	return dispatch.Fail(sms.Timeout, "").Because(err)
}

type validateSMS struct {
	Hash    string `json:"hash" rule:"required" doc:"md5(code + rand), in upper or lower case"`
	Phone   string `json:"phone" doc:"if given, the code must have been sent to this phone"`
	Consume bool   `json:"consume" doc:"true: the hash cannot be used again; of concurrent calls exactly one succeeds"`
}

func (validateSMS) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The fifth wrong guess with a phone ends its codes. A code that was found without its phone, here or by img/validate, is of no use for the calls of `user`.",
		Example:  `{"hash": "900150983cd24fb0d6963f7d28e17f72", "phone": "13700000000", "consume": true}`,
		Statuses: []dispatch.Status{dispatch.ErrorHash},
	}
}

func (c calls) validateSMS(ctx context.Context, in validateSMS) (wire.None, error) {
	query := captchas.Query{Hash: in.Hash, Kind: captchas.Message, Phone: in.Phone, Consume: in.Consume, Counts: in.Phone != ""}
	right, err := c.Guesses.Check(ctx, query)
	if err != nil {
		return wire.None{}, wire.CaptchaFailure(err)
	}
	if !right {
		return wire.None{}, dispatch.Fail(dispatch.ErrorHash, "hash: unknown or expired")
	}
	return wire.None{}, nil
}
