package smstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// failure is an error of the API, of a request or of one SMS.
type failure struct{ Code, Message string }

var authorization = regexp.MustCompile(
	`^TC3-HMAC-SHA256 Credential=([^/ ]+)/(\d{4}-\d{2}-\d{2})/sms/tc3_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`)

// authenticate checks a request as Tencent Cloud's signature v3 (TC3-HMAC-SHA256)
// says, and returns nil where it is signed by the account's key.
func authenticate(r *http.Request, body []byte) *failure {
	parts := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if parts == nil {
		return &failure{"AuthFailure.InvalidAuthorization", "The Authorization header is not in the right form."}
	}
	id, date, signed, signature := parts[1], parts[2], strings.Split(parts[3], ";"), parts[4]
	if id != SecretID {
		return &failure{"AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct."}
	}
	timestamp := r.Header.Get("X-TC-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	moment := time.Unix(seconds, 0).UTC()
	if err != nil || time.Since(moment).Abs() > 5*time.Minute {
		return &failure{"AuthFailure.SignatureExpire", "The signature has expired."}
	}
	if moment.Format(time.DateOnly) != date || !slices.Contains(signed, "content-type") || !slices.Contains(signed, "host") {
		return signatureFailure
	}
	scope := date + "/sms/tc3_request"
	toSign := "TC3-HMAC-SHA256\n" + timestamp + "\n" + scope + "\n" + hexSHA256(canonical(r, signed, body))
	key := mac(mac(mac([]byte("TC3"+SecretKey), date), "sms"), "tc3_request")
	if !hmac.Equal([]byte(hex.EncodeToString(mac(key, toSign))), []byte(signature)) {
		return signatureFailure
	}
	return nil
}

var signatureFailure = &failure{
	"AuthFailure.SignatureFailure",
	"The provided credentials could not be validated. Please check your signature is correct.",
}

// canonical is the canonical request. Its path is always that of the API, which
// stands at the root: an endpoint below a path is a proxy that strips it.
func canonical(r *http.Request, signed []string, body []byte) string {
	var headers strings.Builder
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.ToLower(strings.TrimSpace(value)))
	}
	return strings.Join([]string{
		r.Method, "/", r.URL.RawQuery, headers.String(), strings.Join(signed, ";"), hexSHA256(string(body)),
	}, "\n")
}

func mac(key []byte, text string) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(text))
	return hash.Sum(nil)
}

func hexSHA256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
