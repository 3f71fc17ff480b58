package config

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	const (
		basePath = `must be "" or a path such as "/api/external" that starts with a slash, does not end in one and needs no escapes, not `
		hosts    = `must be hosts such as "example.org" or "*.example.org", not `
		origins  = `server.allow_origins: must be whole origins such as "https://www.example.org" or "https://*.example.org", without a path and the scheme's own port, not `
		digits   = "must be 64 hexadecimal digits, as openssl rand -hex 32 prints them"
		aURL     = "must be a URL with http:// or https:// and a host, and without a user name"

		service = "must be a URL with https://, without a slash at its end, a query or a user name"
		alipay  = "alipay.app_id = \"2021\"\nalipay.seller_id = \"2088\"\nalipay.private_key = \"a\"\nalipay.public_key = \"b\""
		wechat  = "wechat.mch_id = \"1900000001\"\nwechat.app_id = \"wx1\"\nwechat.serial = \"0775B6A45ACD588826D15E583A95F5DD12345678\"\nwechat.private_key = \"a\"\n" +
			"wechat.api_v3_key = \"0123456789abcdef0123456789abcdef\"\nwechat.public_key = \"b\"\nwechat.public_key_id = \"PUB_KEY_ID_1\""
		pingpp     = "pingpp.app_id = \"app_1\"\npingpp.api_key = \"sk_live_1\"\npingpp.private_key = \"a\"\npingpp.public_key = \"b\""
		notifyBase = "payments.notify_base: must be the public URL of server.base_path, with https://, without a slash at its end, a query or a user name"
	)
	// Each file has one key. No want: it is accepted.
	tests := []struct{ text, want string }{
		{`server.listen = "0.0.0.0:0"`, ""},
		{`server.listen = ":65535"`, ""},
		{`server.listen = "[::1%lo]:80"`, ""},
		{`server.listen = "my-host.example.org:80"`, ""},
		{`server.listen = ""`, `server.listen: must be host:port, not ""`},
		{`server.listen = "127.0.0.1"`, `server.listen: must be host:port, not "127.0.0.1"`},
		{`server.listen = "127.0.0.1:"`, `server.listen: must be host:port, not "127.0.0.1:"`},
		{`server.listen = "127.0.0.1:http"`, `server.listen: must be host:port, not "127.0.0.1:http"`},
		{`server.listen = "127.0.0.1:65536"`, `server.listen: must be host:port, not "127.0.0.1:65536"`},
		{`server.listen = "a b:80"`, `server.listen: must be host:port, not "a b:80"`},
		{`server.base_path = ""`, ""},
		{`server.base_path = "/v1"`, ""},
		{`server.base_path = "/"`, `server.base_path: ` + basePath + `"/"`},
		{`server.base_path = "/api/"`, `server.base_path: ` + basePath + `"/api/"`},
		{`server.base_path = "api"`, `server.base_path: ` + basePath + `"api"`},
		{`server.base_path = "//api"`, `server.base_path: ` + basePath + `"//api"`},
		{`server.base_path = "/a/../b"`, `server.base_path: ` + basePath + `"/a/../b"`},
		{`server.base_path = "/a b"`, `server.base_path: ` + basePath + `"/a b"`},
		{`server.base_path = "/a?b"`, `server.base_path: ` + basePath + `"/a?b"`},
		{`server.base_path = "/a#b"`, `server.base_path: ` + basePath + `"/a#b"`},
		{`server.base_path = "/a%2fb"`, `server.base_path: ` + basePath + `"/a%2fb"`},
		{`server.timezone = "Asia/Atlantis"`, `server.timezone: must be a time zone such as "Asia/Shanghai", not "Asia/Atlantis"`},
		{`server.max_body = "1KiB"`, ""},
		{`server.max_body = "1GiB"`, ""},
		{`server.max_body = 1023`, "server.max_body: must be 1KiB to 1GiB, not 1023"},
		{`server.max_body = "2GiB"`, "server.max_body: must be 1KiB to 1GiB, not 2GiB"},
		{`server.read_timeout = "0s"`, "server.read_timeout: must be more than 0, not 0s"},
		{`server.write_timeout = "0s"`, "server.write_timeout: must be more than 0, not 0s"},
		{`server.idle_timeout = "0s"`, "server.idle_timeout: must be more than 0, not 0s"},
		{`server.shutdown_timeout = "-1s"`, "server.shutdown_timeout: must be more than 0, not -1s"},
		{`database.driver = "postgres"`, `database.driver: must be sqlite or mysql, not "postgres"`},
		{`database.dsn = ""`, "database.dsn must be set"},
		{`database.driver = "mysql"`, "database.dsn must be set: user:password@tcp(host:3306)/database"},
		{`database = { driver = "mysql", dsn = "" }`, "database.dsn must be set"},
		{`database = { driver = "mysql", dsn = "campus:secret@tcp(db:3306)/campus" }`, ""},
		{`server = { listen = "0.0.0.0:4081", trusted_proxies = ["10.0.0.0/8", "fc00::/7"] }`, ""},
		{`server = { listen = "127.0.0.1:4081", trusted_callers = ["0.0.0.0/0", "::/0"] }`, ""},
		{`server = { listen = "0.0.0.0:4081", trusted_callers = ["10.0.0.7", "0.0.0.0/0"] }`, `server.trusted_callers: ` + everybody("0.0.0.0/0")},
		{`server = { listen = ":4081", trusted_callers = ["::/0"] }`, `server.trusted_callers: ` + everybody("::/0")},
		{`server = { listen = "10.0.0.7:4081", trusted_proxies = ["0.0.0.0/1", "128.0.0.0/1"] }`, `server.trusted_proxies: ` + everybody("0.0.0.0/1 128.0.0.0/1")},
		{`server = { listen = "[::]:4081", trusted_proxies = ["2000::/3"] }`, `server.trusted_proxies: ` + everybody("2000::/3")},
		{`database.max_open = 1`, ""},
		{`database.max_open = 0`, "database.max_open: must be at least 1, not 0"},
		{`database.timeout = "0s"`, "database.timeout: must be more than 0, not 0s"},
		{`captcha.store = "disk"`, `captcha.store: must be memory or redis, not "disk"`},
		{`live.bus = "disk"`, `live.bus: must be memory or redis, not "disk"`},
		{`live.bus = ""`, `live.bus: must be memory or redis, not ""`},
		{`live.bus = "redis"`, ""},
		{`redis = { addr = "" }` + "\n" + `live.bus = "redis"`, `redis.addr: is required with live.bus = "redis"`},
		{`redis = { addr = "" }` + "\n" + `captcha.store = "redis"` + "\n" + `live.bus = "memory"`, `redis.addr: is required with captcha.store = "redis"`},
		{`captcha.ttl = "1s"`, ""},
		{`captcha.ttl = "999ms"`, "captcha.ttl: must be at least 1s, not 999ms"},
		{`captcha.max_lifetime = "180s"`, ""},
		{`captcha.max_lifetime = "179s"`, "captcha.max_lifetime: must be at least captcha.ttl, which is 3m0s, not 2m59s"},
		{`redis = { addr = "" }`, ""},
		{`redis = { addr = "" }` + "\n" + `captcha.store = "redis"`, `redis.addr: is required with captcha.store = "redis"`},
		{`redis.addr = ["redis", "a:1", ":6379", "a:0"]`, `redis.addr: must be host:port addresses, not ["redis" ":6379" "a:0"]`},
		{`redis.db = 15`, ""},
		{`redis.db = -1`, "redis.db: must be at least 0, not -1"},
		{`redis = { db = 1, addr = "a:1,b:2", sentinel_master = "main" }`, ""},
		{`redis = { db = 1, addr = "a:1,b:2" }`, "redis.db: must be 0, the only database of a Cluster, not 1"},
		{`redis.timeout = "0s"`, "redis.timeout: must be more than 0, not 0s"},
		{`pictures.store = "s3"`, `pictures.store: must be disk or cos, not "s3"`},
		{`pictures.dir = ""`, `pictures.dir: is required with pictures.store = "disk"`},
		{`pictures.max_size = "2MiB"`, ""},
		{"pictures.max_size = \"8MiB\"\nserver.max_body = \"11MiB\"", ""},
		{"pictures.max_size = \"9MiB\"\nserver.max_body = \"1GiB\"", "pictures.max_size: must be 1KiB to 8MiB, not 9MiB"},
		{`pictures.max_size = 1023`, "pictures.max_size: must be 1KiB to 8MiB, not 1023"},
		{`pictures.max_size = "8MiB"`, "pictures.max_size: must fit in base64 into server.max_body, which is 8MiB, not be 8MiB"},
		{`pictures.cache = -1`, `pictures.cache: must be a size such as "8MiB", not "-1"`},
		{`pictures.allow_referers = ["::1", "a_b.example.org"]`, ""},
		{
			`pictures.allow_referers = ["https://a.org", "a.org:80", "a.org/x", "*", "*.", "a.*.org", "a..org", "a.org", ""]`,
			`pictures.allow_referers: ` + hosts + `["https://a.org" "a.org:80" "a.org/x" "*" "*." "a.*.org" "a..org" ""]`,
		},
		{`pictures.url_prefix = ""`, ""},
		{`pictures.url_prefix = "https://cdn.example.org/图"`, ""},
		{`pictures.url_prefix = "a\"b"`, `pictures.url_prefix: must not contain quotes or control characters: "a\"b"`},
		{`pictures.url_prefix = "a'b"`, `pictures.url_prefix: must not contain quotes or control characters: "a'b"`},
		{`pictures.url_prefix = "a\nb"`, `pictures.url_prefix: must not contain quotes or control characters: "a\nb"`},
		{`cos.bucket_url = "https://campus-1250000000.cos.ap-shanghai.myqcloud.com"`, ""},
		{`cos.bucket_url = "http://127.0.0.1:9000/bucket"`, ""},
		{`cos.bucket_url = "campus-1250000000"`, "cos.bucket_url: " + aURL},
		{`cos.bucket_url = "https://"`, "cos.bucket_url: " + aURL},
		{`cos.bucket_url = "https://user:hunter2@example.org"`, "cos.bucket_url: " + aURL},
		{`cos.timeout = "0s"`, "cos.timeout: must be more than 0, not 0s"},
		{`sms.driver = "carrier"`, `sms.driver: must be log or tencent, not "carrier"`},
		{`sms.endpoint = "http://127.0.0.1:9001/sms"`, ""},
		{`sms.endpoint = "sms.tencentcloudapi.com"`, "sms.endpoint: " + aURL},
		{`sms.timeout = "0s"`, "sms.timeout: must be more than 0, not 0s"},
		{`server.min_rate = 1`, ""},
		{`server.min_rate = 0`, "server.min_rate: must be 1 to 1GiB, not 0"},
		{`server.allow_origins = ["https://www.example.org", "https://*.example.org:8443", "http://[::1]:3000", "HTTP://Localhost:8080"]`, ""},
		{
			`server.allow_origins = ["*", "null", "www.example.org", "//a.org", "https://", "https://a.org/", "https://a.org:443", "http://a.org:80", "https://a.org:", "https://u@a.org", "ftp://a.org", "https://a.*.org", "https://*a.org", "https://a.org?", "https://a_b.org", ""]`,
			origins + `["*" "null" "www.example.org" "//a.org" "https://" "https://a.org/" "https://a.org:443" "http://a.org:80" "https://a.org:" "https://u@a.org" "ftp://a.org" "https://a.*.org" "https://*a.org" "https://a.org?" ""]`,
		},
		{`auth.cache_ttl = "1m"`, ""},
		{`auth.cache_ttl = "61s"`, "auth.cache_ttl: must be 0s to 1m0s, not 1m1s"},
		{`auth.cache_ttl = "-1s"`, "auth.cache_ttl: must be 0s to 1m0s, not -1s"},
		{`accounts.token_ttl = "1m"`, ""},
		{`accounts.token_ttl = "90d"`, ""},
		{`accounts.token_ttl = "59s"`, "accounts.token_ttl: must be 1m to 90d, not 59s"},
		{`accounts.token_ttl = "90d1s"`, "accounts.token_ttl: must be 1m to 90d, not 2160h0m1s"},
		{`accounts.secret = "` + secretA + `"`, ""},
		{`accounts.secret = "` + strings.ToUpper(secretA) + `"`, ""},
		{`accounts.secret = "` + secretA[2:] + `"`, "accounts.secret: " + digits},
		{`accounts.secret = "` + secretA[1:] + `g"`, "accounts.secret: " + digits},
		{`accounts = { secret = "` + secretA + `", old_secret = "` + secretB + `" }`, ""},
		{`accounts = { secret = "` + secretA + `", old_secret = "hunter2" }`, "accounts.old_secret: " + digits},
		{`accounts = { secret = "` + secretA + `", old_secret = "` + strings.ToUpper(secretA) + `" }`, "accounts.old_secret: must differ from accounts.secret"},
		{`accounts.old_secret = "` + secretB + `"`, "accounts.secret: is required with accounts.old_secret"},
		{`accounts.own = true`, ""},
		{`market.review = "manual"`, ""},
		{`market.review = "later"`, `market.review: must be auto or manual or off, not "later"`},
		{`market.picture_checker = "off"`, ""},
		{`market.picture_checker = "cos"`, `market.picture_checker: cos is for pictures.store = "cos"`},
		{`market.picture_checker = "baidu"`, `market.picture_checker: must be off or cos, not "baidu"`},
		{`market.beli_new_user = 0`, ""},
		{`market.beli_percent = 0`, ""},
		{`market.beli_percent = -1`, "market.beli_percent: must be 0 to 100, not -1"},
		{`market.beli_percent = 101`, "market.beli_percent: must be 0 to 100, not 101"},
		{`market.fee_percent = 100`, ""},
		{`market.fee_percent = 101`, "market.fee_percent: must be 0 to 100, not 101"},
		{`market.pay_within = "1s"`, ""},
		{`market.pay_within = "999ms"`, "market.pay_within: must be 1s to 8760h0m0s, not 999ms"},
		{`market.settle_after = "366d"`, "market.settle_after: must be 1s to 8760h0m0s, not 8784h0m0s"},
		{`market.beli_new_user = -1`, "market.beli_new_user: must be at least 0, not -1"},
		{`payments.notify_base = "https://campus.example/api/external"`, ""},
		{`payments.notify_base = "https://campus.example"`, ""},
		{`payments.notify_base = "http://127.0.0.1:4081/api/external"`, ""},
		{`payments.notify_base = "http://campus.example/api/external"`, notifyBase},
		{`payments.notify_base = "https://campus.example/api/external/"`, notifyBase},
		{`payments.notify_base = "https://campus.example/api?a=b"`, notifyBase},
		{`payments.notify_base = "https://campus.example/api#a"`, notifyBase},
		{`payments.notify_base = "https://user@campus.example"`, notifyBase},
		{`payments.notify_base = "campus.example"`, notifyBase},
		{"payments.notify_base = \"https://campus.example\"\n" + alipay, ""},
		{alipay, "payments.notify_base: is required with alipay.app_id"},
		{`alipay.gateway = "http://openapi.alipay.com/gateway.do"`, "alipay.gateway: " + service},
		{`alipay.gateway = "https://openapi.alipay.com/gateway.do?a=b"`, "alipay.gateway: " + service},
		{`alipay.gateway = ""`, "alipay.gateway: " + service},
		{`alipay.gateway = "http://127.0.0.1:1/gateway.do"`, ""},
		{`wechat.endpoint = "http://api.mch.weixin.qq.com"`, "wechat.endpoint: " + service},
		{"payments.notify_base = \"https://campus.example\"\n" + wechat, ""},
		{
			"payments.notify_base = \"https://campus.example\"\n" + strings.ReplaceAll(wechat, `serial = "0`, `serial = "`),
			`wechat.serial: must be the serial of the merchant's certificate, 40 hexadecimal digits with their leading zeros, not "775B6A45ACD588826D15E583A95F5DD12345678"`,
		},
		{"payments.notify_base = \"https://campus.example\"\n" + strings.ReplaceAll(wechat, "0123456789abcdef", "x"), "wechat.api_v3_key: must have 32 letters and digits"},
		{`pingpp.endpoint = "https://api.pingxx.com/"`, "pingpp.endpoint: " + service},
		{"payments.notify_base = \"https://campus.example\"\n" + pingpp, ""},
		{"payments.notify_base = \"https://campus.example\"\n" + strings.ReplaceAll(pingpp, "_live_", "_test_"), "pingpp.api_key: must be the live key, sk_live_…: with that of the test mode no money moves"},
		{`payments.timeout = "0s"`, "payments.timeout: must be more than 0, not 0s"},
		{`payments.return_hosts = ["Shop.example.org", "*.campus.example", "127.0.0.1"]`, ""},
		{
			`payments.return_hosts = ["https://shop.example.org", "shop.example.org:443", "*", ""]`,
			`payments.return_hosts: must be hosts such as "example.org" or "*.example.org", not ["https://shop.example.org" "shop.example.org:443" "*" ""]`,
		},
		{`mail = { host = "smtp.example.org", from = "Campus <noreply@example.org>" }`, ""},
		{`mail = { host = "smtp.example.org", from = "码上校园 <noreply@example.org>" }`, ""},
		{`mail = { host = "smtp.example.org", from = "a@example.org", username = "a", password = "b", tls = "tls", port = 465 }`, ""},
		{`mail = { host = "127.0.0.1", from = "a@example.org", username = "a", password = "b", tls = "none" }`, ""},
		{`mail = { host = "::1", from = "a@example.org", username = "a", password = "b", tls = "none" }`, ""},
		{`mail.host = "smtp.example.org"`, "mail.from: is required with mail.host"},
		{`mail = { host = "smtp.example.org:587", from = "a@example.org" }`, `mail.host: must be a host such as smtp.example.org, not "smtp.example.org:587"`},
		{`mail.from = "noreply"`, `mail.from: must be an address such as "noreply@example.org", not "noreply"`},
		{`mail.port = 65535`, ""},
		{`mail.port = 0`, "mail.port: must be 1 to 65535, not 0"},
		{`mail.port = 65536`, "mail.port: must be 1 to 65535, not 65536"},
		{`mail.tls = "ssl"`, `mail.tls: must be starttls or tls or none, not "ssl"`},
		{`mail.timeout = "0s"`, "mail.timeout: must be more than 0, not 0s"},
		{`mail.password = "hunter2"`, ""},
		{`mail = { host = "smtp.example.org", from = "a@example.org", password = "hunter2" }`, "mail.username: is required with mail.password"},
		{
			`mail = { host = "smtp.example.org", from = "a@example.org", username = "a", password = "hunter2", tls = "none" }`,
			"mail.tls: must not be none with mail.password, which would be sent as it is",
		},
		{`limits.per_minute = -1`, "limits.per_minute: must be at least 0, not -1"},
		{`limits.guesses_per_minute = -1`, "limits.guesses_per_minute: must be at least 0, not -1"},
		{`limits.uploads = -1`, "limits.uploads: must be at least 0, not -1"},
		{`shops.per_user = 0`, "shops.per_user: must be at least 1, not 0"},
		{`log.level = "INFO"`, `log.level: must be debug or info or warn or error, not "INFO"`},
		{`log.format = "xml"`, `log.format: must be text or json, not "xml"`},
		{`metrics.listen = "127.0.0.1:9100"`, ""},
		{`metrics.listen = "9100"`, `metrics.listen: must be "" or host:port, not "9100"`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			if tt.want == "" {
				mustLoad(t, write(t, tt.text))
			} else {
				wantProblems(t, write(t, tt.text), nil, tt.want)
			}
		})
	}
}

// Two values of accounts.secret.
const (
	secretA = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	secretB = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
)

func everybody(networks string) string {
	return "must be addresses or networks of your own, not [" + networks + "]: everybody would be trusted"
}

// What a driver cannot work without is asked for when the driver is chosen, and only then.
func TestRequired(t *testing.T) {
	t.Parallel()
	wantProblems(t, "", []string{"CAMPUSGATE_ALIPAY_SELLER_ID=2088"},
		`alipay.app_id: is required with alipay.seller_id`,
		`alipay.private_key: is required with alipay.seller_id`,
		`alipay.public_key: is required with alipay.seller_id`,
		`payments.notify_base: is required with alipay.seller_id`)
	wantProblems(t, "", []string{"CAMPUSGATE_WECHAT_MCH_ID=1900000001"},
		`wechat.app_id: is required with wechat.mch_id`,
		`wechat.serial: is required with wechat.mch_id`,
		`wechat.private_key: is required with wechat.mch_id`,
		`wechat.api_v3_key: is required with wechat.mch_id`,
		`wechat.public_key: is required with wechat.mch_id`,
		`wechat.public_key_id: is required with wechat.mch_id`,
		`payments.notify_base: is required with wechat.mch_id`)
	wantProblems(t, "", []string{"CAMPUSGATE_PINGPP_API_KEY=sk_live_1"},
		`pingpp.app_id: is required with pingpp.api_key`,
		`pingpp.private_key: is required with pingpp.api_key`,
		`pingpp.public_key: is required with pingpp.api_key`,
		`payments.notify_base: is required with pingpp.api_key`)
	wantProblems(t, "", []string{"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_PICTURES_DIR=", "CAMPUSGATE_COS_SECRET_ID="},
		`cos.bucket_url: is required with pictures.store = "cos"`,
		`cos.secret_id (CAMPUSGATE_COS_SECRET_ID): is required with pictures.store = "cos"`,
		`cos.secret_key: is required with pictures.store = "cos"`,
	)
	wantProblems(t, "", []string{"CAMPUSGATE_SMS_DRIVER=tencent"},
		`sms.secret_id: is required with sms.driver = "tencent"`,
		`sms.secret_key: is required with sms.driver = "tencent"`,
		`sms.app_id: is required with sms.driver = "tencent"`,
		`sms.sign: is required with sms.driver = "tencent"`,
		`sms.template_id: is required with sms.driver = "tencent"`,
		`sms.region: is required with sms.driver = "tencent"`,
	)
	const mysql, dsn = "CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN=campus@tcp(db:3306)/campus"
	wantProblems(t, "", []string{mysql, dsn, "CAMPUSGATE_ACCOUNTS_OWN=true"},
		`accounts.secret: is required with accounts.own = true and database.driver = "mysql"`)
	mustLoad(t, "", mysql, dsn)
	mustLoad(t, "", mysql, dsn, "CAMPUSGATE_ACCOUNTS_OWN=true", "CAMPUSGATE_ACCOUNTS_SECRET_FILE="+write(t, secretA+"\n"))
	mustLoad(t, write(t, `
		[pictures]
		store = "cos"
		[cos]
		bucket_url = "https://campus-1250000000.cos.ap-shanghai.myqcloud.com"
		secret_id = "id"
		secret_key = "key"
		[sms]
		driver = "tencent"
		secret_id = "id"
		secret_key = "key"
		app_id = "1400000000"
		sign = "校园"
		template_id = "1"
		region = "ap-guangzhou"
	`))
}
