package config

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// settle fills in the defaults that depend on other keys, and lower-cases what is compared in lower case.
func (c *Config) settle(noFile bool) {
	development := noFile && c.Database.Driver == "sqlite" && isLoopback(c.Server.Listen)
	if !c.IsSet("server.console") {
		c.Server.Console = development
	}
	if !c.IsSet("server.desk") {
		c.Server.Desk = development
	}
	if !c.IsSet("pictures.anonymous_portraits") {
		c.Pictures.AnonymousPortraits = development
	}
	if !c.IsSet("accounts.own") {
		c.Accounts.Own = development
	}
	if !c.IsSet("payments.sandbox") {
		c.Payments.Sandbox = development
	}
	if !c.IsSet("market.beli_new_user") && development {
		c.Market.BeliNewUser = 100
	}
	if !c.IsSet("live.bus") {
		c.Live.Bus = c.Captcha.Store
	}
	for _, list := range [][]string{c.Pictures.AllowReferers, c.Server.AllowOrigins, c.Payments.ReturnHosts} {
		for i, text := range list {
			list[i] = strings.ToLower(text)
		}
	}
}

// IsSet reports whether the file or the environment set a key.
func (c *Config) IsSet(key string) bool {
	_, set := c.origin[key]
	return set
}

// label names a key in a message, with the variable that set it, if one did.
func (c *Config) label(key string) string { return label(key, c.origin[key]) }

// validate returns the keys whose values the server cannot work with. It does not look at keys in failed, which have a
// problem already and no value of their own.
func (c *Config) validate(failed map[string]bool) []error {
	v := &validator{config: c, failed: failed}
	v.server()
	v.database()
	v.captcha()
	v.live()
	v.redis()
	v.pictures()
	v.sms()
	v.mail()
	v.accounts()
	v.market()
	v.payments()
	v.channels()
	v.others()
	return v.problems
}

// validator gathers what is wrong with the values of a Config.
type validator struct {
	config   *Config
	failed   map[string]bool
	problems []error
}

// check notes a problem with key unless ok.
func (v *validator) check(key string, ok bool, format string, args ...any) {
	if !ok && !v.failed[key] {
		v.problems = append(v.problems, fmt.Errorf("%s: %s", v.config.label(key), fmt.Sprintf(format, args...)))
	}
}

func (v *validator) oneOf(key, value string, names ...string) {
	v.check(key, slices.Contains(names, value), "must be %s, not %q", strings.Join(names, " or "), value)
}

func (v *validator) positive(key string, value time.Duration) {
	v.check(key, value > 0, "must be more than 0, not %s", value)
}

// between checks that value is one of low to high.
func between[T cmp.Ordered](v *validator, key string, value, low, high T) {
	v.check(key, low <= value && value <= high, "must be %v to %v, not %v", low, high, value)
}

func atLeast[T cmp.Ordered](v *validator, key string, value, low T) {
	v.check(key, low <= value, "must be at least %v, not %v", low, value)
}

// required checks a text that must be set while another key has a certain value.
func (v *validator) required(key, value, because string) {
	v.check(key, value != "", "is required with %s", because)
}

func (v *validator) httpURL(key, value string) {
	v.check(key, value == "" || isHTTPURL(value), "must be a URL with http:// or https:// and a host, and without a user name")
}

func (v *validator) server() {
	s := v.config.Server
	v.check("server.listen", isHostPort(s.Listen), "must be host:port, not %q", s.Listen)
	v.check("server.base_path", isBasePath(s.BasePath),
		`must be "" or a path such as "/api/external" that starts with a slash, does not end in one and needs no escapes, not %q`, s.BasePath)
	between(v, "server.max_body", s.MaxBody, 1<<10, 1<<30)
	between(v, "server.min_rate", s.MinRate, 1, 1<<30)
	v.positive("server.read_timeout", s.ReadTimeout)
	v.positive("server.write_timeout", s.WriteTimeout)
	v.positive("server.idle_timeout", s.IdleTimeout)
	v.positive("server.shutdown_timeout", s.ShutdownTimeout)
	bad := slices.DeleteFunc(slices.Clone(s.AllowOrigins), isOrigin)
	v.check("server.allow_origins", len(bad) == 0,
		`must be whole origins such as "https://www.example.org" or "https://*.example.org", without a path and the scheme's own port, not %q`, bad)
	v.trusted("server.trusted_proxies", s.TrustedProxies)
	v.trusted("server.trusted_callers", s.TrustedCallers)
}

// trusted refuses to trust everybody, unless only this machine reaches the server.
func (v *validator) trusted(key string, peers []netip.Prefix) {
	everybody := slices.DeleteFunc(slices.Clone(peers), isOfOneOwner)
	v.check(key, len(everybody) == 0 || isLoopback(v.config.Server.Listen),
		"must be addresses or networks of your own, not %v: everybody would be trusted", everybody)
}

func (v *validator) database() {
	d := v.config.Database
	v.oneOf("database.driver", d.Driver, "sqlite", "mysql")
	v.dsn(d)
	atLeast(v, "database.max_open", d.MaxOpen, 1)
	v.positive("database.timeout", d.Timeout)
}

// dsn has a default for sqlite only, a file's path, which would be a DSN with a bad form.
func (v *validator) dsn(d Database) {
	const key = "database.dsn"
	switch {
	case v.failed[key]:
	case d.DSN.Reveal() == "":
		v.problems = append(v.problems, fmt.Errorf("%s must be set", v.config.label(key)))
	case d.Driver == "mysql" && !v.config.IsSet(key):
		v.problems = append(v.problems, fmt.Errorf("%s must be set: user:password@tcp(host:3306)/database", key))
	}
}

func (v *validator) captcha() {
	c := v.config.Captcha
	v.oneOf("captcha.store", c.Store, "memory", "redis")
	atLeast(v, "captcha.ttl", c.TTL, time.Second)
	v.check("captcha.max_lifetime", c.MaxLifetime >= c.TTL || v.failed["captcha.ttl"],
		"must be at least captcha.ttl, which is %s, not %s", c.TTL, c.MaxLifetime)
}

func (v *validator) live() {
	if v.config.IsSet("live.bus") { // else it is captcha.store
		v.oneOf("live.bus", v.config.Live.Bus, "memory", "redis")
	}
}

func (v *validator) redis() {
	r := v.config.Redis
	v.check("redis.addr", len(r.Addr) > 0 || v.config.Captcha.Store != "redis", `is required with captcha.store = "redis"`)
	v.check("redis.addr", len(r.Addr) > 0 || v.config.Live.Bus != "redis" || v.config.Captcha.Store == "redis", `is required with live.bus = "redis"`)
	bad := slices.DeleteFunc(slices.Clone(r.Addr), isRemoteHostPort)
	v.check("redis.addr", len(bad) == 0, "must be host:port addresses, not %q", bad)
	cluster := len(r.Addr) > 1 && r.SentinelMaster == ""
	v.check("redis.db", r.DB >= 0, "must be at least 0, not %d", r.DB)
	v.check("redis.db", r.DB <= 0 || !cluster, "must be 0, the only database of a Cluster, not %d", r.DB)
	v.positive("redis.timeout", r.Timeout)
}

func (v *validator) pictures() {
	p, c := v.config.Pictures, v.config.COS
	v.oneOf("pictures.store", p.Store, "disk", "cos")
	between(v, "pictures.max_size", p.MaxSize, 1<<10, 8<<20)
	v.check("pictures.max_size", inBody(p.MaxSize) <= v.config.Server.MaxBody || !v.config.IsSet("pictures.max_size") || v.failed["server.max_body"],
		"must fit in base64 into server.max_body, which is %s, not be %s", v.config.Server.MaxBody, p.MaxSize)
	atLeast(v, "pictures.cache", p.Cache, 0)
	bad := slices.DeleteFunc(slices.Clone(p.AllowReferers), isRefererHost)
	v.check("pictures.allow_referers", len(bad) == 0, `must be hosts such as "example.org" or "*.example.org", not %q`, bad)
	v.check("pictures.url_prefix", isPlain(p.URLPrefix), "must not contain quotes or control characters: %q", p.URLPrefix)
	if p.Store == "disk" {
		v.required("pictures.dir", p.Dir, `pictures.store = "disk"`)
	}
	v.httpURL("cos.bucket_url", c.BucketURL)
	v.positive("cos.timeout", c.Timeout)
	if p.Store == "cos" {
		const because = `pictures.store = "cos"`
		v.required("cos.bucket_url", c.BucketURL, because)
		v.required("cos.secret_id", c.SecretID.Reveal(), because)
		v.required("cos.secret_key", c.SecretKey.Reveal(), because)
	}
}

// inBody is what a body with a picture of that size takes: base64, and the envelope with a name around it.
func inBody(picture Size) Size {
	const envelope = 1 << 10
	return (picture+2)/3*4 + envelope
}

func (v *validator) sms() {
	s := v.config.SMS
	v.oneOf("sms.driver", s.Driver, "log", "tencent")
	v.httpURL("sms.endpoint", s.Endpoint)
	v.positive("sms.timeout", s.Timeout)
	if s.Driver == "tencent" {
		const because = `sms.driver = "tencent"`
		v.required("sms.secret_id", s.SecretID.Reveal(), because)
		v.required("sms.secret_key", s.SecretKey.Reveal(), because)
		v.required("sms.app_id", s.AppID, because)
		v.required("sms.sign", s.Sign, because)
		v.required("sms.template_id", s.TemplateID, because)
		v.required("sms.region", s.Region, because)
	}
}

// others checks the small sections.
func (v *validator) others() {
	c := v.config
	// A token that the account service withdrew goes on working for as long, hence the bound.
	between(v, "auth.cache_ttl", c.Auth.CacheTTL, 0, time.Minute)
	atLeast(v, "limits.per_minute", c.Limits.PerMinute, 0)
	atLeast(v, "limits.guesses_per_minute", c.Limits.GuessesPerMinute, 0)
	atLeast(v, "limits.uploads", c.Limits.Uploads, 0)
	atLeast(v, "shops.per_user", c.Shops.PerUser, 1)
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	v.oneOf("log.format", c.Log.Format, "text", "json")
	v.check("metrics.listen", c.Metrics.Listen == "" || isHostPort(c.Metrics.Listen),
		`must be "" or host:port, not %q`, c.Metrics.Listen)
}
