package costest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verify checks the Authorization of a request as COS does
// (https://www.tencentcloud.com/document/product/436/7778), and is nil where it is
// right.
func verify(r *http.Request, now time.Time) *refusal {
	signed := parseAuthorization(r.Header.Get("Authorization"))
	switch {
	case signed["q-signature"] == "" || signed["q-sign-algorithm"] != "sha1":
		return &refusal{http.StatusForbidden, "AccessDenied", "Access Denied."}
	case signed["q-ak"] != SecretID:
		return &refusal{http.StatusForbidden, "InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records."}
	case !within(now, signed["q-sign-time"]) || !within(now, signed["q-key-time"]):
		return &refusal{http.StatusForbidden, "AccessDenied", "Request has expired."}
	case !hmac.Equal([]byte(signature(r, signed, SecretKey)), []byte(signed["q-signature"])):
		return &refusal{http.StatusForbidden, "SignatureDoesNotMatch", "The Signature you specified is invalid."}
	}
	return nil
}

func parseAuthorization(header string) map[string]string {
	fields := map[string]string{}
	for field := range strings.SplitSeq(header, "&") {
		name, value, _ := strings.Cut(field, "=")
		fields[name] = value
	}
	return fields
}

// within reports whether now lies in "<begin>;<end>", in Unix seconds.
func within(now time.Time, period string) bool {
	first, last, _ := strings.Cut(period, ";")
	begin, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return false
	}
	end, err := strconv.ParseInt(last, 10, 64)
	return err == nil && begin <= now.Unix() && now.Unix() <= end
}

// signature is what q-signature has to be.
func signature(r *http.Request, signed map[string]string, secretKey string) string {
	headers := func(name string) []string {
		if name == "host" { // net/http takes it out of the headers
			return []string{r.Host}
		}
		return r.Header.Values(name)
	}
	parameters := url.Values{}
	for name, values := range r.URL.Query() {
		name = strings.ToLower(name)
		parameters[name] = append(parameters[name], values...)
	}
	// The path is the decoded one.
	text := strings.ToLower(r.Method) + "\n" + r.URL.Path + "\n" +
		list(signed["q-url-param-list"], func(name string) []string { return parameters[name] }) + "\n" +
		list(signed["q-header-list"], headers) + "\n"
	sum := sha1.Sum([]byte(text))
	key := mac(secretKey, signed["q-key-time"])
	return mac(key, "sha1\n"+signed["q-sign-time"]+"\n"+hex.EncodeToString(sum[:])+"\n")
}

// list joins what the names of a ;-list stand for, as name=value by name. A name
// stands there once for each of its values.
func list(names string, values func(name string) []string) string {
	var pairs []string
	split := slices.Sorted(strings.SplitSeq(names, ";"))
	for _, name := range slices.Compact(split) {
		for _, value := range slices.Sorted(slices.Values(values(name))) {
			pairs = append(pairs, name+"="+encode(value))
		}
	}
	return strings.Join(pairs, "&")
}

// encode escapes all but letters, digits and -_.~
func encode(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func mac(key, text string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}
