package wechat

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
	"campusgate/handlers/trade/channel/signing"
)

// signedText is what is signed of a request: the path is that with the query, as it is sent.
func signedText(method, path, seconds, nonce string, body []byte) []byte {
	return []byte(method + "\n" + path + "\n" + seconds + "\n" + nonce + "\n" + string(body) + "\n")
}

func newNonce() string {
	bits := make([]byte, 16)
	_, _ = rand.Read(bits) // never fails
	return strings.ToUpper(hex.EncodeToString(bits))
}

// send signs a request and sends it. A body of nil is none.
func (c *Channel) send(ctx context.Context, method, path, nonce string, body []byte) (client.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.settings.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		return client.Answer{}, err
	}
	seconds := strconv.FormatInt(c.settings.Now().Unix(), 10)
	signature, err := signing.Sign(c.settings.Private, signedText(method, path, seconds, nonce, body))
	if err != nil {
		return client.Answer{}, fmt.Errorf("sign a request: %w", err)
	}
	request.Header.Set("Authorization", fmt.Sprintf(`WECHATPAY2-SHA256-RSA2048 mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`,
		c.settings.MchID, nonce, seconds, c.settings.Serial, signature))
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Wechatpay-Serial", c.settings.PublicKeyID)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.client.Do(request)
}

// call asks for something, and reads the answer into it, nil where that is empty. It fails
// with [channel.ErrUnknown], or with a [*refusal].
func (c *Channel) call(ctx context.Context, method, path string, content, into any) error {
	if c.keys.due(c.settings.Now()) {
		c.refresh(ctx)
	}
	var body []byte
	if content != nil {
		var err error
		if body, err = client.JSON(content); err != nil {
			return err
		}
	}
	answer, err := c.send(ctx, method, path, newNonce(), body)
	if err != nil {
		return err
	}
	return c.read(answer, into)
}

// A refusal is an answer of WeChat Pay that says no.
type refusal struct {
	status        int
	code, message string
	requestID     string // by which WeChat Pay finds it
	signed        bool
}

func (r *refusal) Error() string {
	return fmt.Sprintf("wechat refuses: HTTP status %d, %.64s (%.200q), request %.64s", r.status, r.code, r.message, r.requestID)
}

// codeOf is why WeChat Pay will not do what was asked, "" where a failure is another, or is
// not signed: that proves nothing.
func codeOf(err error) string {
	if no, ok := errors.AsType[*refusal](err); ok && no.signed {
		return no.code
	}
	return ""
}

// busy are the codes that say to ask again with the same number.
var busy = map[string]bool{"SYSTEM_ERROR": true, "FREQUENCY_LIMITED": true, "RATELIMIT_EXCEEDED": true, "BIZERR_NEED_RETRY": true}

// read reads what WeChat Pay says. A yes that it has not signed is none; an answer 204 signs
// an empty body.
func (c *Channel) read(answer client.Answer, into any) error {
	by := signedBy(answer.Header.Get)
	isYes := answer.Status >= 200 && answer.Status < 300
	if isYes || !by.isEmpty() {
		if err := by.verify(&c.keys, answer.Body, c.settings.Now()); err != nil {
			return channel.Unknown("HTTP status %d: %s", answer.Status, err)
		}
	}
	if isYes {
		if into == nil {
			return nil
		}
		if err := json.Unmarshal(answer.Body, into); err != nil {
			return channel.Unknown("HTTP status %d with no JSON that is understood", answer.Status)
		}
		return nil
	}
	var no struct{ Code, Message string }
	if json.Unmarshal(answer.Body, &no) != nil || no.Code == "" || busy[no.Code] || answer.Status >= 500 || answer.Status < 400 {
		return channel.Unknown("HTTP status %d, %.64s", answer.Status, no.Code)
	}
	return &refusal{answer.Status, no.Code, no.Message, answer.Header.Get("Request-ID"), !by.isEmpty()}
}

// certificates are the platform's, sealed by the APIv3 key.
type certificates struct {
	Data []struct {
		Serial  string `json:"serial_no"`
		Content sealed `json:"encrypt_certificate"`
	} `json:"data"`
}

// refresh asks for the certificates by which WeChat Pay signs. Merchants with its public
// key have none.
func (c *Channel) refresh(ctx context.Context) {
	answer, err := c.send(ctx, http.MethodGet, "/v3/certificates", newNonce(), nil)
	if err != nil || answer.Status != http.StatusOK {
		return
	}
	if found, err := c.certified(answer); err == nil {
		c.keys.add(found)
	}
}

// certified are the keys of an answer with certificates: who has the APIv3 key has sealed
// them, and one of them has signed the answer.
func (c *Channel) certified(answer client.Answer) (map[string]*rsa.PublicKey, error) {
	var all certificates
	if err := json.Unmarshal(answer.Body, &all); err != nil {
		return nil, err
	}
	found := keys{set: map[string]*rsa.PublicKey{}}
	for _, one := range all.Data {
		text, err := one.Content.open(c.settings.APIV3Key)
		if err != nil {
			return nil, err
		}
		if found.set[one.Serial], err = signing.PublicKey(string(text)); err != nil {
			return nil, err
		}
	}
	return found.set, signedBy(answer.Header.Get).verify(&found, answer.Body, c.settings.Now())
}
