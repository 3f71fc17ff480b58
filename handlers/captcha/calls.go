// Package captcha tells persons from programs: by pictures of a code, and by codes
// sent as SMS.
//
// The server keeps md5(lower(code) + rand), which the client computes from what a
// person typed. No request or answer has the code itself as text.
package captcha

import (
	"context"
	"log/slog"

	"campusgate/dispatch"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/wire"
	"campusgate/storage/captchas"
)

// Deps is what the calls stand on.
type Deps struct {
	Captchas Store
	Guesses  wire.Guesses
	Limiter  wire.Limiter
	Drawer   *drawing.Drawer
	SMS      Sender
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	LogCodes bool
}

// Store keeps the hashes of pictures and of SMS codes until they expire. They are found
// through Guesses alone.
type Store interface {
	wire.Captchas
	Add(ctx context.Context, hash string, code captchas.Code) error
	Reserve(ctx context.Context, hash, phone string) (bool, error)
	Release(ctx context.Context, hash, phone string) error
}

// Sender sends an SMS with a code. A provider's refusal is an *sms.RefusedError.
type Sender interface {
	Send(ctx context.Context, phone, code string) error
}

type calls struct{ Deps }

// Calls are all calls of captchas.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		captcha = calls{d}

		path = dispatch.Path{Pattern: "/captcha"}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.Need{}, "img", "generate", "Draw a captcha", captcha.generateImage),
		dispatch.Handle(path, dispatch.Need{}, "img", "validate", "Check the hash of a code", captcha.validateImage),
		dispatch.Handle(path, dispatch.Need{}, "sms", "generate", "Send a code by SMS", captcha.generateSMS),
		dispatch.Handle(path, dispatch.Need{}, "sms", "validate", "Check the hash of an SMS code", captcha.validateSMS),
	}
}

// The statuses that only these calls have, beside those of SMS.
var (
	notDrawn     = dispatch.Status{Number: 1000, Text: "验证码文件创建失败"}
	hashMismatch = dispatch.Status{Number: -1, Text: "验证码hash值不匹配"}
)
