package handlers

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/drawing"
	"campusgate/handlers/sms"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

// captchaCalls are img and sms. The server keeps md5(lower(code) + rand), which
// the client computes from what a person typed; the code itself is never sent.
type captchaCalls struct{ Deps }

type generatedImage struct {
	ImgData string `json:"imgdata" doc:"a PNG of 120 × 30 pixels, bare base64"`
	Rand    string `json:"rand" doc:"5 characters; the hash is md5(lower(code) + rand)"`
}

type generateImage struct{}

func (generateImage) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The hash lives 180 s. Each success of img/validate, and each sms/generate whose hash was right, renews it, up to 15 minutes after the picture was made.",
		Example:  `{}`,
		Statuses: []dispatch.Status{dispatch.CaptchaNotDrawn},
	}
}

func (c captchaCalls) generateImage(ctx context.Context, _ generateImage) (generatedImage, error) {
	code, salt := drawing.Code(), drawing.Random()
	picture, err := c.Drawer.Draw(code)
	if err != nil {
		return generatedImage{}, dispatch.Fail(dispatch.CaptchaNotDrawn, "").Because(err)
	}
	if err := c.Captchas.Add(ctx, hashOf(strings.ToLower(code), salt), captchas.Code{Kind: captchas.Picture}); err != nil {
		return generatedImage{}, captchaFailure(err)
	}
	if c.Settings.LogCodes {
		c.Logger.Info(fmt.Sprintf("captcha rand=%s code=%s", salt, code))
	}
	return generatedImage{ImgData: base64.StdEncoding.EncodeToString(picture), Rand: salt}, nil
}

type validateImage struct {
	Hash    string `json:"hash" rule:"required" doc:"md5(lower(code) + rand), in either letter case; of a picture or of an SMS code"`
	Consume bool   `json:"consume" doc:"true: the hash is used up; of concurrent calls exactly one succeeds"`
}

func (validateImage) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The hash stays good for the calls that follow, unless it is consumed. Too many failed guesses from one address get -1 without a look.",
		Example:  `{"hash": "900150983cd24fb0d6963f7d28e17f72"}`,
		Statuses: []dispatch.Status{dispatch.HashMismatch},
	}
}

func (c captchaCalls) validateImage(ctx context.Context, in validateImage) (none, error) {
	right, err := c.guess(ctx, captchas.Query{Hash: in.Hash, Consume: in.Consume})
	if err != nil {
		return none{}, captchaFailure(err)
	}
	if !right {
		return none{}, dispatch.Fail(dispatch.HashMismatch, "hash: wrong, or run out")
	}
	return none{}, nil
}

type generateSMS struct {
	Phone string `json:"phone" rule:"required" doc:"a mobile phone of mainland China, as text"`
	Hash  string `json:"hash" rule:"required" doc:"the hash of a live picture captcha"`
}

type generatedSMS struct {
	Rand string `json:"rand" doc:"5 characters; the hash is md5(code + rand)"`
}

func (generateSMS) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The code has 6 digits and lives 180 s. One picture sends at most 5 SMS to at most 2 phones; a phone gets one in 30 s, 5 an hour, 10 a day. A provider's refusal passes its number and text on; one that the table does not have is 1007 with the provider's message. What the provider did not take does not count.",
		Example:  `{"phone": "13700000000", "hash": "900150983cd24fb0d6963f7d28e17f72"}`,
		Statuses: append([]dispatch.Status{dispatch.ErrorHash}, sms.Statuses()...),
		PassedOn: "Tencent Cloud's table of SMS errors",
	}
}

var mobilePhone = regexp.MustCompile(`^1[3-9]\d{9}$`)

// phoneLimits are the provider's own, and the statuses of each.
var (
	phoneLimits = []limits.Window{
		{Count: 1, Within: 30 * time.Second},
		{Count: 5, Within: time.Hour},
		{Count: 10, Within: 24 * time.Hour},
	}
	phoneLimitStatuses = []dispatch.Status{sms.ThirtySecondLimit, sms.HourLimit, sms.DayLimit}
)

func (c captchaCalls) generateSMS(ctx context.Context, in generateSMS) (generatedSMS, error) {
	right, err := c.guess(ctx, captchas.Query{Hash: in.Hash, Kind: captchas.Picture})
	if err != nil {
		return generatedSMS{}, captchaFailure(err)
	}
	if !right {
		return generatedSMS{}, dispatch.Fail(dispatch.ErrorHash, "hash: must be of a live picture captcha")
	}
	if !mobilePhone.MatchString(in.Phone) {
		return generatedSMS{}, dispatch.Fail(dispatch.PhoneFormatError, "phone: must be a mobile phone of mainland China")
	}
	release, err := c.reserve(ctx, in)
	if err != nil {
		return generatedSMS{}, err
	}
	code, salt := smsCode(), drawing.Random()
	if err := c.SMS.Send(ctx, in.Phone, code); err != nil {
		release()
		return generatedSMS{}, sendFailure(err)
	}
	if err := c.Captchas.Add(ctx, hashOf(code, salt), captchas.Code{Kind: captchas.Message, Phone: in.Phone}); err != nil {
		return generatedSMS{}, captchaFailure(err)
	}
	return generatedSMS{Rand: salt}, nil
}

// reserve takes a place for one SMS of the picture and of the phone before it is
// sent, so that concurrent calls cannot pass the limits together; release gives
// both back, for only an SMS that the provider took counts.
func (c captchaCalls) reserve(ctx context.Context, in generateSMS) (release func(), err error) {
	reserved, err := c.Captchas.Reserve(ctx, in.Hash, in.Phone)
	if err != nil {
		return nil, captchaFailure(err)
	}
	if !reserved {
		return nil, dispatch.Fail(dispatch.ErrorHash, "hash: has sent all its SMS")
	}
	refused, _, err := c.Limiter.Take(ctx, "sms:"+in.Phone, phoneLimits)
	if err == nil && refused < 0 {
		return func() {
			c.giveBack(ctx, in)
			if err := c.Limiter.Return(context.WithoutCancel(ctx), "sms:"+in.Phone); err != nil {
				c.Logger.WarnContext(ctx, "give back an SMS of a phone", "error", err)
			}
		}, nil
	}
	c.giveBack(ctx, in)
	if err != nil {
		return nil, captchaFailure(err)
	}
	return nil, dispatch.Fail(phoneLimitStatuses[refused], "phone: too many SMS")
}

// giveBack returns a picture's SMS, also where the request has run out of time.
func (c captchaCalls) giveBack(ctx context.Context, in generateSMS) {
	if err := c.Captchas.Release(context.WithoutCancel(ctx), in.Hash, in.Phone); err != nil {
		c.Logger.WarnContext(ctx, "give back an SMS of a picture", "error", err)
	}
}

// sendFailure passes a provider's refusal on. Any other error is of the way there.
func sendFailure(err error) error {
	var refusal *sms.RefusedError
	if errors.As(err, &refusal) {
		return dispatch.Fail(refusal.Status, "").Because(err)
	}
	return dispatch.Fail(sms.Timeout, "").Because(err)
}

type validateSMS struct {
	Hash    string `json:"hash" rule:"required" doc:"md5(code + rand), in either letter case"`
	Phone   string `json:"phone" doc:"then the code must have been sent to this phone"`
	Consume bool   `json:"consume" doc:"true: the hash is used up; of concurrent calls exactly one succeeds"`
}

func (validateSMS) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"hash": "900150983cd24fb0d6963f7d28e17f72", "phone": "13700000000", "consume": true}`,
		Statuses: []dispatch.Status{dispatch.ErrorHash},
	}
}

func (c captchaCalls) validateSMS(ctx context.Context, in validateSMS) (none, error) {
	query := captchas.Query{Hash: in.Hash, Kind: captchas.Message, Phone: in.Phone, Consume: in.Consume}
	right, err := c.guess(ctx, query)
	if err != nil {
		return none{}, captchaFailure(err)
	}
	if !right {
		return none{}, dispatch.Fail(dispatch.ErrorHash, "hash: not found, or run out")
	}
	return none{}, nil
}

// guess looks a hash up. A guess is counted before it is looked at and given back
// when it was right, so that no number of concurrent calls passes the limit.
func (c captchaCalls) guess(ctx context.Context, query captchas.Query) (bool, error) {
	caller := dispatch.CallerFrom(ctx)
	if caller.Trusted || c.Settings.GuessesPerMinute == 0 {
		return c.Captchas.Check(ctx, query)
	}
	key := "guess:" + dispatch.LimitKey(caller.Address).String()
	window := limits.Window{Count: c.Settings.GuessesPerMinute, Within: time.Minute}
	refused, _, err := c.Limiter.Take(ctx, key, []limits.Window{window})
	if err != nil || refused >= 0 {
		return false, err
	}
	right, err := c.Captchas.Check(ctx, query)
	if right || err != nil {
		if err := c.Limiter.Return(context.WithoutCancel(ctx), key); err != nil {
			c.Logger.WarnContext(ctx, "give back a guess", "error", err)
		}
	}
	return right, err
}

// hashOf is what the protocol calls the hash. MD5 is the document's choice: it
// hides a short-lived code, and nothing rests on its collisions.
func hashOf(code, salt string) string {
	sum := md5.Sum([]byte(code + salt))
	return hex.EncodeToString(sum[:])
}

// smsCode is 6 digits.
func smsCode() string {
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%06d", number)
}
