package main

import (
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/captcha/sms/smstest"
)

// Wherever the dependencies are, and whatever is wrong with them, no output of any
// command holds a secret.
func TestNoOutputHoldsASecret(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{
		"DATABASE_DSN": "campus:database-secret@tcp(127.0.0.1:1)/campus", "REDIS_PASSWORD": "redis-secret",
		"COS_SECRET_ID": "cos-identity", "COS_SECRET_KEY": "cos-secret", "SMS_SECRET_ID": "sms-identity", "SMS_SECRET_KEY": "sms-secret",
		"ACCOUNTS_SECRET": strings.Repeat("5ec3e7", 10) + "0001", "ACCOUNTS_OLD_SECRET": strings.Repeat("5ec3e7", 10) + "0002",
		"MAIL_PASSWORD": "mail-secret",
	}
	hidden := []string{"database-secret", "redis-secret", "cos-identity", "cos-secret", "sms-identity", "sms-secret", "5ec3e7", "mail-secret"}
	environ := []string{
		"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_TIMEOUT=1s", "CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=127.0.0.1:1",
		"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_COS_BUCKET_URL=http://127.0.0.1:1", "CAMPUSGATE_COS_TIMEOUT=1s",
		"CAMPUSGATE_SMS_DRIVER=tencent", "CAMPUSGATE_SMS_ENDPOINT=http://127.0.0.1:1", "CAMPUSGATE_SMS_APP_ID=" + smstest.AppID,
		"CAMPUSGATE_SMS_SIGN=" + smstest.Sign, "CAMPUSGATE_SMS_TEMPLATE_ID=" + smstest.TemplateID, "CAMPUSGATE_SMS_REGION=" + smstest.Region,
		"CAMPUSGATE_MAIL_HOST=127.0.0.1", "CAMPUSGATE_MAIL_PORT=1", "CAMPUSGATE_MAIL_FROM=noreply@example.org", "CAMPUSGATE_MAIL_USERNAME=noreply",
		"CAMPUSGATE_ACCOUNTS_OWN=true", "CAMPUSGATE_LOG_LEVEL=debug",
	}
	inFiles := slices.Clone(environ)
	for key, secret := range secrets {
		environ = append(environ, "CAMPUSGATE_"+key+"="+secret)
		inFiles = append(inFiles, "CAMPUSGATE_"+key+"_FILE="+writeFile(t, key, secret+"\n"))
	}
	for name, environ := range map[string][]string{
		"in the environment": environ, "in files": inFiles,
		"of a wrong form":   append(slices.Clone(environ), "CAMPUSGATE_DATABASE_DSN=campus:database-secret@127.0.0.1"),
		"of a wrong length": append(slices.Clone(environ), "CAMPUSGATE_ACCOUNTS_SECRET=5ec3e7", "CAMPUSGATE_ACCOUNTS_OLD_SECRET=5ec3e7"),
		"of a wrong name":   append(slices.Clone(environ), "CAMPUSGATE_SMS_SECRET=sms-secret"),
	} {
		for _, command := range []string{"check", "serve", "migrate", "user add --id 1 --name a", "token issue --user 1"} {
			got := runCommand(t, environ, strings.Fields(command)...).Want(t, exitFailed)
			for _, secret := range hidden {
				if strings.Contains(got.Stdout+got.Stderr, secret) {
					t.Errorf("%s, %s: stdout %q, stderr %q", name, command, got.Stdout, got.Stderr)
				}
			}
		}
	}
}
