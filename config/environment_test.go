package config

import (
	"path/filepath"
	"testing"
	"time"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	secret := write(t, "hunter2\n")
	tests := []struct {
		name    string
		environ []string
		want    map[string]any
	}{
		{"variables of others", []string{"PATH=/bin", "campusgate_log_level=x", "XCAMPUSGATE_Y=1", "EMPTY", "=C:=C:\\"}, nil},
		{"text", []string{"CAMPUSGATE_SMS_SIGN=校园=服务"}, map[string]any{"sms.sign": "校园=服务"}},
		{"secret", []string{"CAMPUSGATE_REDIS_PASSWORD= hunter2 "}, map[string]any{"redis.password": Secret(" hunter2 ")}},
		{"boolean", []string{"CAMPUSGATE_CAPTCHA_LOG_CODES=1"}, map[string]any{"captcha.log_codes": true}},
		{"number", []string{"CAMPUSGATE_SHOPS_PER_USER=7"}, map[string]any{"shops.per_user": 7}},
		{"duration", []string{"CAMPUSGATE_AUTH_CACHE_TTL=0"}, map[string]any{"auth.cache_ttl": time.Duration(0)}},
		{"size", []string{"CAMPUSGATE_PICTURES_CACHE=0"}, map[string]any{"pictures.cache": Size(0)}},
		{"time zone", []string{"CAMPUSGATE_SERVER_TIMEZONE=Europe/Berlin"}, map[string]any{"server.timezone": location(t, "Europe/Berlin")}},
		{"list", []string{"CAMPUSGATE_REDIS_ADDR=a:1, [::1]:2"}, map[string]any{"redis.addr": []string{"a:1", "[::1]:2"}}},
		{
			"networks",
			[]string{"CAMPUSGATE_SERVER_TRUSTED_CALLERS=10.0.0.0/8,192.0.2.7"},
			map[string]any{"server.trusted_callers": prefixes("10.0.0.0/8", "192.0.2.7/32")},
		},
		{"empty text", []string{"CAMPUSGATE_SERVER_BASE_PATH="}, map[string]any{"server.base_path": ""}},
		{"empty list", []string{"CAMPUSGATE_PICTURES_ALLOW_REFERERS="}, map[string]any{"pictures.allow_referers": []string{}}},
		{"empty networks", []string{"CAMPUSGATE_SERVER_TRUSTED_CALLERS="}, map[string]any{"server.trusted_callers": prefixes()}},
		{"file of a secret", []string{"CAMPUSGATE_REDIS_PASSWORD_FILE=" + secret}, map[string]any{"redis.password": Secret("hunter2")}},
		{
			"one newline only",
			[]string{"CAMPUSGATE_REDIS_PASSWORD_FILE=" + write(t, " a\nb\n\n")},
			map[string]any{"redis.password": Secret(" a\nb\n")},
		},
		{
			"newline of Windows",
			[]string{"CAMPUSGATE_REDIS_PASSWORD_FILE=" + write(t, "hunter2\r\n")},
			map[string]any{"redis.password": Secret("hunter2")},
		},
		{"empty file", []string{"CAMPUSGATE_REDIS_USERNAME_FILE=" + write(t, "")}, map[string]any{"redis.username": ""}},
		{"file of a number", []string{"CAMPUSGATE_REDIS_DB_FILE=" + write(t, "3\n")}, map[string]any{"redis.db": 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantChanges(t, mustLoad(t, write(t, ""), tt.environ...), tt.want)
		})
	}
}

func TestEnvironmentProblems(t *testing.T) {
	t.Parallel()
	absent := filepath.Join(t.TempDir(), "absent")
	secret := write(t, "hunter2")
	tests := []struct {
		name    string
		environ []string
		want    []string
	}{
		{
			"unknown",
			[]string{"CAMPUSGATE_SERVER_LISTN=x", "CAMPUSGATE_=x", "CAMPUSGATE_REDIS=x"},
			[]string{
				"CAMPUSGATE_: unknown environment variable",
				"CAMPUSGATE_REDIS: unknown environment variable",
				"CAMPUSGATE_SERVER_LISTN: unknown environment variable",
			},
		},
		{
			"unknown file",
			[]string{"CAMPUSGATE_REDIS_PASWORD_FILE=" + secret},
			[]string{"CAMPUSGATE_REDIS_PASWORD_FILE: unknown environment variable"},
		},
		{
			"value and file",
			[]string{"CAMPUSGATE_REDIS_PASSWORD=", "CAMPUSGATE_REDIS_PASSWORD_FILE=" + secret},
			[]string{"redis.password: CAMPUSGATE_REDIS_PASSWORD and CAMPUSGATE_REDIS_PASSWORD_FILE are both set"},
		},
		{
			"absent file",
			[]string{"CAMPUSGATE_REDIS_PASSWORD_FILE=" + absent},
			[]string{"redis.password (CAMPUSGATE_REDIS_PASSWORD_FILE): read the value: open " + absent + ": no such file or directory"},
		},
		{
			"no file",
			[]string{"CAMPUSGATE_REDIS_PASSWORD_FILE="},
			[]string{"redis.password (CAMPUSGATE_REDIS_PASSWORD_FILE): names no file"},
		},
		{
			"bad value in a file",
			[]string{"CAMPUSGATE_REDIS_DB_FILE=" + write(t, "one\ntwo\n")},
			[]string{`redis.db (CAMPUSGATE_REDIS_DB_FILE): must be a whole number, not "one\ntwo"`},
		},
		{"empty number", []string{"CAMPUSGATE_REDIS_DB="}, []string{`redis.db (CAMPUSGATE_REDIS_DB): must be a whole number, not ""`}},
		{
			"empty duration",
			[]string{"CAMPUSGATE_REDIS_TIMEOUT="},
			[]string{`redis.timeout (CAMPUSGATE_REDIS_TIMEOUT): must be a duration such as "10s", not ""`},
		},
		{
			"empty size",
			[]string{"CAMPUSGATE_SERVER_MAX_BODY="},
			[]string{`server.max_body (CAMPUSGATE_SERVER_MAX_BODY): must be a size such as "8MiB", not ""`},
		},
		{
			"empty boolean",
			[]string{"CAMPUSGATE_CAPTCHA_LOG_CODES="},
			[]string{`captcha.log_codes (CAMPUSGATE_CAPTCHA_LOG_CODES): must be true or false, not ""`},
		},
		{
			"empty time zone",
			[]string{"CAMPUSGATE_SERVER_TIMEZONE="},
			[]string{`server.timezone (CAMPUSGATE_SERVER_TIMEZONE): must be a time zone such as "Asia/Shanghai", not ""`},
		},
		{
			"empty choice",
			[]string{"CAMPUSGATE_LOG_LEVEL="},
			[]string{`log.level (CAMPUSGATE_LOG_LEVEL): must be debug or info or warn or error, not ""`},
		},
		{
			"empty element",
			[]string{"CAMPUSGATE_SERVER_TRUSTED_PROXIES=10.0.0.1,"},
			[]string{`server.trusted_proxies (CAMPUSGATE_SERVER_TRUSTED_PROXIES): ` +
				`must be addresses or networks such as "10.0.0.7" or "10.0.0.0/8", not [""]`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantProblems(t, "", tt.environ, tt.want...)
		})
	}
}
