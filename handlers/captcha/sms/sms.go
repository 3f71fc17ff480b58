// Package sms sends codes and reminders by SMS.
package sms

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"campusgate/dispatch"
)

// RefusedError is a provider's answer that it did not take an SMS. Its status is
// Tencent Cloud's number and text, whatever the provider.
type RefusedError struct {
	Status dispatch.Status
	// Reason is the provider's own code and what else tells the operator why.
	Reason string
}

func (r *RefusedError) Error() string {
	return fmt.Sprintf("sms refused: %d %s (%s)", r.Status.Number, r.Status.Text, r.Reason)
}

// Log writes codes to the log in place of sending them: for development, and for
// a campus that has no provider yet.
type Log struct{ Logger *slog.Logger }

// Send writes the line "sms phone=… code=…". It does not fail.
func (l Log) Send(_ context.Context, phone, code string) error {
	l.Logger.Info(fmt.Sprintf("sms phone=%s code=%s", phone, code))
	return nil
}

// Notify writes the line "sms phone=… notice=…". It does not fail.
func (l Log) Notify(_ context.Context, phone string, words ...string) error {
	l.Logger.Info(fmt.Sprintf("sms phone=%s notice=%s", phone, strings.Join(words, " ")))
	return nil
}
