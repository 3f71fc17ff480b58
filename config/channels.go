package config

import (
	"net/url"
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

// channelKey is a key of a channel, with its text.
type channelKey struct{ key, text string }

func (v *validator) channels() {
	a := v.config.Alipay
	v.serviceURL("alipay.gateway", a.Gateway)
	v.channel("alipay", channelKey{"app_id", a.AppID}, channelKey{"seller_id", a.SellerID}, channelKey{"private_key", a.PrivateKey.Reveal()}, channelKey{"public_key", a.PublicKey})
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
