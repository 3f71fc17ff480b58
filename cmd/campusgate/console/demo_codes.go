package console

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"campusgate/dispatch"
)

// Codes are those that a demo has written to its log in place of an SMS, so that the page can
// offer them to whoever tries it. A server without a demo has none.
type Codes struct {
	mu   sync.Mutex
	sent []sentCode // the oldest first
	now  func() time.Time
}

type sentCode struct {
	phone, code string
	end         time.Time
}

const (
	codeLifetime = 180 * time.Second // an SMS code's
	maxCodes     = 100               // whoever asks for more has lost the first
)

// NewCodes has none yet.
func NewCodes(now func() time.Time) *Codes { return &Codes{now: now} }

// Add keeps a code for as long as it can be used.
func (c *Codes) Add(phone, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) == maxCodes {
		c.sent = append(c.sent[:0], c.sent[1:]...)
	}
	c.sent = append(c.sent, sentCode{phone, code, c.now().Add(codeLifetime)})
}

// newest is the last code of a phone, "" where none can be used.
func (c *Codes) newest(phone string) (code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sent := range c.sent {
		if sent.phone == phone && c.now().Before(sent.end) {
			code = sent.code
		}
	}
	return code
}

// codePage tells the code of the phone that is asked for. As the demo's accounts it is for a
// browser on this machine, which could read the log as well.
func (c *Console) codePage(ctx context.Context, request dispatch.PlainRequest) ([]byte, error) {
	var answer struct {
		Code string `json:"code"`
	}
	if c.codes != nil && dispatch.CallerFrom(ctx).Local(request.Host()) {
		answer.Code = c.codes.newest(request.Query().Get("phone"))
	}
	return json.Marshal(answer)
}
