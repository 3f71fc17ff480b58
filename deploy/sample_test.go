package deploy_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/config"
)

const sample = "campusgate.toml"

// values returns every key of a configuration, as an operator writes it.
func values(c *config.Config) map[string]any {
	all := map[string]any{}
	for section, value := range reflect.ValueOf(c).Elem().Fields() {
		if !section.IsExported() {
			continue
		}
		for member, value := range value.Fields() {
			all[section.Tag.Get("toml")+"."+member.Tag.Get("toml")] = value.Interface()
		}
	}
	return all
}

// secretVariables returns the variables that name the files of the secrets.
func secretVariables() []string {
	var names []string
	for key, value := range values(&config.Config{}) {
		if _, secret := value.(config.Secret); secret {
			names = append(names, "CAMPUSGATE_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))+"_FILE")
		}
	}
	slices.Sort(names)
	return names
}

// secretOf is a value for the secret of a variable. Those of accounts have a form, and those of
// channels are for whoever has set up all of a channel.
func secretOf(variable string) string {
	for _, channel := range []string{"ALIPAY", "WECHAT", "PINGPP"} {
		if strings.HasPrefix(variable, "CAMPUSGATE_"+channel) {
			return ""
		}
	}
	if strings.HasPrefix(variable, "CAMPUSGATE_ACCOUNTS_") {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(variable)))
	}
	return "of " + variable
}

// secretFiles writes a file for each secret, and returns the environment that
// names them.
func secretFiles(t *testing.T) []string {
	t.Helper()
	var environ []string
	for _, variable := range secretVariables() {
		file := filepath.Join(t.TempDir(), variable)
		if err := os.WriteFile(file, []byte(secretOf(variable)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		environ = append(environ, variable+"="+file)
	}
	return environ
}

// loadSample loads the sample as an operator would, with the secrets and more.
func loadSample(t *testing.T, more ...string) *config.Config {
	t.Helper()
	c, err := config.Load(sample, append(secretFiles(t), more...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The sample decides what is not safe to leave to the defaults, and only that.
func TestSampleIsSafeForProduction(t *testing.T) {
	t.Parallel()
	got, initial := values(loadSample(t)), values(defaults(t))
	maps.DeleteFunc(got, func(key string, value any) bool { return reflect.DeepEqual(value, initial[key]) })
	want := map[string]any{
		"server.trusted_callers": []netip.Prefix{netip.MustParsePrefix("10.0.0.20/32")},
		"database.driver":        "mysql",
		"captcha.store":          "redis",
		"redis.addr":             []string{"10.0.0.31:6379"},
		"pictures.store":         "cos",
		"pictures.allow_referers": []string{
			"www.zustservice.cn", "zustservice.cn",
		},
		"pictures.anonymous_portraits": false,
		"server.console":               false,
		"server.desk":                  false,
		"cos.bucket_url":               "https://campus-1250000000.cos.ap-shanghai.myqcloud.com",
		"pictures.max_size":            config.Size(2 << 20),
		"sms.driver":                   "tencent",
		"sms.app_id":                   "1400000000",
		"sms.sign":                     "码上校园",
		"sms.template_id":              "100000",
		"sms.region":                   "ap-guangzhou",
		"log.format":                   "json",
		"metrics.listen":               "127.0.0.1:4082",
		// From their files, without the newline at the end.
		"database.dsn":   config.Secret("of CAMPUSGATE_DATABASE_DSN_FILE"),
		"redis.password": config.Secret("of CAMPUSGATE_REDIS_PASSWORD_FILE"),
		"cos.secret_id":  config.Secret("of CAMPUSGATE_COS_SECRET_ID_FILE"),
		"cos.secret_key": config.Secret("of CAMPUSGATE_COS_SECRET_KEY_FILE"),
		"sms.secret_id":  config.Secret("of CAMPUSGATE_SMS_SECRET_ID_FILE"),
		"sms.secret_key": config.Secret("of CAMPUSGATE_SMS_SECRET_KEY_FILE"),
		"mail.password":  config.Secret("of CAMPUSGATE_MAIL_PASSWORD_FILE"),

		"live.bus":             "redis", // as captcha.store
		"accounts.own":         false,
		"accounts.secret":      config.Secret(secretOf("CAMPUSGATE_ACCOUNTS_SECRET_FILE")),
		"accounts.old_secret":  config.Secret(secretOf("CAMPUSGATE_ACCOUNTS_OLD_SECRET_FILE")),
		"market.beli_new_user": 0,
		"payments.sandbox":     false,
	}
	reveal := cmp.Transformer("reveal", config.Secret.Reveal)
	samePrefix := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	if diff := cmp.Diff(want, got, reveal, samePrefix); diff != "" {
		t.Errorf("the sample differs from the defaults (-want +got):\n%s", diff)
	}
}

// defaults are those of an embedded gateway.
func defaults(t *testing.T) *config.Config {
	t.Helper()
	c, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shownDefault is a line of the sample that shows a default.
var shownDefault = regexp.MustCompile(`(?m)^#([a-z_]+ = )`)

// What the sample shows in a comment is what holds without it.
func TestSampleShowsTheDefaults(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), sample)
	uncommented := shownDefault.ReplaceAllString(read(t, sample), "$1")
	if err := os.WriteFile(file, []byte(uncommented), 0o600); err != nil {
		t.Fatal(err)
	}
	shown, err := config.Load(file, secretFiles(t))
	if err != nil {
		t.Fatal(err)
	}
	silent := values(loadSample(t))
	for key, value := range values(shown) {
		if !reflect.DeepEqual(value, silent[key]) {
			t.Errorf("%s: the sample shows %v, the default is %v", key, value, silent[key])
		}
	}
}

// Every key is in its section, set or with its default; a secret is neither, and
// the variable that names its file is told.
func TestSampleHasEveryKey(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`^#?([a-z_]+) = |^\[([a-z]+)\]`)
	var section string
	lines := map[string]int{}
	for text := range strings.Lines(read(t, sample)) {
		if groups := line.FindStringSubmatch(text); groups == nil {
			continue
		} else if groups[2] != "" {
			section = groups[2]
		} else {
			lines[section+"."+groups[1]]++
		}
	}
	for key, value := range values(defaults(t)) {
		want := 1
		if _, secret := value.(config.Secret); secret {
			want = 0
		}
		if lines[key] != want {
			t.Errorf("%s stands there %d times, want %d", key, lines[key], want)
		}
		delete(lines, key)
	}
	for key := range lines {
		t.Errorf("%s: no such key", key)
	}
	for _, variable := range secretVariables() {
		if !strings.Contains(read(t, sample), variable) {
			t.Errorf("%s is not told", variable)
		}
	}
}
