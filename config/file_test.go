package config

import (
	"path/filepath"
	"testing"
	"time"
)

func TestFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       map[string]any
	}{
		{"empty", "", nil},
		{"byte order mark", "\uFEFF[shops]\nper_user = 4", map[string]any{"shops.per_user": 4}},
		{"text", `pictures.dir = "/var/lib/pictures"`, map[string]any{"pictures.dir": "/var/lib/pictures"}},
		{"secret", `redis.password = "hunter2"`, map[string]any{"redis.password": Secret("hunter2")}},
		{"boolean", "server.legacy_content_type = true", map[string]any{"server.legacy_content_type": true}},
		{"number", "[limits]\nper_minute = 0\nuploads = 1_000", map[string]any{"limits.per_minute": 0, "limits.uploads": 1000}},
		{"duration", `captcha.ttl = "2m30s"`, map[string]any{"captcha.ttl": 150 * time.Second}},
		{"days", `accounts.token_ttl = "30d"`, map[string]any{"accounts.token_ttl": 30 * 24 * time.Hour}},
		{"days in another key", `server.idle_timeout = "1d1h30m"`, map[string]any{"server.idle_timeout": 25*time.Hour + 30*time.Minute}},
		{"size", `server.max_body = "512KiB"`, map[string]any{"server.max_body": Size(512 << 10)}},
		{"size in bytes", "pictures.cache = 4096", map[string]any{"pictures.cache": Size(4096)}},
		{"time zone", `server.timezone = "UTC"`, map[string]any{"server.timezone": time.UTC}},
		{"array", `redis.addr = ["a:1", "b:2"]`, map[string]any{"redis.addr": []string{"a:1", "b:2"}}},
		{"list as a text", `redis.addr = "a:1, b:2"`, map[string]any{"redis.addr": []string{"a:1", "b:2"}}},
		{"one element as a text", `redis.addr = "a:1"`, map[string]any{"redis.addr": []string{"a:1"}}},
		{"empty array", "pictures.allow_referers = []", map[string]any{"pictures.allow_referers": []string{}}},
		{
			"hosts in any case", `pictures.allow_referers = ["WWW.Example.ORG", "*.Example.org"]`,
			map[string]any{"pictures.allow_referers": []string{"www.example.org", "*.example.org"}},
		},
		{
			"networks and addresses", `server.trusted_proxies = ["10.1.2.3/8", "192.0.2.7", "2001:db8::/32", "2001:db8::7", "::ffff:192.0.2.8"]`,
			map[string]any{"server.trusted_proxies": prefixes(
				"10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "2001:db8::7/128", "192.0.2.8/32")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantChanges(t, mustLoad(t, write(t, tt.text)), tt.want)
		})
	}
}

func TestFileProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"unknown key", "[server]\nlisten_on = 1", []string{"server.listen_on: unknown key"}},
		{"unknown table", "[servers]\nlisten = 1", []string{"servers: unknown key"}},
		{"unknown empty table", "[servers]", []string{"servers: unknown key"}},
		{"key outside its table", `listen = "127.0.0.1:1"`, []string{"listen: unknown key"}},
		{"quoted dot", `"server.listen" = "127.0.0.1:1"`, []string{`"server.listen": unknown key`}},
		{"another case", `Server.Listen = "127.0.0.1:1"`, []string{"Server: unknown key"}},
		{"a value for a table", "server = 4081", []string{"server: must be one table, written as [server]"}},
		{"two tables", "[[server]]\n[[server]]", []string{"server: must be one table, written as [server]"}},
		{"key below a key", "server.listen.port = 4081", []string{"server.listen: must be text, not a table"}},
		{"number for a text", "sms.app_id = 1400", []string{"sms.app_id: must be text, not a number"}},
		{"number for a secret", "redis.password = 1400", []string{"redis.password: must be text, not a number"}},
		{"boolean for a text", "log.level = false", []string{"log.level: must be text, not a boolean"}},
		{"array for a text", `log.level = ["info"]`, []string{"log.level: must be text, not a list"}},
		{"date for a text", "log.level = 2024-01-02", []string{"log.level: must be text, not a date"}},
		{"text for a number", `redis.db = "1"`, []string{"redis.db: must be a whole number, not a text in quotes"}},
		{"fraction", "redis.db = 1.0", []string{"redis.db: must be a whole number, not a number with a fraction"}},
		{"text for a boolean", `captcha.log_codes = "true"`, []string{"captcha.log_codes: must be true or false, not a text in quotes"}},
		{"duration without a unit", "captcha.ttl = 180", []string{`captcha.ttl: must be a duration such as "10s", not a number`}},
		{"bad duration", `captcha.ttl = "3 minutes"`, []string{`captcha.ttl: must be a duration such as "10s", not "3 minutes"`}},
		{"bad size", `pictures.cache = "64MB"`, []string{`pictures.cache: must be a size such as "8MiB", not "64MB"`}},
		{"boolean for a list", "redis.addr = true", []string{"redis.addr: must be a list of texts, not a boolean"}},
		{"array of numbers", "redis.addr = [6379]", []string{"redis.addr: must be a list of texts, not a list of other values"}},
		{
			"bad networks", `server.trusted_proxies = ["10.0.0.0/33", "10.0.0.1", "proxy", "::ffff:10.0.0.0/104", "fe80::1%eth0"]`,
			[]string{`server.trusted_proxies: must be addresses or networks such as "10.0.0.7" or "10.0.0.0/8", ` +
				`not ["10.0.0.0/33" "proxy" "::ffff:10.0.0.0/104" "fe80::1%eth0"]`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantProblems(t, write(t, tt.text), nil, tt.want...)
		})
	}
}

// A file that cannot be read stops the start, but what is wrong with the environment is still told. What the file would
// have set is not: here the bucket.
func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	environ := []string{"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_REDIS_DB=one"}
	const bad = `redis.db (CAMPUSGATE_REDIS_DB): must be a whole number, not "one"`

	absent := filepath.Join(t.TempDir(), "absent.toml")
	wantProblems(t, absent, environ, "read configuration: open "+absent+": no such file or directory", bad)
	folder := t.TempDir()
	wantProblems(t, folder, environ, "read configuration: read "+folder+": is a directory", bad)

	const advice = ": not TOML (is a quote missing, or a key given twice?)"
	tests := []struct{ name, text, where string }{
		{"text without quotes", "[redis]\ndb = 1\npassword = hunter2\n", "line 3, at or after redis.password"},
		{"leading zero", "[redis]\npassword = 0123456\n", "line 2, at or after redis.password"},
		{"number too large", "redis.password = 99999999999999999999", "line 1, at or after redis.password"},
		{"no date", "redis.password = 2024-13-99", "line 1, at or after redis.password"},
		{"open quote", "redis.password = \"hunter2\n", "line 1, at or after redis.password"},
		{"rest of a line", `redis.password = "a" hunter2`, "line 1"},
		{"misspelt key", "redis.pasword = hunter2", "line 1, at or after redis.pasword"},
		{"a key twice", "[redis]\ndb = 1\ndb = 2", "line 3, at or after redis.db"},
		{"no key", "= 1", "line 1"},
		{"not UTF-8", "redis.password = \"\xff\"", "line 1, at or after redis.password"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := write(t, tt.text)
			wantProblems(t, file, environ, "read configuration "+file+": "+tt.where+advice, bad)
		})
	}
}
