package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// No way of printing a configuration, or a secret alone, shows the value.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	const value = "hunter2"
	c := mustLoad(t, "", "CAMPUSGATE_DATABASE_DSN="+value, "CAMPUSGATE_REDIS_PASSWORD="+value,
		"CAMPUSGATE_COS_SECRET_ID="+value, "CAMPUSGATE_COS_SECRET_KEY="+value,
		"CAMPUSGATE_SMS_SECRET_ID="+value, "CAMPUSGATE_SMS_SECRET_KEY="+value,
		"CAMPUSGATE_PAYMENTS_NOTIFY_BASE=https://campus.example", "CAMPUSGATE_ALIPAY_APP_ID=1", "CAMPUSGATE_ALIPAY_SELLER_ID=1",
		"CAMPUSGATE_ALIPAY_PUBLIC_KEY=1", "CAMPUSGATE_ALIPAY_PRIVATE_KEY="+value,
		"CAMPUSGATE_WECHAT_MCH_ID=1", "CAMPUSGATE_WECHAT_APP_ID=1", "CAMPUSGATE_WECHAT_SERIAL=0775B6A45ACD588826D15E583A95F5DD12345678",
		"CAMPUSGATE_WECHAT_API_V3_KEY="+strings.Repeat("x", 32), "CAMPUSGATE_WECHAT_PUBLIC_KEY=1", "CAMPUSGATE_WECHAT_PUBLIC_KEY_ID=1", "CAMPUSGATE_WECHAT_PRIVATE_KEY="+value,
		"CAMPUSGATE_PINGPP_APP_ID=1", "CAMPUSGATE_PINGPP_PUBLIC_KEY=1", "CAMPUSGATE_PINGPP_API_KEY="+value, "CAMPUSGATE_PINGPP_PRIVATE_KEY="+value)
	secrets := []Secret{
		c.Database.DSN, c.Redis.Password, c.COS.SecretID, c.COS.SecretKey, c.SMS.SecretID, c.SMS.SecretKey,
		c.WeChat.PrivateKey, c.Alipay.PrivateKey, c.Pingpp.APIKey, c.Pingpp.PrivateKey,
	}
	for _, secret := range secrets {
		if secret.Reveal() != value {
			t.Errorf("Reveal gave %q, want %q", secret.Reveal(), value)
		}
	}
	printed := map[string]string{"String": secrets[0].String(), "GoString": secrets[0].GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10v"} {
		printed[verb] = fmt.Sprintf(verb+verb+verb+verb, c, *c, secrets, secrets[0])
	}
	var text, encoded, tables bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("start", "config", c, "secret", secrets[0], "redis", c.Redis)
	slog.New(slog.NewJSONHandler(&encoded, nil)).Info("start", "config", c, "secret", secrets[0], "redis", c.Redis)
	printed["slog text"], printed["slog JSON"] = text.String(), encoded.String()
	if err := toml.NewEncoder(&tables).Encode(c.Redis); err != nil {
		t.Fatal(err)
	}
	printed["TOML"] = tables.String()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed["JSON"] = string(data)
	for how, text := range printed {
		// In hexadecimal too: %x prints the bytes of a plain string.
		for _, leak := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value)} {
			if strings.Contains(text, leak) {
				t.Errorf("%s shows the secret: %s", how, text)
			}
		}
		if !strings.Contains(text, hidden) {
			t.Errorf("%s does not show %s: %s", how, hidden, text)
		}
	}
}

// Where a value goes wrong beside a secret, or as one, the message names it and does not show it.
func TestErrorsHideSecrets(t *testing.T) {
	t.Parallel()
	const value = "hunter2"
	file := write(t, `
		database.dsn = ["hunter2"]
		redis.password = { is = "hunter2" }
		redis.pasword = "hunter2"
		cos.secret_key = ["hunter2"]
	`)
	_, err := Load(file, []string{
		"CAMPUSGATE_REDIS_PASWORD=" + value, "CAMPUSGATE_COS_SECRET_ID=" + value, "CAMPUSGATE_COS_SECRET_ID_FILE=/",
		"CAMPUSGATE_COS_BUCKET_URL=https://" + value + ":" + value + "@%zz",
	})
	if err == nil || strings.Contains(err.Error(), value) {
		t.Errorf("Load gave %v, want problems without the secret", err)
	}
}
