package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"campusgate/handlers/sms/smstest"
)

// Wherever the dependencies are, and whatever is wrong with them, no output of any
// command holds a secret.
func TestNoOutputHoldsASecret(t *testing.T) {
	secrets := map[string]string{
		"DATABASE_DSN": "campus:database-secret@tcp(127.0.0.1:1)/campus", "REDIS_PASSWORD": "redis-secret",
		"COS_SECRET_ID": "cos-identity", "COS_SECRET_KEY": "cos-secret", "SMS_SECRET_ID": "sms-identity", "SMS_SECRET_KEY": "sms-secret",
	}
	hidden := []string{"database-secret", "redis-secret", "cos-identity", "cos-secret", "sms-identity", "sms-secret"}
	environ := []string{
		"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_TIMEOUT=1s", "CAMPUSGATE_CAPTCHA_STORE=redis", "CAMPUSGATE_REDIS_ADDR=127.0.0.1:1",
		"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_COS_BUCKET_URL=http://127.0.0.1:1", "CAMPUSGATE_COS_TIMEOUT=1s",
		"CAMPUSGATE_SMS_DRIVER=tencent", "CAMPUSGATE_SMS_ENDPOINT=http://127.0.0.1:1", "CAMPUSGATE_SMS_APP_ID=" + smstest.AppID,
		"CAMPUSGATE_SMS_SIGN=" + smstest.Sign, "CAMPUSGATE_SMS_TEMPLATE_ID=" + smstest.TemplateID, "CAMPUSGATE_SMS_REGION=" + smstest.Region,
		"CAMPUSGATE_LOG_LEVEL=debug",
	}
	inFiles := slices.Clone(environ)
	for key, secret := range secrets {
		environ = append(environ, "CAMPUSGATE_"+key+"="+secret)
		inFiles = append(inFiles, "CAMPUSGATE_"+key+"_FILE="+writeFile(t, key, secret+"\n"))
	}
	for name, environ := range map[string][]string{
		"in the environment": environ, "in files": inFiles,
		"of a wrong form": append(slices.Clone(environ), "CAMPUSGATE_DATABASE_DSN=campus:database-secret@127.0.0.1"),
		"of a wrong name": append(slices.Clone(environ), "CAMPUSGATE_SMS_SECRET=sms-secret"),
	} {
		for _, command := range []string{"check", "serve", "migrate", "user add --id 1 --name a", "token issue --user 1"} {
			got := runCommand(t, environ, strings.Fields(command)...).want(t, exitFailed)
			for _, secret := range hidden {
				if strings.Contains(got.stdout+got.stderr, secret) {
					t.Errorf("%s, %s: stdout %q, stderr %q", name, command, got.stdout, got.stderr)
				}
			}
		}
	}
}

// A user who may write the data folder alone is enough.
func TestRunsAsAPlainUser(t *testing.T) {
	path, err := program()
	must(t, err)
	user := os.Geteuid()
	if user == 0 {
		user = 65534 // nobody
	}
	folder := t.TempDir()
	must(t, os.Chmod(filepath.Dir(folder), 0o755)) // it is closed to others
	data := filepath.Join(folder, "data")
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chown(data, user, -1))
	binaryCopy := filepath.Join(folder, "campusgate")
	content, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(binaryCopy, content, 0o755))
	plain := func(arguments ...string) *exec.Cmd {
		command := exec.CommandContext(t.Context(), binaryCopy, arguments...)
		command.Dir, command.Env = folder, []string{"HOME=/nonexistent", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0"}
		if os.Geteuid() == 0 {
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}}
		}
		return command
	}
	for range 2 { // on no database, and on one that it made
		if output, err := plain("check").CombinedOutput(); err != nil {
			t.Fatalf("check: %v\n%s", err, output)
		}
		serve := &binary{running: &running{stdout: newWatched(), stderr: newWatched()}, command: plain("serve", "--demo")}
		serve.command.Stdout, serve.command.Stderr = serve.stdout, serve.stderr
		must(t, serve.command.Start())
		serve.awaitAddress(t)
		serve.call(t, "/pic?token="+serve.demoToken(t, demoUsers[0]), "pic/upload", `{"from":"shop","base64":"`+onePixel+`"}`)
		must(t, serve.signal(t, syscall.SIGTERM).command.Wait())
	}
	entries, err := os.ReadDir(folder)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("it wrote outside of its folder: %v", entries)
	}
}
