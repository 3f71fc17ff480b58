package wechat

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
)

// keys are those by which WeChat Pay signs, by their serials. While it changes from one to
// another both are used: a key is chosen by its serial, and never tried.
type keys struct {
	mutex  sync.RWMutex
	set    map[string]*rsa.PublicKey
	wanted bool      // something was signed by one that is not here
	asked  time.Time // when they were last asked for
}

// find is the key of a serial, nil where there is none: then they are wanted.
func (k *keys) find(serial string) *rsa.PublicKey {
	k.mutex.RLock()
	key := k.set[serial]
	k.mutex.RUnlock()
	if key == nil {
		k.mutex.Lock()
		k.wanted = true
		k.mutex.Unlock()
	}
	return key
}

// refreshEvery is the shortest time from one question for certificates to the next.
const refreshEvery = 10 * time.Minute

// due reports whether certificates are wanted and to be asked for now.
func (k *keys) due(now time.Time) bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if !k.wanted || now.Sub(k.asked) < refreshEvery {
		return false
	}
	k.wanted, k.asked = false, now
	return true
}

func (k *keys) add(found map[string]*rsa.PublicKey) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	maps.Copy(k.set, found)
}

// maxSkew is how far the time of what is signed may be from ours.
const maxSkew = 300 * time.Second

// signed is what the headers of an answer or a notification say.
type signed struct{ serial, signature, timestamp, nonce string }

func signedBy(header func(name string) string) signed {
	return signed{header("Wechatpay-Serial"), header("Wechatpay-Signature"), header("Wechatpay-Timestamp"), header("Wechatpay-Nonce")}
}

func (s signed) isEmpty() bool { return s.signature == "" }

// verify fails with [channel.ErrUnverified] unless the body is signed, lately. A probe, whose
// signature begins with WECHATPAY/SIGNTEST/, is no signature: WeChat Pay wants it refused.
func (s signed) verify(k *keys, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(s.timestamp, 10, 64)
	if err != nil || s.serial == "" || s.signature == "" || s.nonce == "" {
		return fmt.Errorf("%w: a header is missing", channel.ErrUnverified)
	}
	if skew := now.Sub(time.Unix(seconds, 0)); skew.Abs() > maxSkew {
		return fmt.Errorf("%w: it is %s old, by this clock", channel.ErrUnverified, skew)
	}
	key := k.find(s.serial)
	if key == nil {
		return fmt.Errorf("%w: there is no key of serial %.64q", channel.ErrUnverified, s.serial)
	}
	if err := signing.Verify(key, []byte(s.timestamp+"\n"+s.nonce+"\n"+string(body)+"\n"), s.signature); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrUnverified, err)
	}
	return nil
}

// sealed is a text that is encrypted by the APIv3 key.
type sealed struct {
	Algorithm  string `json:"algorithm"`
	Ciphertext []byte `json:"ciphertext"`
	Associated string `json:"associated_data"`
	Nonce      string `json:"nonce"`
}

func (s sealed) open(apiV3Key string) ([]byte, error) {
	if s.Algorithm != "AEAD_AES_256_GCM" {
		return nil, fmt.Errorf("algorithm is %.64q", s.Algorithm)
	}
	block, err := aes.NewCipher([]byte(apiV3Key))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(s.Nonce) != gcm.NonceSize() {
		return nil, fmt.Errorf("the nonce has %d bytes", len(s.Nonce))
	}
	text, err := gcm.Open(nil, []byte(s.Nonce), s.Ciphertext, []byte(s.Associated))
	if err != nil {
		return nil, errors.New("it is not sealed by api_v3_key")
	}
	return text, nil
}
