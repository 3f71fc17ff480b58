package trade_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/captcha/sms/smstest"
	"campusgate/handlers/handlerstest"
)

// reminded are what alice was told of debts, the newest first.
func (f *fair) reminded() (told []string) {
	f.T.Helper()
	for _, n := range notices(f.Gateway, alice) {
		if strings.Contains(n, "额度欠款") {
			told = append(told, n)
		}
	}
	return told
}

// at moves the clock to a time, and has the jobs run.
func (f *fair) at(text string) {
	f.T.Helper()
	f.Clock.Advance(time.Unix(handlerstest.At(f.T, text), 0).Sub(f.Clock.Now()))
	f.RunJobs()
}

// A debt's buyer is reminded three days before the day on which it is due, on it, and every
// seven days from then on, until it is paid: by a notice, and by an SMS where the operator
// has a template for it.
func TestDebtReminders(t *testing.T) {
	t.Parallel()
	provider := smstest.Start(t)
	sender, err := sms.NewTencent(provider.Options())
	handlerstest.Must(t, err)
	f := startFair(t, func(o *handlerstest.Options) { o.Text = sender.Notify })
	f.OK("user/contact", aliceToken, `{"phone":"13700007010","sms_hash":"`+f.SMSHash("13700007010")+`"}`)
	f.give(alice, 0, 500_00)
	order := f.buyBike()
	notice := func(text string) string {
		return "order 额度欠款 240 元" + text + " 订单 " + order + "（“product 1003”）：额度欠款 240 元" + text + "。"
	}
	var want []string
	for _, step := range []struct{ at, told string }{
		{"2020-01-24 09:59:59", ""},
		{"2020-01-24 10:00:00", "将于 2020-01-27 到期"},
		{"2020-01-27 09:59:59", ""},
		{"2020-01-27 10:00:00", "今天到期"},
		{"2020-02-03 09:59:59", ""},
		{"2020-02-03 10:00:00", "已逾期"},
		{"2020-02-10 10:00:00", "已逾期"},
		{"2020-03-01 12:00:00", "已逾期"}, // the replicas were down: not each that was missed
		{"2020-03-02 10:00:00", "已逾期"},
	} {
		f.at(step.at)
		if step.told != "" {
			want = append([]string{notice(step.told)}, want...)
		}
		if diff := cmp.Diff(want, f.reminded()); diff != "" {
			t.Fatalf("at %s (-want +got):\n%s", step.at, diff)
		}
		f.RunJobs()
		messages := provider.Messages()
		if len(messages) != len(want) {
			t.Fatalf("at %s: %d SMS, want %d", step.at, len(messages), len(want))
		}
		for _, m := range messages {
			if (m != smstest.Message{Phone: "+8613700007010", Code: "240 2020-01-27"}) {
				t.Errorf("an SMS is %+v", m)
			}
		}
	}
	f.repay(order)
	f.at("2020-04-01 10:00:00")
	if got := f.reminded(); len(got) != len(want) || len(provider.Messages()) != len(want) {
		t.Errorf("reminded of what is paid: %q", got)
	}
	if left := f.Stored(); strings.Contains(left, "debt.") {
		t.Error("a job is left")
	}
}

// The notice does not wait for the SMS, which is tried again unless the provider refuses it;
// without a phone there is none. It runs twice without harm.
func TestDebtReminderByText(t *testing.T) {
	t.Parallel()
	var sent []string
	var failure error
	f := startFair(t, func(o *handlerstest.Options) {
		o.Text = func(_ context.Context, phone string, words ...string) error {
			sent = append(sent, fmt.Sprint(phone, words))
			return failure
		}
	})
	f.give(alice, 0, 1000_00)
	f.buyBike()
	f.at("2020-01-24 10:00:00")
	if len(f.reminded()) != 1 || len(sent) != 0 {
		t.Errorf("without a phone: %q and the SMS %q", f.reminded(), sent)
	}
	f.OK("user/contact", aliceToken, `{"phone":"13700007010","sms_hash":"`+f.SMSHash("13700007010")+`"}`)
	failure = errors.New("the network is down")
	f.at("2020-01-27 10:00:00")
	if len(f.reminded()) != 2 || len(sent) != 1 {
		t.Errorf("with no network: %q and the SMS %q", f.reminded(), sent)
	}
	failure = &sms.RefusedError{Status: sms.PhoneFormatError}
	f.at("2020-01-27 12:00:00")
	f.at("2020-01-28 12:00:00")
	if len(f.reminded()) != 2 || len(sent) != 2 || sent[1] != "13700007010[240 2020-01-27]" {
		t.Errorf("refused: %q and the SMS %q", f.reminded(), sent)
	}
	if log := f.Log.String(); !strings.Contains(log, "an SMS was refused") || !strings.Contains(log, "phone=137****7010") {
		t.Errorf("logged is %s", log)
	}
	f.SQL("UPDATE jobs SET run_time = 1 WHERE kind = 'debt.reminder'") // as after a kill before the job was over
	f.at("2020-01-28 13:00:00")
	if len(f.reminded()) != 2 || len(sent) != 2 {
		t.Errorf("run twice: %q and the SMS %q", f.reminded(), sent)
	}
}
