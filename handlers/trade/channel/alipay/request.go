package alipay

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
)

// signed is a request with its content, as JSON, and its signature. Parameters that are
// empty are left out.
func (c *Channel) signed(method string, content any, more map[string]string) (url.Values, error) {
	text, err := client.JSON(content)
	if err != nil {
		return nil, err
	}
	parameters := map[string]string{
		"app_id": c.settings.AppID, "method": method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
		"timestamp": clock(c.settings.Now()), "version": "1.0", "biz_content": string(text),
	}
	maps.Copy(parameters, more)
	maps.DeleteFunc(parameters, func(_, value string) bool { return value == "" })
	signature, err := c.sign(signedText(parameters))
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", method, err)
	}
	form := url.Values{"sign": {signature}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	return form, nil
}

// signedText is what is signed of parameters: as they are, not as they are sent, by their
// names in the order of bytes.
func signedText(parameters map[string]string) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(parameters)) {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(parameters[name])
	}
	return b.String()
}

// call asks the gateway, and returns an answer that it has signed and that says yes. It
// fails with [channel.ErrUnknown], or with a [*refusal].
func (c *Channel) call(ctx context.Context, method string, content any) (answer, error) {
	form, err := c.signed(method, content, nil)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.Gateway+"?charset=utf-8", strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	got, err := c.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	if got.Status != http.StatusOK {
		return answer{}, fmt.Errorf("%w: %s: HTTP status %d", channel.ErrUnknown, method, got.Status)
	}
	read, err := readAnswer(got.Body, strings.ReplaceAll(method, ".", "_")+"_response", c.settings.Public)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", method, err)
	}
	return read, nil
}
