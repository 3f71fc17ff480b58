package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"campusgate/config"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/sms"
)

// openSMS chooses who sends codes, and does not call it. Readiness does not ask it
// either: a provider that is down is no reason to take away all the other calls.
func openSMS(c *config.Config, logger *slog.Logger) (captcha.Sender, error) {
	if c.SMS.Driver == "tencent" {
		return openTencent(c)
	}
	return sms.Log{Logger: logger}, nil
}

func openTencent(c *config.Config) (*sms.Tencent, error) {
	sender, err := sms.NewTencent(sms.TencentOptions{
		Endpoint: c.SMS.Endpoint, SecretID: c.SMS.SecretID.Reveal(), SecretKey: c.SMS.SecretKey.Reveal(),
		Region: c.SMS.Region, AppID: c.SMS.AppID, Sign: c.SMS.Sign, TemplateID: c.SMS.TemplateID,
		Timeout: c.SMS.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("sms.endpoint: %w", err)
	}
	return sender, nil
}

// checkSMS asks the provider whether it knows the key; it sends no SMS.
func checkSMS(ctx context.Context, c *config.Config) error {
	if c.SMS.Driver == "log" {
		return nil
	}
	sender, err := openTencent(c)
	if err != nil {
		return err
	}
	err = sender.Check(ctx)
	var refusal *sms.RefusedError
	switch {
	case errors.As(err, &refusal) && strings.HasPrefix(refusal.Reason, "AuthFailure."):
		return fmt.Errorf("sms.secret_id, sms.secret_key: %w", err)
	case err != nil:
		return fmt.Errorf("sms.endpoint: %w", err)
	default:
		return nil
	}
}
