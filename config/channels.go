package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Alipay is the channel of that name. It is set up by all keys but Gateway, or by none.
type Alipay struct {
	// Gateway is the URL of its gateway: https, but on the loopback.
	Gateway string `toml:"gateway" default:"https://openapi.alipay.com/gateway.do"`
	// AppID is the application's id.
	AppID string `toml:"app_id" default:""`
	// SellerID is the id of the account that is paid, 2088 and twelve more digits.
	SellerID string `toml:"seller_id" default:""`
	// PrivateKey is the application's own key, PEM or bare base64, as that of the others.
	PrivateKey Secret `toml:"private_key" default:""`
	// PublicKey is Alipay's, which it shows where the application's public key is uploaded.
	PublicKey string `toml:"public_key" default:""`
}

// IsSet reports whether the channel is set up.
func (a Alipay) IsSet() bool { return a.AppID != "" }

// WeChat is the channel WeChat Pay. It is set up by all keys but Endpoint, or by none.
type WeChat struct {
	// Endpoint is the URL of its API: https, but on the loopback.
	Endpoint string `toml:"endpoint" default:"https://api.mch.weixin.qq.com"`
	// MchID is the number of the merchant that is paid.
	MchID string `toml:"mch_id" default:""`
	// AppID is the application that is bound to the merchant, wx…
	AppID string `toml:"app_id" default:""`
	// Serial is that of the merchant's own certificate: 40 hexadecimal digits, with its leading zeros.
	Serial string `toml:"serial" default:""`
	// PrivateKey is the key of that certificate.
	PrivateKey Secret `toml:"private_key" default:""`
	// APIV3Key seals notifications: 32 letters and digits, which the merchant chooses.
	APIV3Key Secret `toml:"api_v3_key" default:""`
	// PublicKey is that of WeChat Pay, or its platform certificate.
	PublicKey string `toml:"public_key" default:""`
	// PublicKeyID names PublicKey: PUB_KEY_ID_…, or the serial of the platform certificate.
	PublicKeyID string `toml:"public_key_id" default:""`
}

// IsSet reports whether the channel is set up.
func (w WeChat) IsSet() bool { return w.MchID != "" }

// Pingpp is the channel Ping++. It is set up by all keys but Endpoint, or by none.
type Pingpp struct {
	// Endpoint is the URL of its API: https, but on the loopback.
	Endpoint string `toml:"endpoint" default:"https://api.pingxx.com"`
	// AppID is the application's id, app_…
	AppID string `toml:"app_id" default:""`
	// APIKey is the live key, sk_live_…
	APIKey Secret `toml:"api_key" default:""`
	// PrivateKey is the account's own key.
	PrivateKey Secret `toml:"private_key" default:""`
	// PublicKey is that of Ping++.
	PublicKey string `toml:"public_key" default:""`
}

// IsSet reports whether the channel is set up.
func (p Pingpp) IsSet() bool { return p.AppID != "" }

// serialNumber is that of a certificate, as WeChat Pay writes it.
var serialNumber = regexp.MustCompile(`^[0-9A-F]{40}$`)

// channelKey is a key of a channel, with its text.
type channelKey struct{ key, text string }

func (v *validator) channels() {
	a := v.config.Alipay
	v.serviceURL("alipay.gateway", a.Gateway)
	v.channel("alipay", channelKey{"app_id", a.AppID}, channelKey{"seller_id", a.SellerID}, channelKey{"private_key", a.PrivateKey.Reveal()}, channelKey{"public_key", a.PublicKey})
	w := v.config.WeChat
	v.serviceURL("wechat.endpoint", w.Endpoint)
	v.channel("wechat", channelKey{"mch_id", w.MchID}, channelKey{"app_id", w.AppID}, channelKey{"serial", w.Serial},
		channelKey{"private_key", w.PrivateKey.Reveal()}, channelKey{"api_v3_key", w.APIV3Key.Reveal()},
		channelKey{"public_key", w.PublicKey}, channelKey{"public_key_id", w.PublicKeyID})
	v.check("wechat.serial", w.Serial == "" || serialNumber.MatchString(w.Serial),
		"must be the serial of the merchant's certificate, 40 hexadecimal digits with their leading zeros, not %q", w.Serial)
	v.check("wechat.api_v3_key", w.APIV3Key == "" || len(w.APIV3Key.Reveal()) == 32, "must have 32 letters and digits")
	p := v.config.Pingpp
	v.serviceURL("pingpp.endpoint", p.Endpoint)
	v.channel("pingpp", channelKey{"app_id", p.AppID}, channelKey{"api_key", p.APIKey.Reveal()}, channelKey{"private_key", p.PrivateKey.Reveal()}, channelKey{"public_key", p.PublicKey})
	v.check("pingpp.api_key", !strings.HasPrefix(p.APIKey.Reveal(), "sk_test_"), "must be the live key, sk_live_…: with that of the test mode no money moves")
}

// channel requires all keys of a channel where one is set, and that it can call back.
func (v *validator) channel(section string, keys ...channelKey) {
	i := slices.IndexFunc(keys, func(k channelKey) bool { return k.text != "" })
	if i < 0 {
		return
	}
	because := section + "." + keys[i].key
	for _, k := range keys {
		v.required(section+"."+k.key, k.text, because)
	}
	v.required("payments.notify_base", v.config.Payments.NotifyBase, because)
}

// serviceURL checks the URL of a service that money goes through, which is encrypted but on this machine.
func (v *validator) serviceURL(key, text string) {
	u, err := url.Parse(text)
	v.check(key, err == nil && isHTTPURL(text) && (u.Scheme == "https" || isLoopbackHost(u.Hostname())) && !strings.HasSuffix(text, "/") &&
		!strings.ContainsAny(text, "?#"), "must be a URL with https://, without a slash at its end, a query or a user name")
}
