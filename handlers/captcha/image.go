package captcha

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/wire"
	"campusgate/storage/captchas"
)

type generatedImage struct {
	ImgData string `json:"imgdata" doc:"a PNG of 120 × 30 pixels, base64 without the prefix of a data URL"`
	Rand    string `json:"rand" doc:"5 characters; the hash is md5(lower(code) + rand)"`
}

type generateImage struct{}

func (generateImage) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The hash expires after 180 s. Each successful img/validate, and each sms/generate with a correct hash, renews it, until 15 minutes after the picture was drawn.",
		Example:  `{}`,
		Statuses: []dispatch.Status{notDrawn},
	}
}

func (c calls) generateImage(ctx context.Context, _ generateImage) (generatedImage, error) {
	code, salt := drawing.Code(), drawing.Random()
	picture, err := c.Drawer.Draw(code)
	if err != nil {
		return generatedImage{}, dispatch.Fail(notDrawn, "").Because(err)
	}
	if err := c.Captchas.Add(ctx, wire.HashOf(strings.ToLower(code), salt), captchas.Code{Kind: captchas.Picture}); err != nil {
		return generatedImage{}, wire.CaptchaFailure(err)
	}
	if c.Settings.LogCodes {
		c.Logger.Info(fmt.Sprintf("captcha rand=%s code=%s", salt, code))
	}
	return generatedImage{ImgData: base64.StdEncoding.EncodeToString(picture), Rand: salt}, nil
}

type validateImage struct {
	Hash    string `json:"hash" rule:"required" doc:"md5(lower(code) + rand) of a picture or of an SMS code, in upper or lower case"`
	Consume bool   `json:"consume" doc:"true: the hash cannot be used again; of concurrent calls exactly one succeeds"`
}

func (validateImage) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The hash stays valid for later calls unless it is consumed. After too many failed guesses from one address even a correct hash gets -1.",
		Example:  `{"hash": "900150983cd24fb0d6963f7d28e17f72"}`,
		Statuses: []dispatch.Status{hashMismatch},
	}
}

func (c calls) validateImage(ctx context.Context, in validateImage) (wire.None, error) {
	right, err := c.Guesses.Check(ctx, captchas.Query{Hash: in.Hash, Consume: in.Consume})
	if err != nil {
		return wire.None{}, wire.CaptchaFailure(err)
	}
	if !right {
		return wire.None{}, dispatch.Fail(hashMismatch, "hash: wrong or expired")
	}
	return wire.None{}, nil
}
