// Package sms sends codes by SMS.
package sms

import (
	"context"
	"fmt"
	"log/slog"

	"campusgate/dispatch"
)

// RefusedError is a provider's answer that it did not take an SMS. Its status is
// Tencent Cloud's number and text, whatever the provider.
type RefusedError struct {
	Status dispatch.Status
	// Reason is the provider's own code, for the log.
	Reason string
}

func (r *RefusedError) Error() string {
	return fmt.Sprintf("sms refused: %d %s (%s)", r.Status.Number, r.Status.Text, r.Reason)
}

// Statuses of Tencent Cloud's table that this server gives itself.
var (
	ThirtySecondLimit = dispatch.Status{Number: 1023, Text: "单个手机号30秒内下发短信条数超过设定的上限"}
	HourLimit         = dispatch.Status{Number: 1024, Text: "单个手机号1小时内下发短信条数超过设定的上限"}
	DayLimit          = dispatch.Status{Number: 1025, Text: "单个手机号日下发短信条数超过设定的上限"}
	Timeout           = dispatch.Status{Number: 60008, Text: "处理请求超时"}
)

// Log writes codes to the log in place of sending them: for development, and for
// a campus that has no provider yet.
type Log struct{ Logger *slog.Logger }

// Send writes the line "sms phone=… code=…". It does not fail.
func (l Log) Send(_ context.Context, phone, code string) error {
	l.Logger.Info(fmt.Sprintf("sms phone=%s code=%s", phone, code))
	return nil
}
