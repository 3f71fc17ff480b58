package pictures_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"campusgate/storage/pictures"
	"campusgate/storage/pictures/costest"
)

func TestCOSAudit(t *testing.T) {
	t.Parallel()
	for path, prefix := range map[string]string{"": "", "/campus/": "campus/"} {
		bucket := costest.Start(t)
		store := openCOS(t, bucket.URL+path)
		must(t, store.Put(t.Context(), keyOf("shop/招 牌+%2f.png"), []byte("a picture")))
		for audit, want := range map[costest.Audit]pictures.Verdict{
			costest.AuditNormal: pictures.Normal, costest.AuditSuspected: pictures.Suspected, costest.AuditForbidden: pictures.Forbidden,
		} {
			bucket.AnswerAudits(prefix+"shop/招 牌+%2f.png", audit)
			if got, err := store.Audit(t.Context(), keyOf("shop/招 牌+%2f.png")); err != nil || got != want {
				t.Errorf("audit %d is told as %d, %v", audit, got, err)
			}
		}
		for _, missing := range []string{"shop/none", "shop/.none"} {
			if got, err := store.Audit(t.Context(), keyOf(missing)); !errors.Is(err, pictures.ErrNotFound) || got != 0 {
				t.Errorf("audit of no picture: %d, %v", got, err)
			}
		}
	}
}

// What is no answer is a failure, and never a verdict or an absence.
func TestCOSAuditFails(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	bucket.Place("shop/1", []byte("a picture"))
	for audit, want := range map[costest.Audit]string{
		costest.AuditFailed: `ended as "Failed"`, costest.AuditEmpty: `result 0, label ""`, costest.AuditError: "InternalError",
		costest.AuditOff: "is it bound to Cloud Infinite",
	} {
		bucket.AnswerAudits("", audit)
		got, err := openCOS(t, bucket.URL).Audit(t.Context(), keyOf("shop/1"))
		if got != 0 || err == nil || errors.Is(err, pictures.ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("audit %d: %d, %v, want %q", audit, got, err, want)
		}
	}
	store := openCOS(t, bucket.URL, func(o *pictures.COSOptions) { o.SecretKey = "of-another-bucket" })
	if _, err := store.Audit(t.Context(), keyOf("shop/1")); !errors.Is(err, pictures.ErrDenied) {
		t.Errorf("with a wrong key: %v", err)
	}
}

// An auditing that is slow is waited for, one that is silent not longer than the time-out.
func TestCOSAuditIsSlow(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	bucket.Place("shop/1", []byte("a picture"))
	asked, release := bucket.HoldAudits()
	go func() {
		<-asked
		release()
	}()
	if got, err := openCOS(t, bucket.URL).Audit(t.Context(), keyOf("shop/1")); err != nil || got != pictures.Normal {
		t.Errorf("slow: %d, %v", got, err)
	}
	_, release = bucket.HoldAudits()
	defer release()
	if _, err := openCOS(t, bucket.URL, lasting(200*time.Millisecond)).Audit(t.Context(), keyOf("shop/1")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
}
