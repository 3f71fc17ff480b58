// Package config reads what an operator sets: the defaults, then a TOML file, then the environment.
//
// [Config] is the whole list of keys. A key is the two toml names joined by a dot, as in server.read_timeout. Its
// environment variable is the key in capitals after CAMPUSGATE_, with an underscore for the dot, as in
// CAMPUSGATE_SERVER_READ_TIMEOUT; the same name with _FILE appended names a file that holds the value. No key ends in
// _file, so the two cannot be confused.
//
// Nothing is guessed: an unknown key or variable is refused, and so is a value of the wrong kind. [Load] reports every
// problem at once, each on a line of its own, and never shows a [Secret].
package config

import (
	"net/netip"
	"time"
)

// Config is a complete configuration, as [Load] returns it. It is read-only after that.
type Config struct {
	Server   Server   `toml:"server"`
	Database Database `toml:"database"`
	Captcha  Captcha  `toml:"captcha"`
	Redis    Redis    `toml:"redis"`
	Pictures Pictures `toml:"pictures"`
	COS      COS      `toml:"cos"`
	SMS      SMS      `toml:"sms"`
	Mail     Mail     `toml:"mail"`
	Auth     Auth     `toml:"auth"`
	Accounts Accounts `toml:"accounts"`
	Limits   Limits   `toml:"limits"`
	Shops    Shops    `toml:"shops"`
	Market   Market   `toml:"market"`
	Payments Payments `toml:"payments"`
	Alipay   Alipay   `toml:"alipay"`
	WeChat   WeChat   `toml:"wechat"`
	Pingpp   Pingpp   `toml:"pingpp"`
	Live     Live     `toml:"live"`
	Log      Log      `toml:"log"`
	Metrics  Metrics  `toml:"metrics"`

	// origin holds the keys that the file or the environment set, each with the variable that set it last, or "" for
	// the file. A key that is absent has its default.
	origin map[string]string
	// file is the file that was read, "" for none.
	file string
}

// Live is what pushes to the connections of users.
type Live struct {
	// Bus is by what replicas tell each other: memory, of one alone, or redis. Unless set it is as Captcha.Store.
	Bus string `toml:"bus" default:"memory"`
}

// Server is the HTTP server.
type Server struct {
	// Listen is the host:port to listen on. An empty host is every interface, port 0 one that is free.
	Listen string `toml:"listen" default:"127.0.0.1:4081"`
	// BasePath stands before every path of the API. It starts with a slash and does not end in one; "" is the root.
	BasePath string `toml:"base_path" default:"/api/external"`
	// Timezone is where the texts on the wire tell the time, by its IANA name; the names are part of the binary.
	Timezone *time.Location `toml:"timezone" default:"Asia/Shanghai"`
	// MaxBody is the largest request body, 1KiB to 1GiB.
	MaxBody Size `toml:"max_body" default:"8MiB"`
	// MinRate is how many bytes of a body a second a client has to send, and to take, once ReadTimeout or WriteTimeout is
	// over; above 0.
	MinRate Size `toml:"min_rate" default:"8KiB"`
	// ReadTimeout is how long a request may take to arrive, above 0; a body may take longer at MinRate.
	ReadTimeout time.Duration `toml:"read_timeout" default:"10s"`
	// WriteTimeout is how long a call and its answer may take, above 0; the answer may take longer at MinRate.
	WriteTimeout time.Duration `toml:"write_timeout" default:"10s"`
	// IdleTimeout is how long a connection may wait for its next request, above 0.
	IdleTimeout time.Duration `toml:"idle_timeout" default:"60s"`
	// ShutdownTimeout is how long requests in flight may take to finish once the server is told to stop, above 0.
	ShutdownTimeout time.Duration `toml:"shutdown_timeout" default:"15s"`
	// LegacyContentType answers with the old server's Content-Type, for pages that parse the text themselves.
	LegacyContentType bool `toml:"legacy_content_type" default:"false"`
	// TrustedProxies are the peers whose X-Real-IP and X-Forwarded-For are believed.
	TrustedProxies []netip.Prefix `toml:"trusted_proxies" default:"127.0.0.1/32,::1/128"`
	// TrustedCallers are servers that call for many users: no limit per address holds for them. Behind a proxy the
	// address is the client's, not the proxy's.
	TrustedCallers []netip.Prefix `toml:"trusted_callers" default:"127.0.0.1/32,::1/128"`
	// AllowOrigins are the sites whose pages may call from browsers, in lower case: whole origins, with *. for
	// sub-domains.
	AllowOrigins []string `toml:"allow_origins" default:""`
	// Console serves the try-it page. Unless set it is true for a server on a developer's machine only: no file, SQLite
	// and a loopback Listen.
	Console bool `toml:"console" default:"false"`
	// Desk serves the page on which admins work. Unless set it is as Console is by default.
	Desk bool `toml:"desk" default:"false"`
}

// Database is where everything but pictures and captchas is kept.
type Database struct {
	// Driver is sqlite or mysql.
	Driver string `toml:"driver" default:"sqlite"`
	// DSN is a path for sqlite, a go-sql-driver data source name for mysql, which may hold a password. Never empty.
	DSN Secret `toml:"dsn" default:"data/campusgate.db"`
	// MaxOpen is the largest number of open connections, at least 1.
	MaxOpen int `toml:"max_open" default:"32"`
	// Timeout bounds connecting and each query, above 0.
	Timeout time.Duration `toml:"timeout" default:"5s"`
}

// Captcha is how picture and SMS codes are kept.
type Captcha struct {
	// Store is memory or redis.
	Store string `toml:"store" default:"memory"`
	// TTL is how long a code lives without being renewed, at least 1s.
	TTL time.Duration `toml:"ttl" default:"180s"`
	// MaxLifetime is how long a picture's code lives however often it is renewed, at least TTL.
	MaxLifetime time.Duration `toml:"max_lifetime" default:"15m"`
	// LogCodes writes each picture's code to the log. For development only.
	LogCodes bool `toml:"log_codes" default:"false"`
}

// Redis is what replicas share, used where a key says redis.
type Redis struct {
	// Addr are host:port addresses: one server, the nodes of a Cluster, or Sentinels if SentinelMaster is set.
	Addr []string `toml:"addr" default:"127.0.0.1:6379"`
	// Username is the ACL user, "" for the default one.
	Username string `toml:"username" default:""`
	// Password is the user's password, "" for none.
	Password Secret `toml:"password" default:""`
	// DB is the number of the database, from 0. A Cluster has only 0.
	DB int `toml:"db" default:"0"`
	// SentinelMaster is the name of the master that the Sentinels at Addr know, "" without Sentinels.
	SentinelMaster string `toml:"sentinel_master" default:""`
	// Timeout bounds each command, above 0.
	Timeout time.Duration `toml:"timeout" default:"2s"`
}

// Pictures is how pictures are kept and who may show them.
type Pictures struct {
	// Store is disk or cos.
	Store string `toml:"store" default:"disk"`
	// Dir is the folder of the disk store. Never empty with it.
	Dir string `toml:"dir" default:"data/pictures"`
	// MaxSize is the largest upload, 1KiB to 8MiB. In base64 it has to fit into Server.MaxBody. A portrait has 1MiB at
	// most whatever this says.
	MaxSize Size `toml:"max_size" default:"1MiB"`
	// KeepLocation leaves in a photo where it was taken.
	KeepLocation bool `toml:"keep_location" default:"false"`
	// Cache is the memory for pictures that are often asked for; 0 is none.
	Cache Size `toml:"cache" default:"64MiB"`
	// AllowReferers are the hosts whose pages may show pictures, in lower case: a whole host, or *.host for its
	// sub-domains.
	AllowReferers []string `toml:"allow_referers" default:"www.zustservice.cn,zustservice.cn,localhost,127.0.0.1"`
	// AllowEmptyReferer lets requests without a Referer have pictures.
	AllowEmptyReferer bool `toml:"allow_empty_referer" default:"true"`
	// AnonymousPortraits lets anybody upload a portrait without a token. Unless set it is as Server.Console.
	AnonymousPortraits bool `toml:"anonymous_portraits" default:"false"`
	// URLPrefix stands before the paths of pictures in answers, without quotes or control characters.
	URLPrefix string `toml:"url_prefix" default:"."`
}

// COS is Tencent Cloud Object Storage. BucketURL, SecretID and SecretKey must be set if Pictures.Store is cos.
type COS struct {
	// BucketURL is the bucket's URL as Tencent shows it, or that of a private endpoint. A path in it stands before every key.
	BucketURL string `toml:"bucket_url" default:""`
	// SecretID is the id of the API key.
	SecretID Secret `toml:"secret_id" default:""`
	// SecretKey is the API key.
	SecretKey Secret `toml:"secret_key" default:""`
	// Timeout bounds each operation, above 0.
	Timeout time.Duration `toml:"timeout" default:"5s"`
}

// SMS is how codes reach a phone. All but Endpoint must be set if Driver is tencent.
type SMS struct {
	// Driver is log, which only logs phone and code, or tencent.
	Driver string `toml:"driver" default:"log"`
	// Endpoint is the URL of the service, "" for Tencent's own.
	Endpoint string `toml:"endpoint" default:""`
	// SecretID is the id of the API key.
	SecretID Secret `toml:"secret_id" default:""`
	// SecretKey is the API key.
	SecretKey Secret `toml:"secret_key" default:""`
	// AppID is the application's SdkAppId.
	AppID string `toml:"app_id" default:""`
	// Sign is the approved signature.
	Sign string `toml:"sign" default:""`
	// TemplateID is the approved template.
	TemplateID string `toml:"template_id" default:""`
	// NoticeTemplateID is the approved template of reminders, "" where none are sent.
	NoticeTemplateID string `toml:"notice_template_id" default:""`
	// Region is the API's region, as in ap-guangzhou.
	Region string `toml:"region" default:""`
	// Timeout bounds each call, above 0.
	Timeout time.Duration `toml:"timeout" default:"5s"`
}

// Auth is how tokens are looked up.
type Auth struct {
	// CacheTTL is how long a found token's user may be remembered, at most 1m; 0 is not at all.
	CacheTTL time.Duration `toml:"cache_ttl" default:"2s"`
}

// Limits are per client address, from 0, which is no limit.
type Limits struct {
	// PerMinute is requests a minute in each replica by itself; reading pictures is not counted.
	PerMinute int `toml:"per_minute" default:"6000"`
	// GuessesPerMinute is failed captcha guesses a minute, over all replicas.
	GuessesPerMinute int `toml:"guesses_per_minute" default:"30"`
	// Uploads is how many picture uploads may run at once.
	Uploads int `toml:"uploads" default:"8"`
}

// Shops are the rules for shops.
type Shops struct {
	// PerUser is how many shops a user may have, at least 1.
	PerUser int `toml:"per_user" default:"3"`
}

// Log is what is written to stderr.
type Log struct {
	// Level is the least that is written: debug, info, warn or error.
	Level string `toml:"level" default:"info"`
	// Format is text, or json for machines.
	Format string `toml:"format" default:"text"`
}

// Metrics is the listener for Prometheus.
type Metrics struct {
	// Listen is the host:port where /metrics is served, "" for nowhere.
	Listen string `toml:"listen" default:""`
}

// Embedded reports whether this is the embedded default: no file is given and the database is SQLite. Only then does the
// server bring the schema up by itself.
func (c *Config) Embedded() bool { return c.file == "" && c.Database.Driver == "sqlite" }
