package campusgatetest

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"campusgate/handlers/captcha/sms/smstest"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/storage"
	"campusgate/storage/pictures/costest"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// Embedded is the environment of an embedded gateway in a folder of its own, on a
// free port.
func Embedded(folder string, more ...string) []string {
	return append([]string{
		"CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0",
		"CAMPUSGATE_DATABASE_DSN=" + DatabaseIn(folder),
		"CAMPUSGATE_PICTURES_DIR=" + filepath.Join(folder, "pictures"),
	}, more...)
}

// DatabaseIn is the database of an [Embedded] gateway.
func DatabaseIn(folder string) string { return filepath.Join(folder, "campusgate.db") }

// OpenEmbedded opens the database of an [Embedded] gateway as it is, until the test
// ends.
func OpenEmbedded(t testing.TB, folder string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Driver: "sqlite", DSN: DatabaseIn(folder)})
	Must(t, err)
	t.Cleanup(func() { Must(t, db.Close()) })
	return db
}

// InBucket is the environment of a gateway whose pictures are in a bucket.
func InBucket(bucket *costest.Bucket, more ...string) []string {
	return append([]string{
		"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_COS_BUCKET_URL=" + bucket.URL,
		"CAMPUSGATE_COS_SECRET_ID=" + costest.SecretID, "CAMPUSGATE_COS_SECRET_KEY=" + costest.SecretKey,
		"CAMPUSGATE_PICTURES_ANONYMOUS_PORTRAITS=false",
	}, more...)
}

// ByTencent is an environment whose SMS a provider sends.
func ByTencent(environ []string, provider *smstest.Server, more ...string) []string {
	return append(append(environ,
		"CAMPUSGATE_SMS_DRIVER=tencent", "CAMPUSGATE_SMS_ENDPOINT="+provider.URL(),
		"CAMPUSGATE_SMS_SECRET_ID="+smstest.SecretID, "CAMPUSGATE_SMS_SECRET_KEY="+smstest.SecretKey,
		"CAMPUSGATE_SMS_APP_ID="+smstest.AppID, "CAMPUSGATE_SMS_SIGN="+smstest.Sign,
		"CAMPUSGATE_SMS_TEMPLATE_ID="+smstest.TemplateID, "CAMPUSGATE_SMS_REGION="+smstest.Region,
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_LOG_LEVEL=debug",
	), more...)
}

// ByMail is an environment whose notices are mailed by a server. Of one that is secured
// the program is told by SSL_CERT_FILE.
func ByMail(environ []string, server *mailtest.Server, more ...string) []string {
	host, port := server.HostPort()
	return append(append(environ,
		"CAMPUSGATE_MAIL_HOST="+host, "CAMPUSGATE_MAIL_PORT="+strconv.Itoa(port), "CAMPUSGATE_MAIL_FROM="+mailtest.From,
		"CAMPUSGATE_MAIL_USERNAME="+mailtest.Username, "CAMPUSGATE_MAIL_PASSWORD="+mailtest.Password,
		"CAMPUSGATE_MAIL_TLS="+server.Options().TLS,
	), more...)
}

// Shared is the environment of replicas on a new database, and a Redis and a bucket
// of the test's own.
func Shared(t testing.TB) []string {
	t.Helper()
	return Sharing(t, storagetest.MariaDB(t), redistest.Start(t).Address())
}

// Sharing is the environment of replicas on these servers, and a new bucket.
func Sharing(t testing.TB, dsn, redis string) []string {
	t.Helper()
	return InBucket(
		costest.Start(t),
		"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN="+dsn,
		"CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR="+redis,
		"CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0",
	)
}

// AddUser adds an account to the database of an environment, and returns a token.
func AddUser(t testing.TB, environ []string, id, name, wealth string) (token string) {
	t.Helper()
	Run(t, environ, "user", "add", "--id", id, "--name", name, "--wealth", wealth).Want(t, 0)
	return strings.TrimSpace(Run(t, environ, "token", "issue", "--user", id).Want(t, 0).Stdout)
}
