package config

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// byText compares the values of fields by what they print, which is enough for all but secrets.
var byText = cmp.Options{
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	cmp.Transformer("reveal", Secret.Reveal),
}

// values returns the value of every key of c.
func values(c *Config) map[string]any {
	all := map[string]any{}
	for _, f := range fields(c) {
		all[f.key] = reflect.ValueOf(f.target).Elem().Interface()
	}
	return all
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// The keys, variables and defaults that operators, scripts and sample files rely on. None may change unseen.
func TestKeysAndDefaults(t *testing.T) {
	t.Parallel()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128")}
	table := []struct {
		key, variable string
		value         any
	}{
		{"server.listen", "CAMPUSGATE_SERVER_LISTEN", "127.0.0.1:4081"},
		{"server.base_path", "CAMPUSGATE_SERVER_BASE_PATH", "/api/external"},
		{"server.timezone", "CAMPUSGATE_SERVER_TIMEZONE", location(t, "Asia/Shanghai")},
		{"server.max_body", "CAMPUSGATE_SERVER_MAX_BODY", Size(8 << 20)},
		{"server.min_rate", "CAMPUSGATE_SERVER_MIN_RATE", Size(8 << 10)},
		{"server.read_timeout", "CAMPUSGATE_SERVER_READ_TIMEOUT", 10 * time.Second},
		{"server.write_timeout", "CAMPUSGATE_SERVER_WRITE_TIMEOUT", 10 * time.Second},
		{"server.idle_timeout", "CAMPUSGATE_SERVER_IDLE_TIMEOUT", time.Minute},
		{"server.shutdown_timeout", "CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT", 15 * time.Second},
		{"server.legacy_content_type", "CAMPUSGATE_SERVER_LEGACY_CONTENT_TYPE", false},
		{"server.trusted_proxies", "CAMPUSGATE_SERVER_TRUSTED_PROXIES", loopback},
		{"server.trusted_callers", "CAMPUSGATE_SERVER_TRUSTED_CALLERS", loopback},
		{"server.allow_origins", "CAMPUSGATE_SERVER_ALLOW_ORIGINS", []string(nil)},
		{"server.console", "CAMPUSGATE_SERVER_CONSOLE", true},
		{"server.desk", "CAMPUSGATE_SERVER_DESK", true},
		{"database.driver", "CAMPUSGATE_DATABASE_DRIVER", "sqlite"},
		{"database.dsn", "CAMPUSGATE_DATABASE_DSN", Secret("data/campusgate.db")},
		{"database.max_open", "CAMPUSGATE_DATABASE_MAX_OPEN", 32},
		{"database.timeout", "CAMPUSGATE_DATABASE_TIMEOUT", 5 * time.Second},
		{"captcha.store", "CAMPUSGATE_CAPTCHA_STORE", "memory"},
		{"captcha.ttl", "CAMPUSGATE_CAPTCHA_TTL", 180 * time.Second},
		{"captcha.max_lifetime", "CAMPUSGATE_CAPTCHA_MAX_LIFETIME", 15 * time.Minute},
		{"captcha.log_codes", "CAMPUSGATE_CAPTCHA_LOG_CODES", false},
		{"redis.addr", "CAMPUSGATE_REDIS_ADDR", []string{"127.0.0.1:6379"}},
		{"redis.username", "CAMPUSGATE_REDIS_USERNAME", ""},
		{"redis.password", "CAMPUSGATE_REDIS_PASSWORD", Secret("")},
		{"redis.db", "CAMPUSGATE_REDIS_DB", 0},
		{"redis.sentinel_master", "CAMPUSGATE_REDIS_SENTINEL_MASTER", ""},
		{"redis.timeout", "CAMPUSGATE_REDIS_TIMEOUT", 2 * time.Second},
		{"pictures.store", "CAMPUSGATE_PICTURES_STORE", "disk"},
		{"pictures.dir", "CAMPUSGATE_PICTURES_DIR", "data/pictures"},
		{"pictures.max_size", "CAMPUSGATE_PICTURES_MAX_SIZE", Size(1 << 20)},
		{"pictures.keep_location", "CAMPUSGATE_PICTURES_KEEP_LOCATION", false},
		{"pictures.cache", "CAMPUSGATE_PICTURES_CACHE", Size(64 << 20)},
		{
			"pictures.allow_referers", "CAMPUSGATE_PICTURES_ALLOW_REFERERS",
			[]string{"www.zustservice.cn", "zustservice.cn", "localhost", "127.0.0.1"},
		},
		{"pictures.allow_empty_referer", "CAMPUSGATE_PICTURES_ALLOW_EMPTY_REFERER", true},
		{"pictures.anonymous_portraits", "CAMPUSGATE_PICTURES_ANONYMOUS_PORTRAITS", true},
		{"pictures.url_prefix", "CAMPUSGATE_PICTURES_URL_PREFIX", "."},
		{"cos.bucket_url", "CAMPUSGATE_COS_BUCKET_URL", ""},
		{"cos.secret_id", "CAMPUSGATE_COS_SECRET_ID", Secret("")},
		{"cos.secret_key", "CAMPUSGATE_COS_SECRET_KEY", Secret("")},
		{"cos.timeout", "CAMPUSGATE_COS_TIMEOUT", 5 * time.Second},
		{"sms.driver", "CAMPUSGATE_SMS_DRIVER", "log"},
		{"sms.endpoint", "CAMPUSGATE_SMS_ENDPOINT", ""},
		{"sms.secret_id", "CAMPUSGATE_SMS_SECRET_ID", Secret("")},
		{"sms.secret_key", "CAMPUSGATE_SMS_SECRET_KEY", Secret("")},
		{"sms.app_id", "CAMPUSGATE_SMS_APP_ID", ""},
		{"sms.sign", "CAMPUSGATE_SMS_SIGN", ""},
		{"sms.template_id", "CAMPUSGATE_SMS_TEMPLATE_ID", ""},
		{"sms.notice_template_id", "CAMPUSGATE_SMS_NOTICE_TEMPLATE_ID", ""},
		{"sms.region", "CAMPUSGATE_SMS_REGION", ""},
		{"sms.timeout", "CAMPUSGATE_SMS_TIMEOUT", 5 * time.Second},
		{"mail.host", "CAMPUSGATE_MAIL_HOST", ""},
		{"mail.port", "CAMPUSGATE_MAIL_PORT", 587},
		{"mail.username", "CAMPUSGATE_MAIL_USERNAME", ""},
		{"mail.password", "CAMPUSGATE_MAIL_PASSWORD", Secret("")},
		{"mail.from", "CAMPUSGATE_MAIL_FROM", ""},
		{"mail.tls", "CAMPUSGATE_MAIL_TLS", "starttls"},
		{"mail.timeout", "CAMPUSGATE_MAIL_TIMEOUT", 10 * time.Second},
		{"auth.cache_ttl", "CAMPUSGATE_AUTH_CACHE_TTL", 2 * time.Second},
		{"accounts.own", "CAMPUSGATE_ACCOUNTS_OWN", true},
		{"accounts.token_ttl", "CAMPUSGATE_ACCOUNTS_TOKEN_TTL", 7 * 24 * time.Hour},
		{"accounts.secret", "CAMPUSGATE_ACCOUNTS_SECRET", Secret("")},
		{"accounts.old_secret", "CAMPUSGATE_ACCOUNTS_OLD_SECRET", Secret("")},
		{"limits.per_minute", "CAMPUSGATE_LIMITS_PER_MINUTE", 6000},
		{"limits.guesses_per_minute", "CAMPUSGATE_LIMITS_GUESSES_PER_MINUTE", 30},
		{"limits.uploads", "CAMPUSGATE_LIMITS_UPLOADS", 8},
		{"shops.per_user", "CAMPUSGATE_SHOPS_PER_USER", 3},
		{"market.words_path", "CAMPUSGATE_MARKET_WORDS_PATH", ""},
		{"market.beli_new_user", "CAMPUSGATE_MARKET_BELI_NEW_USER", 100},
		{"market.beli_percent", "CAMPUSGATE_MARKET_BELI_PERCENT", 100},
		{"market.fee_percent", "CAMPUSGATE_MARKET_FEE_PERCENT", 0},
		{"market.pay_within", "CAMPUSGATE_MARKET_PAY_WITHIN", 30 * time.Minute},
		{"market.ship_within", "CAMPUSGATE_MARKET_SHIP_WITHIN", 7 * 24 * time.Hour},
		{"market.confirm_within", "CAMPUSGATE_MARKET_CONFIRM_WITHIN", 10 * 24 * time.Hour},
		{"market.settle_after", "CAMPUSGATE_MARKET_SETTLE_AFTER", 7 * 24 * time.Hour},
		{"market.answer_within", "CAMPUSGATE_MARKET_ANSWER_WITHIN", 2 * 24 * time.Hour},
		{"market.return_within", "CAMPUSGATE_MARKET_RETURN_WITHIN", 7 * 24 * time.Hour},
		{"market.receive_within", "CAMPUSGATE_MARKET_RECEIVE_WITHIN", 10 * 24 * time.Hour},
		{"market.arbitrate_within", "CAMPUSGATE_MARKET_ARBITRATE_WITHIN", 15 * 24 * time.Hour},
		{"market.appeal_within", "CAMPUSGATE_MARKET_APPEAL_WITHIN", 7 * 24 * time.Hour},
		{"market.credit_within", "CAMPUSGATE_MARKET_CREDIT_WITHIN", 60 * 24 * time.Hour},
		{"market.review", "CAMPUSGATE_MARKET_REVIEW", "auto"},
		{"market.picture_checker", "CAMPUSGATE_MARKET_PICTURE_CHECKER", "off"},
		{"market.review_goods", "CAMPUSGATE_MARKET_REVIEW_GOODS", false},
		{"payments.notify_base", "CAMPUSGATE_PAYMENTS_NOTIFY_BASE", ""},
		{"payments.timeout", "CAMPUSGATE_PAYMENTS_TIMEOUT", 5 * time.Second},
		{"payments.return_hosts", "CAMPUSGATE_PAYMENTS_RETURN_HOSTS", []string(nil)},
		{"payments.sandbox", "CAMPUSGATE_PAYMENTS_SANDBOX", true},
		{"alipay.gateway", "CAMPUSGATE_ALIPAY_GATEWAY", "https://openapi.alipay.com/gateway.do"},
		{"alipay.app_id", "CAMPUSGATE_ALIPAY_APP_ID", ""},
		{"alipay.seller_id", "CAMPUSGATE_ALIPAY_SELLER_ID", ""},
		{"alipay.private_key", "CAMPUSGATE_ALIPAY_PRIVATE_KEY", Secret("")},
		{"alipay.public_key", "CAMPUSGATE_ALIPAY_PUBLIC_KEY", ""},
		{"wechat.endpoint", "CAMPUSGATE_WECHAT_ENDPOINT", "https://api.mch.weixin.qq.com"},
		{"wechat.mch_id", "CAMPUSGATE_WECHAT_MCH_ID", ""},
		{"wechat.app_id", "CAMPUSGATE_WECHAT_APP_ID", ""},
		{"wechat.serial", "CAMPUSGATE_WECHAT_SERIAL", ""},
		{"wechat.private_key", "CAMPUSGATE_WECHAT_PRIVATE_KEY", Secret("")},
		{"wechat.api_v3_key", "CAMPUSGATE_WECHAT_API_V3_KEY", Secret("")},
		{"wechat.public_key", "CAMPUSGATE_WECHAT_PUBLIC_KEY", ""},
		{"wechat.public_key_id", "CAMPUSGATE_WECHAT_PUBLIC_KEY_ID", ""},
		{"pingpp.endpoint", "CAMPUSGATE_PINGPP_ENDPOINT", "https://api.pingxx.com"},
		{"pingpp.app_id", "CAMPUSGATE_PINGPP_APP_ID", ""},
		{"pingpp.api_key", "CAMPUSGATE_PINGPP_API_KEY", Secret("")},
		{"pingpp.private_key", "CAMPUSGATE_PINGPP_PRIVATE_KEY", Secret("")},
		{"pingpp.public_key", "CAMPUSGATE_PINGPP_PUBLIC_KEY", ""},
		{"live.bus", "CAMPUSGATE_LIVE_BUS", "memory"},
		{"log.level", "CAMPUSGATE_LOG_LEVEL", "info"},
		{"log.format", "CAMPUSGATE_LOG_FORMAT", "text"},
		{"metrics.listen", "CAMPUSGATE_METRICS_LISTEN", ""},
	}
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	var wantNames, gotNames []string
	wantValues := map[string]any{}
	for _, row := range table {
		wantNames = append(wantNames, row.key+" "+row.variable)
		wantValues[row.key] = row.value
	}
	for _, f := range fields(c) {
		gotNames = append(gotNames, f.key+" "+f.variable)
	}
	if diff := cmp.Diff(wantNames, gotNames); diff != "" {
		t.Errorf("keys and variables (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantValues, values(c), byText); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

// server.console, server.desk, pictures.anonymous_portraits, accounts.own and payments.sandbox are for a developer's machine, and never by accident for
// another.
func TestDevelopmentDefaults(t *testing.T) {
	t.Parallel()
	const mysql, dsn = "CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN=campus@tcp(db:3306)/campus"
	tests := []struct {
		name                    string
		file                    bool
		environ                 []string
		console, anonymous, own bool
		beli                    int
	}{
		{name: "no file", console: true, anonymous: true, own: true, beli: 100},
		{name: "a file, even an empty one", file: true},
		{name: "mysql", environ: []string{mysql, dsn}},
		{name: "another loopback address", environ: []string{"CAMPUSGATE_SERVER_LISTEN=127.8.9.10:80"}, console: true, anonymous: true, own: true, beli: 100},
		{name: "IPv6 loopback", environ: []string{"CAMPUSGATE_SERVER_LISTEN=[::1]:80"}, console: true, anonymous: true, own: true, beli: 100},
		{name: "localhost", environ: []string{"CAMPUSGATE_SERVER_LISTEN=localhost:0"}, console: true, anonymous: true, own: true, beli: 100},
		{name: "every interface", environ: []string{"CAMPUSGATE_SERVER_LISTEN=:4081"}},
		{name: "every IPv4 interface", environ: []string{"CAMPUSGATE_SERVER_LISTEN=0.0.0.0:4081"}},
		{name: "another host", environ: []string{"CAMPUSGATE_SERVER_LISTEN=localhost.example.org:4081"}},
		{name: "one switched off", environ: []string{"CAMPUSGATE_SERVER_CONSOLE=false"}, anonymous: true, own: true, beli: 100},
		{
			name: "accounts switched off", environ: []string{"CAMPUSGATE_ACCOUNTS_OWN=false"}, console: true, anonymous: true, beli: 100,
		},
		{
			name: "beli set", environ: []string{"CAMPUSGATE_MARKET_BELI_NEW_USER=0"}, console: true, anonymous: true, own: true,
		},
		{
			name: "one switched on", environ: []string{mysql, dsn, "CAMPUSGATE_PICTURES_ANONYMOUS_PORTRAITS=true"}, anonymous: true,
		},
		{
			name: "accounts switched on", file: true, environ: []string{"CAMPUSGATE_ACCOUNTS_OWN=true"}, own: true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := ""
			if tt.file {
				file = write(t, "")
			}
			c := mustLoad(t, file, tt.environ...)
			if c.Server.Console != tt.console {
				t.Errorf("server.console is %t, want %t", c.Server.Console, tt.console)
			}
			if c.Pictures.AnonymousPortraits != tt.anonymous {
				t.Errorf("pictures.anonymous_portraits is %t, want %t", c.Pictures.AnonymousPortraits, tt.anonymous)
			}
			if c.Server.Desk != (tt.console || tt.name == "one switched off") {
				t.Errorf("server.desk is %t", c.Server.Desk)
			}
			if c.Payments.Sandbox != (tt.console || tt.name == "one switched off") {
				t.Errorf("payments.sandbox is %t", c.Payments.Sandbox)
			}
			if c.Accounts.Own != tt.own || c.Market.BeliNewUser != tt.beli {
				t.Errorf("accounts.own is %t and market.beli_new_user %d, want %t and %d", c.Accounts.Own, c.Market.BeliNewUser, tt.own, tt.beli)
			}
		})
	}
}
