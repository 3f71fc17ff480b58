package account

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

type mailUser struct {
	Email string `json:"email" rule:"required max=254" doc:"where the code goes"`
}

type mailedUser struct {
	Rand string `json:"rand" doc:"the hash is md5(code + rand)"`
}

func (mailUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Sends a code of 6 digits, which expires after 10 minutes: `user/contact` takes its hash. Three an hour, then -302 with Retry-After.",
		Example:  `{"email": "student@example.org"}`,
		Statuses: []dispatch.Status{dispatch.NotConfigured},
	}
}

// maxMailCodes are those of a user and of an address.
var maxMailCodes = []limits.Window{{Count: 3, Within: time.Hour}}

type contactUser struct {
	Phone   *string `json:"phone" rule:"filled max=32" doc:"with sms_hash: the new phone"`
	SMSHash *string `json:"sms_hash" rule:"filled" doc:"md5(code + rand) of an SMS that went to this phone; used up by success"`
	Email   *string `json:"email" rule:"filled max=254" doc:"with hash: the new email"`
	Hash    *string `json:"hash" rule:"filled" doc:"md5(code + rand) of user/mail; used up by success"`
}

func (contactUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Either phone and sms_hash or email and hash. An account of our own logs in with its phone.",
		Example:  `{"phone": "13700000000", "sms_hash": "900150983cd24fb0d6963f7d28e17f72"}`,
		Statuses: []dispatch.Status{dispatch.ErrorDataKey, phoneRegistered, wrongCode},
	}
}

func (u userCalls) contact(ctx context.Context, in contactUser) (wire.None, error) {
	byPhone, byMail := in.Phone != nil || in.SMSHash != nil, in.Email != nil || in.Hash != nil
	switch {
	case byPhone && byMail:
		return wire.None{}, dispatch.Fail(dispatch.ValueError, "email, hash: must not stand with phone or sms_hash")
	case byPhone && (in.Phone == nil || in.SMSHash == nil), !byPhone && !byMail:
		return wire.None{}, dispatch.Fail(dispatch.ErrorDataKey, "phone, sms_hash: both are needed, or email and hash")
	case byMail && (in.Email == nil || in.Hash == nil):
		return wire.None{}, dispatch.Fail(dispatch.ErrorDataKey, "email, hash: both are needed")
	case byPhone:
		return wire.None{}, u.setPhone(ctx, *in.Phone, *in.SMSHash)
	default:
		return wire.None{}, u.setEmail(ctx, *in.Email, *in.Hash)
	}
}

func (u userCalls) setPhone(ctx context.Context, phone, hash string) error {
	if err := checkPhone(phone); err != nil {
		return err
	}
	code := u.smsCode(phone, hash)
	if err := code.check(ctx); err != nil {
		return err
	}
	return u.changeProfile(ctx, phoneRegistered, "phone: belongs to another account", func(tx *storage.Tx, p *storage.Profile) error {
		if phone != p.Phone {
			if err := wantFree(ctx, tx, phone, ""); err != nil {
				return err
			}
		}
		p.Phone = phone
		return u.frozenFromTheStart(ctx, tx, p)
	}, func() error { return code.use(ctx) })
}

func (u userCalls) setEmail(ctx context.Context, email, hash string) error {
	code := &sentCode{guesses: u.Guesses, kind: captchas.Mail, to: email, hash: hash, detail: "hash: unknown, expired, or of another email"}
	if err := code.check(ctx); err != nil {
		return err
	}
	return u.changeProfile(ctx, phoneRegistered, "", func(_ *storage.Tx, p *storage.Profile) error {
		p.Email = email
		return nil
	}, func() error { return code.use(ctx) })
}

// mail asks for a code to be mailed: the caller does not wait for the mail server.
func (u userCalls) mail(ctx context.Context, in mailUser) (mailedUser, error) {
	switch {
	case !wire.IsEmail(in.Email):
		return mailedUser{}, dispatch.Fail(dispatch.ValueError, "email: must be an address such as name@example.org")
	case !u.Settings.Mail:
		return mailedUser{}, dispatch.Fail(dispatch.NotConfigured, "mail.host is not set")
	}
	if err := u.countMailCode(ctx, in.Email); err != nil {
		return mailedUser{}, err
	}
	code, salt := wire.NumberCode(), rand.Text()[:5]
	err := u.Codes.Add(ctx, wire.HashOf(code, salt), captchas.Code{Kind: captchas.Mail, Phone: in.Email, TTL: wire.MailCodeTime})
	if err != nil {
		return mailedUser{}, wire.CaptchaFailure(err)
	}
	return mailedUser{Rand: salt}, u.queueMailCode(ctx, in.Email, code)
}

// countMailCode fails with -302 where the caller or the address has had too many codes.
func (u userCalls) countMailCode(ctx context.Context, email string) error {
	const detail = "email: too many codes"
	free, err := u.reserve(ctx, "mail:of "+dispatch.CallerFrom(ctx).User, detail, maxMailCodes)
	if err != nil {
		return err
	}
	if _, err = u.reserve(ctx, "mail:to "+strings.ToLower(email), detail, maxMailCodes); err != nil {
		free()
	}
	return err
}

// queueMailCode adds the job. Its key is the user, and random: it is shown to operators and in the mail's
// header, where the hash would let somebody in.
func (u userCalls) queueMailCode(ctx context.Context, email, code string) error {
	now := u.Clock.Now()
	data, err := json.Marshal(wire.MailedCode{To: email, Code: code, Expires: now.Add(wire.MailCodeTime).Unix()})
	if err != nil {
		return dispatch.Fail(dispatch.UnknownError, "").Because(err)
	}
	err = u.DB.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddJob(ctx, storage.Job{Kind: storage.MailCodeJob, Key: dispatch.CallerFrom(ctx).User + " " + rand.Text(), Data: string(data), Due: now.Unix()})
	})
	return wire.KnownOrDatabase(err)
}
