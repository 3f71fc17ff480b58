package captcha_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/dispatch"
	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/handlerstest"
	"campusgate/storage/captchas"
)

const (
	phone      = "13700000000"
	otherPhone = "13800000000"
	thirdPhone = "13900000000"
)

// sendSMS asks for an SMS.
func sendSMS(g *handlerstest.Gateway, hash, phone string) handlerstest.Answer {
	g.T.Helper()
	return g.Call("sms/generate", "", hashData(hash, `"phone":"`+phone+`"`))
}

// smsHash sends an SMS, by a fresh picture, and reads its code in the log, as a
// person reads the phone.
func smsHash(g *handlerstest.Gateway, phone string) string {
	g.T.Helper()
	salt := sendSMS(g, g.CaptchaHash(), phone).Want(g.T, 0, "successful").Field("rand")
	lines := strings.Split(g.Log.String(), "sms phone="+phone+" code=")
	return handlerstest.MD5(lines[len(lines)-1][:6] + salt)
}

// sentSMS is how many SMS the log driver sent.
func sentSMS(g *handlerstest.Gateway) int { return strings.Count(g.Log.String(), "sms phone=") }

func TestSMSGenerate(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := sendSMS(g, strings.ToUpper(g.CaptchaHash()), phone)
	form := regexp.MustCompile(`^\{"id":1,"status":0,"message":"successful","data":\{"rand":"[A-Za-z0-9]{5}"\}\}$`)
	if !form.MatchString(a.Raw) {
		t.Errorf("answered %s", a.Raw)
	}
	if !regexp.MustCompile(`sms phone=13700000000 code=[0-9]{6}\b`).MatchString(g.Log.String()) {
		t.Errorf("no line of 6 digits in the log: %s", g.Log)
	}
}

func TestSMSGenerateFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hash := g.CaptchaHash()
	for _, test := range []denial{
		// Keys, empty, type, hash, phone: a row breaks the rule of its status and of a later one.
		{"no phone", `{"hash":""}`, -3, "Error data key", "phone"},
		{"no hash", `{"phone":""}`, -3, "Error data key", "hash"},
		{"null", `{"phone":null,"hash":5}`, -3, "Error data key", "phone"},
		{"phone empty", `{"phone":"","hash":5}`, -201, "Necessary key-value can't be empty", "phone"},
		{"hash empty", `{"phone":13700000000,"hash":""}`, -201, "Necessary key-value can't be empty", "hash"},
		{"phone is a number", `{"phone":13700000000,"hash":"wrong"}`, -203, "Arg's value type error", "phone"},
		{"hash is a number", `{"phone":"110","hash":12345}`, -203, "Arg's value type error", "hash"},
		{"the document's example", `{"phone":"137xxxxxxxx","hash":"as1sdfdw4w……"}`, -4, "Error Hash", "hash"},
		{"hash wrong, phone right", `{"phone":"13700000000","hash":"wrong"}`, -4, "Error Hash", "hash"},
		{"phone wrong", hashData(hash, `"phone":"137xxxxxxxx"`), 1016, "手机号格式错误", "phone"},
	} {
		t.Run(test.name, func(t *testing.T) { test.check(t, g.Call("sms/generate", "", test.data)) })
	}
	if got := sentSMS(g); got != 0 {
		t.Errorf("%d SMS sent", got)
	}
}

func TestSMSPhones(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, right := range []string{"13000000000", "14700000000", "15912345678", "16600000000", "17000000000", "18899999999", "19912345678"} {
		sendSMS(g, g.CaptchaHash(), right).Want(t, 0, "successful")
	}
	sent, hash := sentSMS(g), g.CaptchaHash()
	for _, wrong := range []string{
		"1370000000", "137000000000", "12700000000", "11000000000", "10000000000", "03700000000", "23700000000",
		"+8613700000000", "8613700000000", "137-0000-0000", "137 0000 0000", " 13700000000", "13700000000 ",
		`13700000000\n`, "137xxxxxxxx", "１３７００００００００", "13700000000,13800000000", "+14155550100", "0", " ",
	} {
		denial{wrong, hashData(hash, `"phone":"`+wrong+`"`), 1016, "手机号格式错误", "phone"}.check(t, sendSMS(g, hash, wrong))
	}
	if got := sentSMS(g); got != sent {
		t.Errorf("%d SMS sent to wrong phones", got-sent)
	}
	sendSMS(g, hash, phone).Want(t, 0, "successful") // none of them took a place of the picture
}

// The limits of a phone, each SMS by a fresh picture, at the given ages of the
// first.
func TestSMSPhoneLimits(t *testing.T) {
	t.Parallel()
	const (
		halfMinute = "单个手机号30秒内下发短信条数超过设定的上限"
		hour       = "单个手机号1小时内下发短信条数超过设定的上限"
		day        = "单个手机号日下发短信条数超过设定的上限"
	)
	type attempt struct {
		at      time.Duration
		status  int
		message string
	}
	five := func(from time.Duration) (attempts []attempt) {
		for i := range 5 {
			attempts = append(attempts, attempt{from + time.Duration(i)*time.Minute, 0, "successful"})
		}
		return attempts
	}
	for _, test := range []struct {
		name     string
		attempts []attempt
	}{
		{"one in 30 s", []attempt{
			{0, 0, "successful"},
			{0, 1023, halfMinute},
			{30*time.Second - 1, 1023, halfMinute},
			{30 * time.Second, 0, "successful"},
			{59 * time.Second, 1023, halfMinute},
		}},
		{"5 an hour", append(
			five(0),
			attempt{5 * time.Minute, 1024, hour},
			attempt{time.Hour - 1, 1024, hour},
			attempt{time.Hour, 0, "successful"},
			attempt{time.Hour + 30*time.Second, 1024, hour},
		)},
		{"10 a day", append(
			append(five(0), five(2*time.Hour)...),
			attempt{4 * time.Hour, 1025, day},
			attempt{24*time.Hour - 1, 1025, day},
			attempt{24 * time.Hour, 0, "successful"},
			attempt{24*time.Hour + 30*time.Second, 1025, day},
		)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := handlerstest.Start(t)
			begin := g.Clock.Now()
			for _, one := range test.attempts {
				g.Clock.Advance(begin.Add(one.at).Sub(g.Clock.Now()))
				a := sendSMS(g, g.CaptchaHash(), phone).Want(t, one.status, one.message)
				if one.status != 0 && !strings.HasPrefix(a.Detail, "phone: ") {
					t.Errorf("detail %q", a.Detail)
				}
			}
			sendSMS(g, g.CaptchaHash(), otherPhone).Want(t, 0, "successful")
		})
	}
}

func TestSMSOfOnePicture(t *testing.T) {
	t.Parallel()
	t.Run("5 SMS to 2 phones", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		hash := g.CaptchaHash()
		for _, one := range []struct {
			phone  string
			status int
		}{
			{phone, 0},
			{otherPhone, 0},
			{thirdPhone, -4}, // and the first two go on
			{phone, 0},
			{otherPhone, 0},
			{thirdPhone, -4},
			{phone, 0},
			{phone, -4},
			{otherPhone, -4},
		} {
			if a := sendSMS(g, hash, one.phone); a.Status != one.status {
				t.Errorf("%s: %s", one.phone, a.Raw)
			}
			g.Clock.Advance(31 * time.Second)
		}
		sendSMS(g, hash, phone).Want(t, -4, "Error Hash")
		sendSMS(g, g.CaptchaHash(), thirdPhone).Want(t, 0, "successful")
	})
	t.Run("one that a phone's limit refused does not count", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		sendSMS(g, g.CaptchaHash(), thirdPhone).Want(t, 0, "successful")
		hash := g.CaptchaHash()
		for range 6 {
			if a := sendSMS(g, hash, thirdPhone); a.Status != 1023 {
				t.Fatalf("answered %s", a.Raw)
			}
		}
		sendSMS(g, hash, phone).Want(t, 0, "successful")
		sendSMS(g, hash, otherPhone).Want(t, 0, "successful")
	})
	t.Run("concurrent calls to many phones", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		hash := g.CaptchaHash()
		got := handlerstest.Count(handlerstest.Together(12, func(i int) handlerstest.Answer { return sendSMS(g, hash, fmt.Sprintf("137000000%02d", i)) }))
		if diff := cmp.Diff(map[string]int{"0 successful": 2, "-4 Error Hash": 10}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("concurrent calls to one phone", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t)
		hashes := []string{g.CaptchaHash(), g.CaptchaHash(), g.CaptchaHash(), g.CaptchaHash()}
		got := handlerstest.Count(handlerstest.Together(12, func(i int) handlerstest.Answer { return sendSMS(g, hashes[i%len(hashes)], phone) }))
		if sent := sentSMS(g); sent != 1 || got["0 successful"] != 1 {
			t.Errorf("%d SMS sent: %v", sent, got)
		}
	})
}

// refusingSender answers what it was told to.
type refusingSender struct {
	err      error
	deadline bool // the last call had one
}

func (s *refusingSender) Send(ctx context.Context, _, _ string) error {
	_, s.deadline = ctx.Deadline()
	return s.err
}

func TestSMSRefused(t *testing.T) {
	t.Parallel()
	refusal := &sms.RefusedError{
		Status: dispatch.Status{Number: 1014, Text: "模板未审批或请求的内容与审核通过的模板内容不匹配"},
		Reason: "FailedOperation.TemplateUnapprovedOrNotExist",
	}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"by the provider", refusal, `{"id":1,"status":1014,"message":"模板未审批或请求的内容与审核通过的模板内容不匹配","data":{}}`},
		{"by the provider, wrapped", fmt.Errorf("send: %w", refusal), `{"id":1,"status":1014,"message":"模板未审批或请求的内容与审核通过的模板内容不匹配","data":{}}`},
		{"by the network", errors.New("dial tcp: no route to host"), `{"id":1,"status":60008,"message":"处理请求超时","data":{}}`},
		{"by the time-out", context.DeadlineExceeded, `{"id":1,"status":60008,"message":"处理请求超时","data":{}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sender := &refusingSender{err: test.err}
			g := handlerstest.Start(t, func(o *handlerstest.Options) { o.SMS = sender })
			hash := g.CaptchaHash()
			for range 6 { // none of them counts, for the picture or for the phone
				for _, to := range []string{phone, otherPhone, thirdPhone} {
					sendSMS(g, hash, to).WantRaw(t, test.want)
				}
			}
			if !sender.deadline {
				t.Error("the provider was called without a deadline")
			}
			if log := g.Log.String(); !strings.Contains(log, test.err.Error()) || strings.Contains(log, phone) {
				t.Errorf("want the cause and no phone in the log: %s", log)
			}
			sender.err = nil
			sendSMS(g, hash, phone).Want(t, 0, "successful")
			sendSMS(g, hash, otherPhone).Want(t, 0, "successful")
			sendSMS(g, hash, thirdPhone).Want(t, -4, "Error Hash")
			sendSMS(g, hash, phone).Want(t, 1023, "单个手机号30秒内下发短信条数超过设定的上限")
		})
	}
}

func TestSMSValidate(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture, hash := g.CaptchaHash(), smsHash(g, phone)
	for _, test := range []struct{ name, call, data string }{
		{"hash", "sms/validate", hashData(hash)},
		{"again: it is not consumed", "sms/validate", hashData(hash)},
		{"in capitals", "sms/validate", hashData(strings.ToUpper(hash))},
		{"its phone", "sms/validate", hashData(hash, `"phone":"13700000000"`)},
		{"phone empty is absent", "sms/validate", hashData(hash, `"phone":""`)},
		{"null is absent", "sms/validate", hashData(hash, `"phone":null,"consume":null`)},
		{"by the account service", "img/validate", hashData(hash)},
	} {
		t.Run(test.name, func(t *testing.T) {
			g.Call(test.call, "", test.data).WantRaw(t, `{"id":1,"status":0,"message":"successful","data":{}}`)
		})
	}
	for _, test := range []denial{
		{"absent", `{"phone":"13700000000"}`, -3, "Error data key", "hash"},
		{"empty", `{"hash":"","phone":13700000000}`, -201, "Necessary key-value can't be empty", "hash"},
		{"number", `{"hash":12345}`, -203, "Arg's value type error", "hash"},
		{"phone is a number", hashData(hash, `"phone":13700000000`), -203, "Arg's value type error", "phone"},
		{"consume as text", hashData(hash, `"consume":"true"`), -203, "Arg's value type error", "consume"},
		{"consume number", hashData(hash, `"consume":1`), -203, "Arg's value type error", "consume"},
		{"wrong", hashData("wrong"), -4, "Error Hash", "hash"},
		{"a picture's", hashData(picture), -4, "Error Hash", "hash"},
		{"another phone's", hashData(hash, `"phone":"13800000000","consume":true`), -4, "Error Hash", "hash"},
	} {
		t.Run(test.name, func(t *testing.T) { test.check(t, g.Call("sms/validate", "", test.data)) })
	}
	sendSMS(g, hash, otherPhone).Want(t, -4, "Error Hash") // it is no picture's
	sendSMS(g, hash, "110").Want(t, -4, "Error Hash")      // which is checked before the phone
	g.OK("img/validate", "", hashData(picture))            // sms/validate did not consume it
	g.OK("sms/validate", "", hashData(hash))
}

func TestSMSHashConsumedOnce(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"sms/validate", "img/validate"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			g := handlerstest.Start(t)
			hash := smsHash(g, phone)
			got := handlerstest.Count(handlerstest.Together(16, func(int) handlerstest.Answer { return g.Call(call, "", hashData(hash, `"consume":true`)) }))
			if len(got) != 2 || got["0 successful"] != 1 {
				t.Errorf("answered %v, want one success", got)
			}
			g.Call("sms/validate", "", hashData(hash)).Want(t, -4, "Error Hash")
			g.Call("img/validate", "", hashData(hash)).Want(t, -1, mismatch)
		})
	}
}

// The fifth wrong guess with a phone ends its codes: no call finds them any more.
func TestSMSHashEndedByGuesses(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hash, ofPhone := smsHash(g, phone), `"phone":"`+phone+`"`
	for range captchas.MaxGuesses - 1 {
		g.Call("sms/validate", "", hashData(wrongHash(), ofPhone)).Want(t, -4, "Error Hash")
	}
	g.OK("sms/validate", "", hashData(hash, ofPhone))
	g.Call("sms/validate", "", hashData(wrongHash(), ofPhone)).Want(t, -4, "Error Hash")
	g.Call("sms/validate", "", hashData(hash, ofPhone)).Want(t, -4, "Error Hash")
	g.Call("sms/validate", "", hashData(hash)).Want(t, -4, "Error Hash")
	g.Call("img/validate", "", hashData(hash)).Want(t, -1, mismatch)
	g.Clock.Advance(31 * time.Second)
	g.OK("sms/validate", "", hashData(smsHash(g, phone), ofPhone))
}

func TestSMSHashIsNotRenewed(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hash := smsHash(g, phone)
	g.Clock.Advance(179 * time.Second)
	g.OK("img/validate", "", hashData(hash))
	g.OK("sms/validate", "", hashData(hash))
	g.Clock.Advance(time.Second)
	g.Call("sms/validate", "", hashData(hash)).Want(t, -4, "Error Hash")
	g.Call("img/validate", "", hashData(hash)).Want(t, -1, mismatch)
}
