package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/captcha/sms/smstest"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/storage/pictures"
	"campusgate/storage/pictures/costest"
	"campusgate/storage/redis/redistest"
)

func TestCheckTriesEveryDependency(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	got := runCommand(t, campusgatetest.Embedded(folder), "check").Want(t, exitOK)
	want := "database  sqlite: ok\n" +
		"secret    file " + filepath.Join(folder, secretName) + ": ok\n" +
		"captchas  memory: ok\n" +
		"pictures  disk " + filepath.Join(folder, "pictures") + ": ok\n" +
		"sms       log: ok\n" +
		"mail      none: ok\n" +
		"payments  sandbox: ok\n"
	if got.Stdout != want || got.Stderr != "" {
		t.Errorf("got %+v, want on stdout\n%s", got, want)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("check made %q, %v", left, err)
	}
}

func TestCheckNamesWhatFails(t *testing.T) {
	t.Parallel()
	noFolder := filepath.Join(writeFile(t, "file", "in the way"), "below")
	for _, c := range []struct{ variable, line, names string }{
		{"CAMPUSGATE_PICTURES_DIR", "pictures  disk " + noFolder + ": FAILED: ", "pictures.dir"},
		{"CAMPUSGATE_DATABASE_DSN", "database  sqlite: FAILED: ", "database.dsn"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			got := runCommand(t, campusgatetest.Embedded(t.TempDir(), c.variable+"="+noFolder), "check").Want(t, exitFailed)
			lines := strings.Split(strings.TrimSuffix(got.Stdout, "\n"), "\n")
			failed := 0
			for _, line := range lines {
				if !strings.HasSuffix(line, ": ok") && !strings.HasSuffix(line, ": not tried without the database") {
					failed++
					if !strings.HasPrefix(line, c.line+c.names+": ") {
						t.Errorf("line %q, want it to begin %q", line, c.line+c.names)
					}
				}
			}
			if len(lines) != 7 || failed != 1 {
				t.Errorf("%d of %d lines tell a failure, want 1 of 7:\n%s", failed, len(lines), got.Stdout)
			}
			if got.Stderr != "campusgate: check: a dependency failed\n" {
				t.Errorf("stderr %q", got.Stderr)
			}
		})
	}
}

// The file of refused words is read, by check and by serve, and the line at fault named.
func TestRefusedWordsAreRead(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "words.txt", "禁词\n")
	environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_MARKET_WORDS_PATH="+path)
	if got := runCommand(t, environ, "check").Want(t, exitOK).Stdout; !strings.HasSuffix(got, "words     "+path+": ok\n") {
		t.Errorf("got %s", got)
	}
	must(t, os.WriteFile(path, []byte("禁词\n# short\nx\n"), 0o600))
	fault := "market.words_path: " + path + ":3: must be 2 to 64 letters, digits or Chinese characters\n"
	if got := runCommand(t, environ, "check").Want(t, exitFailed).Stdout; !strings.HasSuffix(got, "words     "+path+": FAILED: "+fault) {
		t.Errorf("got %s", got)
	}
	if got := runCommand(t, environ, "serve").Want(t, exitFailed).Stderr; got != "campusgate: "+fault {
		t.Errorf("got %s", got)
	}
	must(t, os.Remove(path))
	if got := runCommand(t, environ, "serve").Want(t, exitFailed).Stderr; got != "campusgate: market.words_path: open "+path+": no such file or directory\n" {
		t.Errorf("got %s", got)
	}
}

// A dependency that is not there is named.
func TestCheckNamesRedis(t *testing.T) {
	t.Parallel()
	environ := append(campusgatetest.Embedded(t.TempDir()), "CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=127.0.0.1:1")
	if got := campusgatetest.Run(t, environ, "check").Want(t, exitFailed).Stdout; !strings.Contains(got, "captchas  redis: FAILED: redis.addr") {
		t.Error(got)
	}
}

// A password that Redis does not take, or asks for, is named, and not shown.
func TestCheckNamesRedisPassword(t *testing.T) {
	t.Parallel()
	const right, wrong = "the-right-word", "the-wrong-word"
	guarded := redistest.Start(t)
	must(t, guarded.Client(t).ConfigSet(t.Context(), "requirepass", right).Err())
	for _, c := range []struct{ password, want string }{
		{right, "ok\n"},
		{wrong, "FAILED: redis.username, redis.password: "},
		{"", "FAILED: redis.username, redis.password: "},
	} {
		environ := campusgatetest.Embedded(t.TempDir(),
			"CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR="+guarded.Address(), "CAMPUSGATE_REDIS_PASSWORD="+c.password)
		got := runCommand(t, environ, "check")
		if !strings.Contains(got.Stdout, "captchas  redis: "+c.want) || strings.Contains(got.Stdout, wrong) {
			t.Errorf("password %q: %s, want %q", c.password, got.Stdout, c.want)
		}
	}
}

// A key that COS does not take is one line, which names the keys and no secret.
func TestCheckNamesCOSSecrets(t *testing.T) {
	t.Parallel()
	const wrong = "the-secret-of-another-bucket"
	bucket := costest.Start(t)
	got := runCommand(t, campusgatetest.Embedded(t.TempDir(), campusgatetest.InBucket(bucket, "CAMPUSGATE_COS_SECRET_KEY="+wrong)...), "check").Want(t, exitFailed)
	line := "pictures  cos " + bucket.URL + ": FAILED: cos.secret_id, cos.secret_key: "
	if !strings.Contains(got.Stdout, line) || strings.Count(got.Stdout, "\n") != 7 {
		t.Errorf("check printed\n%s, want a line %q", got.Stdout, line)
	}
	if strings.Contains(got.Stdout+got.Stderr, wrong) {
		t.Errorf("the secret was printed: %+v", got)
	}
}

// The bucket's auditing is tried with a picture, and what is wrong with it named.
func TestCheckTriesTheAuditing(t *testing.T) {
	t.Parallel()
	bucket := costest.Start(t)
	environ := campusgatetest.Embedded(t.TempDir(), campusgatetest.InBucket(bucket, "CAMPUSGATE_MARKET_PICTURE_CHECKER=cos")...)
	if got := runCommand(t, environ, "check").Want(t, exitOK).Stdout; !strings.HasSuffix(got, "auditing  cos "+bucket.URL+": ok\n") {
		t.Errorf("got %s", got)
	}
	if _, err := pictures.Inspect(bucket.Object("check/audited")); err != nil {
		t.Errorf("what was audited is no picture: %v", err)
	}
	bucket.AnswerAudits("", costest.AuditOff)
	line := "auditing  cos " + bucket.URL + ": FAILED: market.picture_checker: audit picture in COS: the bucket does not audit contents"
	if got := runCommand(t, environ, "check").Want(t, exitFailed).Stdout; !strings.Contains(got, line) {
		t.Errorf("got %s, want %s", got, line)
	}
}

func TestCheckAsksTencent(t *testing.T) {
	t.Parallel()
	provider := smstest.Start(t)
	check := func(status int, line string, more ...string) {
		t.Helper()
		got := runCommand(t, campusgatetest.ByTencent(campusgatetest.Embedded(t.TempDir()), provider, more...), "check").Want(t, status)
		if !strings.Contains(got.Stdout, "\nsms       tencent: "+line) {
			t.Errorf("no %q in %s", line, got.Stdout)
		}
		if strings.Contains(got.Stdout+got.Stderr, smstest.SecretKey) || strings.Contains(got.Stdout+got.Stderr, smstest.SecretID) {
			t.Errorf("the key is shown: %+v", got)
		}
	}
	check(exitOK, "ok\n")
	check(exitFailed, "FAILED: sms.secret_id, sms.secret_key: sms refused: 1007 The provided credentials", "CAMPUSGATE_SMS_SECRET_KEY=wrong")
	provider.RefuseRequests("InternalError", "try again")
	check(exitFailed, "FAILED: sms.endpoint: sms refused: 1007 try again (InternalError")
	provider.Stop()
	check(exitFailed, "FAILED: sms.endpoint: call "+provider.URL()+": ")
	if got := provider.Messages(); len(got) != 0 {
		t.Errorf("check sent %v", got)
	}
}

func TestCheckLogsInForMail(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "none")
	check := func(status int, line string, more ...string) {
		t.Helper()
		got := runCommand(t, campusgatetest.ByMail(campusgatetest.Embedded(t.TempDir()), server, more...), "check").Want(t, status)
		wantMailLine(t, got, server, line)
	}
	check(exitOK, "ok\n")
	check(exitFailed, "FAILED: mail.username, mail.password: connection: the server refuses the account: 535 5.7.8 wrong: ", "CAMPUSGATE_MAIL_PASSWORD=another-word")
	check(exitFailed, "FAILED: mail.host, mail.port, mail.tls: connection: STARTTLS ", "CAMPUSGATE_MAIL_TLS=starttls")
	check(exitFailed, "FAILED: mail.host, mail.port, mail.tls: connection: tls: ", "CAMPUSGATE_MAIL_TLS=tls")
	check(exitFailed, "FAILED: mail.from: ", "CAMPUSGATE_MAIL_FROM=campus@localhost")
	server.Hang("greeting")
	check(exitFailed, "FAILED: mail.host, mail.port, mail.tls: connection: read tcp ", "CAMPUSGATE_MAIL_TIMEOUT=100ms")
	server.Stop()
	check(exitFailed, "FAILED: mail.host, mail.port, mail.tls: connection: dial tcp ")
	if got := server.Messages(); len(got) != 0 {
		t.Errorf("check sent %v", got)
	}
}

// A server is believed when somebody vouches for it whom the machine knows.
func TestCheckSecuresMail(t *testing.T) {
	t.Parallel()
	for _, secure := range []string{"starttls", "tls"} {
		server := mailtest.Start(t, secure)
		environ := campusgatetest.ByMail(campusgatetest.Embedded(t.TempDir()), server)
		wantMailLine(t, campusgatetest.Run(t, environ, "check").Want(t, exitFailed), server,
			"FAILED: mail.host, mail.port, mail.tls: connection: tls: failed to verify certificate: ")
		environ = append(environ, "SSL_CERT_FILE="+server.CertificateFile())
		wantMailLine(t, campusgatetest.Run(t, environ, "check").Want(t, exitOK), server, "ok\n")
	}
}

func wantMailLine(t *testing.T, got campusgatetest.Finished, server *mailtest.Server, line string) {
	t.Helper()
	host, port := server.HostPort()
	if want := fmt.Sprintf("\nmail      %s:%d: %s", host, port, line); !strings.Contains(got.Stdout, want) {
		t.Errorf("no %q in %s", want, got.Stdout)
	}
	if strings.Contains(got.Stdout+got.Stderr, mailtest.Password) {
		t.Errorf("the password is shown: %+v", got)
	}
}
