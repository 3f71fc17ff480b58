package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

func TestABadListenAddressIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	for _, address := range []string{"127.0.0.1", "127.0.0.1:port", "127.0.0.1:70000", taken.Addr().String()} {
		runCommand(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_SERVER_LISTEN="+address), "serve").
			Refused(t, exitFailed, "server.listen")
	}
}

func TestABadPictureFolderIsNamed(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "file", "in the way")
	runCommand(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_PICTURES_DIR="+file), "serve").Refused(t, exitFailed, "pictures.dir")
}

func TestProbes(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir()))
	for _, probe := range []string{"/healthz", "/readyz"} {
		if got := campusgatetest.Get(t, "http://"+r.Address+probe).Raw; got != "ok\n" {
			t.Errorf("%s answers %q", probe, got)
		}
	}
}

// The two lines that people read codes from have exactly this text in either
// format, so that scripts find them.
func TestLogLines(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_LOG_FORMAT="+format, "CAMPUSGATE_CAPTCHA_LOG_CODES=true")
			token := addUser(t, environ, student, "王凌超", "0")
			r := serve(t, environ)
			random := r.Call(t, "/captcha", "img/generate", `{}`).Field("rand")
			code := r.Stderr.Await(t, `captcha rand=`+random+` code=([0-9A-Za-z]{5})\b`)[1]
			hash := md5.Sum([]byte(strings.ToLower(code) + random))
			r.Call(t, "/captcha", "sms/generate", fmt.Sprintf(`{"phone":"13700000000","hash":"%x"}`, hash))
			r.Stderr.Await(t, `sms phone=13700000000 code=[0-9]{6}\b`)
			r.Call(t, "/purchase?token="+token, "purchase/list", `{}`)
			if status := r.Stop(); status != exitOK {
				t.Errorf("exit status %d", status)
			}
			log := r.Stderr.String()
			if strings.Contains(log, token) || strings.Contains(log, hex.EncodeToString(hash[:])) {
				t.Errorf("the log holds a secret:\n%s", log)
			}
			for line := range strings.Lines(log) {
				if isJSON := json.Valid([]byte(line)); isJSON != (format == "json") {
					t.Errorf("line is not %s: %s", format, line)
				}
			}
		})
	}
}

func TestCodesAreLoggedOnlyWhereAsked(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir()))
	r.Call(t, "/captcha", "img/generate", `{}`)
	r.Stop()
	if log := r.Stderr.String(); strings.Contains(log, "code=") {
		t.Errorf("the log holds a code:\n%s", log)
	}
}

// Whoever runs without a file is on a machine of their own; elsewhere portraits
// without a token are a choice, and the log warns of it.
func TestAnonymousPortraitsAreWarnedOf(t *testing.T) {
	t.Parallel()
	for choice, warned := range map[string]bool{"true": true, "false": false} {
		r := serve(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_PICTURES_ANONYMOUS_PORTRAITS="+choice))
		r.Stop()
		if got := strings.Contains(r.Stderr.String(), "pictures.anonymous_portraits"); got != warned {
			t.Errorf("%s: warned %t, want %t", choice, got, warned)
		}
	}
}
