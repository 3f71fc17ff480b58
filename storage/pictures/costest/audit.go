package costest

import (
	"fmt"
	"net/http"
)

// Audit is what the content auditing of a bucket says of a picture.
type Audit int

// The answers, and the ways to have none.
const (
	AuditNormal Audit = iota
	AuditForbidden
	AuditSuspected
	AuditFailed // it says that it has failed
	AuditEmpty  // it says nothing
	AuditError  // HTTP 500
	AuditOff    // the bucket has no auditing
)

// heldAudits tell their keys when they come, and wait.
type heldAudits struct {
	asked    chan string
	released chan struct{}
}

// AnswerAudits sets what is said of the picture of a key from now on; "" is every picture
// of which nothing else was set.
func (b *Bucket) AnswerAudits(key string, audit Audit) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.audits[key] = audit
}

// HoldAudits lets audits wait until release is called, or until who asked has gone away.
// asked tells their keys.
func (b *Bucket) HoldAudits() (asked <-chan string, release func()) {
	held := &heldAudits{make(chan string, 1000), make(chan struct{})}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.held = held
	return held.asked, func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.held = nil
		close(held.released)
	}
}

// audit answers as Cloud Infinite does
// (https://www.tencentcloud.com/document/product/1045/52454).
func (b *Bucket) audit(w http.ResponseWriter, r *http.Request, key string) {
	b.mutex.Lock()
	_, exists := b.objects[key]
	audit, set := b.audits[key]
	if !set {
		audit = b.audits[""]
	}
	held := b.held
	b.requests["audit"]++
	b.mutex.Unlock()
	if held != nil {
		held.asked <- key
		select {
		case <-held.released:
		case <-r.Context().Done():
			return
		}
	}
	query := r.URL.Query()
	switch {
	case audit == AuditError:
		refuse(w, r, refusal{http.StatusInternalServerError, "InternalError", "We encountered an internal error."})
	case audit == AuditOff:
		refuse(w, r, refusal{http.StatusNotFound, "BucketNotBind", "The bucket is not bound to Cloud Infinite."})
	case !exists:
		refuse(w, r, refusal{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."})
	case query.Get("ci-process") != "sensitive-content-recognition" || query.Get("large-image-detect") != "1":
		refuse(w, r, refusal{http.StatusBadRequest, "InvalidArgument", "The request is not understood."})
	default:
		w.Header().Set("Content-Type", "application/xml")
		_, _ = fmt.Fprint(w, recognition(audit)) // a client may have gone
	}
}

// recognition is an answer, shortened.
func recognition(audit Audit) string {
	state, label := "Success", "Normal"
	switch audit {
	case AuditEmpty:
		return "<RecognitionResult></RecognitionResult>"
	case AuditFailed:
		state, label = "Failed", ""
	case AuditForbidden, AuditSuspected:
		label = "Porn"
	default:
	}
	result := map[Audit]int{AuditForbidden: 1, AuditSuspected: 2}[audit]
	return fmt.Sprintf("<RecognitionResult><JobId>si1</JobId><State>%s</State><Result>%d</Result><Label>%s</Label><Score>0</Score></RecognitionResult>",
		state, result, label)
}
