package config

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Payments are the channels by which users pay.
type Payments struct {
	// NotifyBase is the public URL of the base path, as channels and browsers reach it: https, but on the loopback, and
	// without a slash at its end. "" is for the sandbox alone, which takes the URL of the request;
	// every other channel requires it.
	NotifyBase string `toml:"notify_base" default:""`
	// Timeout bounds how long a call waits for a channel, above 0.
	Timeout time.Duration `toml:"timeout" default:"5s"`
	// ReturnHosts are the hosts to which a browser may return when it has paid, in lower case and without ports, beside the
	// gateway's own: a whole host, or *.host for its sub-domains.
	ReturnHosts []string `toml:"return_hosts" default:""`
	// Sandbox is a channel inside the gateway that moves no money, for trying; it stands beside no other. Unless set it is
	// as Server.Console.
	Sandbox bool `toml:"sandbox" default:"false"`
}

func (v *validator) payments() {
	p := v.config.Payments
	v.check("payments.notify_base", p.NotifyBase == "" || isNotifyBase(p.NotifyBase),
		"must be the public URL of server.base_path, with https://, without a slash at its end, a query or a user name")
	v.positive("payments.timeout", p.Timeout)
	bad := slices.DeleteFunc(slices.Clone(p.ReturnHosts), isRefererHost)
	v.check("payments.return_hosts", len(bad) == 0, `must be hosts such as "example.org" or "*.example.org", not %q`, bad)
}

// isNotifyBase reports whether channels can be given the text with a path behind it. They send what is paid there, so it
// is encrypted on its way.
func isNotifyBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && isHTTPURL(text) && (u.Scheme == "https" || isLoopbackHost(u.Hostname())) &&
		!strings.HasSuffix(text, "/") && !strings.ContainsAny(text, "?#") && isPlain(text)
}
