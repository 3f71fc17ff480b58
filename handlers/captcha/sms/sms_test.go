package sms_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"campusgate/handlers/captcha/sms"
)

// The line is the same in both formats of the log: scripts look for it.
func TestLog(t *testing.T) {
	var text, json bytes.Buffer
	for name, logger := range map[string]*slog.Logger{
		"text": slog.New(slog.NewTextHandler(&text, nil)),
		"json": slog.New(slog.NewJSONHandler(&json, nil)),
	} {
		if err := (sms.Log{Logger: logger}).Send(t.Context(), "13700000000", "012345"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, log := range map[string]string{"text": text.String(), "json": json.String()} {
		if !strings.Contains(log, "sms phone=13700000000 code=012345") || strings.Count(log, "\n") != 1 {
			t.Errorf("%s: logged %q", name, log)
		}
	}
}

// A log in place of a provider has notices too.
func TestLogNotice(t *testing.T) {
	var written bytes.Buffer
	if err := (sms.Log{Logger: slog.New(slog.NewTextHandler(&written, nil))}).Notify(t.Context(), "13700000000", "240.5", "2020-01-27"); err != nil {
		t.Error(err)
	}
	if !strings.Contains(written.String(), "sms phone=13700000000 notice=240.5 2020-01-27") {
		t.Errorf("logged %q", written.String())
	}
}

func TestRefusal(t *testing.T) {
	refusal := &sms.RefusedError{Status: sms.PhoneFormatError, Reason: "InvalidParameterValue.IncorrectPhoneNumber"}
	want := "sms refused: 1016 手机号格式错误 (InvalidParameterValue.IncorrectPhoneNumber)"
	if got := refusal.Error(); got != want {
		t.Errorf("says %q, want %q", got, want)
	}
	var found *sms.RefusedError
	if !errors.As(fmt.Errorf("send: %w", refusal), &found) || found != refusal {
		t.Error("a wrapped refusal is not found")
	}
}
