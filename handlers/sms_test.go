package handlers_test

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
	"campusgate/handlers/sms"
)

const (
	phone      = "13700000000"
	otherPhone = "13800000000"
	thirdPhone = "13900000000"
)

// sendSMS asks for an SMS.
func (g *gateway) sendSMS(hash, phone string) answer {
	g.t.Helper()
	return g.call("sms/generate", "", hashData(hash, `"phone":"`+phone+`"`))
}

// smsHash sends an SMS, by a fresh picture, and reads its code in the log, as a
// person reads the phone.
func (g *gateway) smsHash(phone string) string {
	g.t.Helper()
	salt := g.sendSMS(g.captchaHash(), phone).want(g.t, 0, "successful").field("rand")
	lines := strings.Split(g.log.String(), "sms phone="+phone+" code=")
	return md5Hex(lines[len(lines)-1][:6] + salt)
}

// sentSMS is how many SMS the log driver sent.
func (g *gateway) sentSMS() int { return strings.Count(g.log.String(), "sms phone=") }

func TestSMSGenerate(t *testing.T) {
	g := start(t)
	a := g.sendSMS(strings.ToUpper(g.captchaHash()), phone)
	form := regexp.MustCompile(`^\{"id":1,"status":0,"message":"successful","data":\{"rand":"[A-Za-z0-9]{5}"\}\}$`)
	if !form.MatchString(a.Raw) {
		t.Errorf("answered %s", a.Raw)
	}
	if !regexp.MustCompile(`sms phone=13700000000 code=[0-9]{6}\b`).MatchString(g.log.String()) {
		t.Errorf("no line of 6 digits in the log: %s", g.log)
	}
}

func TestSMSGenerateFields(t *testing.T) {
	g := start(t)
	hash := g.captchaHash()
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
		t.Run(test.name, func(t *testing.T) { test.want(t, g.call("sms/generate", "", test.data)) })
	}
	if got := g.sentSMS(); got != 0 {
		t.Errorf("%d SMS sent", got)
	}
}

func TestSMSPhones(t *testing.T) {
	g := start(t)
	for _, right := range []string{"13000000000", "14700000000", "15912345678", "16600000000", "17000000000", "18899999999", "19912345678"} {
		g.sendSMS(g.captchaHash(), right).want(t, 0, "successful")
	}
	sent, hash := g.sentSMS(), g.captchaHash()
	for _, wrong := range []string{
		"1370000000", "137000000000", "12700000000", "11000000000", "10000000000", "03700000000", "23700000000",
		"+8613700000000", "8613700000000", "137-0000-0000", "137 0000 0000", " 13700000000", "13700000000 ",
		`13700000000\n`, "137xxxxxxxx", "１３７００００００００", "13700000000,13800000000", "+14155550100", "0", " ",
	} {
		denial{wrong, hashData(hash, `"phone":"`+wrong+`"`), 1016, "手机号格式错误", "phone"}.want(t, g.sendSMS(hash, wrong))
	}
	if got := g.sentSMS(); got != sent {
		t.Errorf("%d SMS sent to wrong phones", got-sent)
	}
	g.sendSMS(hash, phone).want(t, 0, "successful") // none of them took a place of the picture
}

// The limits of a phone, each SMS by a fresh picture, at the given ages of the
// first.
func TestSMSPhoneLimits(t *testing.T) {
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
			g := start(t)
			begin := g.clock.Now()
			for _, one := range test.attempts {
				g.clock.advance(begin.Add(one.at).Sub(g.clock.Now()))
				a := g.sendSMS(g.captchaHash(), phone).want(t, one.status, one.message)
				if one.status != 0 && !strings.HasPrefix(a.Detail, "phone: ") {
					t.Errorf("detail %q", a.Detail)
				}
			}
			g.sendSMS(g.captchaHash(), otherPhone).want(t, 0, "successful")
		})
	}
}

func TestSMSOfOnePicture(t *testing.T) {
	t.Run("5 SMS to 2 phones", func(t *testing.T) {
		g := start(t)
		hash := g.captchaHash()
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
			if a := g.sendSMS(hash, one.phone); a.Status != one.status {
				t.Errorf("%s: %s", one.phone, a.Raw)
			}
			g.clock.advance(31 * time.Second)
		}
		g.sendSMS(hash, phone).want(t, -4, "Error Hash")
		g.sendSMS(g.captchaHash(), thirdPhone).want(t, 0, "successful")
	})
	t.Run("one that a phone's limit refused does not count", func(t *testing.T) {
		g := start(t)
		g.sendSMS(g.captchaHash(), thirdPhone).want(t, 0, "successful")
		hash := g.captchaHash()
		for range 6 {
			if a := g.sendSMS(hash, thirdPhone); a.Status != 1023 {
				t.Fatalf("answered %s", a.Raw)
			}
		}
		g.sendSMS(hash, phone).want(t, 0, "successful")
		g.sendSMS(hash, otherPhone).want(t, 0, "successful")
	})
	t.Run("concurrent calls to many phones", func(t *testing.T) {
		g := start(t)
		hash := g.captchaHash()
		got := count(together(12, func(i int) answer { return g.sendSMS(hash, fmt.Sprintf("137000000%02d", i)) }))
		if diff := cmp.Diff(map[string]int{"0 successful": 2, "-4 Error Hash": 10}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("concurrent calls to one phone", func(t *testing.T) {
		g := start(t)
		hashes := []string{g.captchaHash(), g.captchaHash(), g.captchaHash(), g.captchaHash()}
		got := count(together(12, func(i int) answer { return g.sendSMS(hashes[i%len(hashes)], phone) }))
		if sent := g.sentSMS(); sent != 1 || got["0 successful"] != 1 {
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
			sender := &refusingSender{err: test.err}
			g := start(t, func(o *options) { o.sender = sender })
			hash := g.captchaHash()
			for range 6 { // none of them counts, for the picture or for the phone
				for _, to := range []string{phone, otherPhone, thirdPhone} {
					g.sendSMS(hash, to).wantRaw(t, test.want)
				}
			}
			if !sender.deadline {
				t.Error("the provider was called without a deadline")
			}
			if log := g.log.String(); !strings.Contains(log, test.err.Error()) || strings.Contains(log, phone) {
				t.Errorf("want the cause and no phone in the log: %s", log)
			}
			sender.err = nil
			g.sendSMS(hash, phone).want(t, 0, "successful")
			g.sendSMS(hash, otherPhone).want(t, 0, "successful")
			g.sendSMS(hash, thirdPhone).want(t, -4, "Error Hash")
			g.sendSMS(hash, phone).want(t, 1023, "单个手机号30秒内下发短信条数超过设定的上限")
		})
	}
}

func TestSMSValidate(t *testing.T) {
	g := start(t)
	picture, hash := g.captchaHash(), g.smsHash(phone)
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
			g.call(test.call, "", test.data).wantRaw(t, `{"id":1,"status":0,"message":"successful","data":{}}`)
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
		t.Run(test.name, func(t *testing.T) { test.want(t, g.call("sms/validate", "", test.data)) })
	}
	g.sendSMS(hash, otherPhone).want(t, -4, "Error Hash") // it is no picture's
	g.sendSMS(hash, "110").want(t, -4, "Error Hash")      // which is checked before the phone
	g.ok("img/validate", "", hashData(picture))           // sms/validate did not consume it
	g.ok("sms/validate", "", hashData(hash))
}

func TestSMSHashConsumedOnce(t *testing.T) {
	for _, call := range []string{"sms/validate", "img/validate"} {
		t.Run(call, func(t *testing.T) {
			g := start(t)
			hash := g.smsHash(phone)
			got := count(together(16, func(int) answer { return g.call(call, "", hashData(hash, `"consume":true`)) }))
			if len(got) != 2 || got["0 successful"] != 1 {
				t.Errorf("answered %v, want one success", got)
			}
			g.call("sms/validate", "", hashData(hash)).want(t, -4, "Error Hash")
			g.call("img/validate", "", hashData(hash)).want(t, -1, mismatch)
		})
	}
}

func TestSMSHashIsNotRenewed(t *testing.T) {
	g := start(t)
	hash := g.smsHash(phone)
	g.clock.advance(179 * time.Second)
	g.ok("img/validate", "", hashData(hash))
	g.ok("sms/validate", "", hashData(hash))
	g.clock.advance(time.Second)
	g.call("sms/validate", "", hashData(hash)).want(t, -4, "Error Hash")
	g.call("img/validate", "", hashData(hash)).want(t, -1, mismatch)
}
