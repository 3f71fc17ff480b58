package config

import (
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// write returns the path of a new file with this text.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "campusgate.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t *testing.T, file string, environ ...string) *Config {
	t.Helper()
	c, err := Load(file, environ)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

// wantProblems checks the exact lines of Load's error.
func wantProblems(t *testing.T, file string, environ []string, want ...string) {
	t.Helper()
	c, err := Load(file, environ)
	if err == nil {
		t.Fatal("Load gave no error")
	}
	if c != nil {
		t.Error("Load gave a configuration beside its error")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// Everything that is not in changes has its default.
func wantChanges(t *testing.T, c *Config, changes map[string]any) {
	t.Helper()
	want := values(mustLoad(t, write(t, ""))) // a file, so that the development defaults are off
	maps.Copy(want, changes)
	if diff := cmp.Diff(want, values(c), byText, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// The later wins: default, file, environment; and the environment's empty value is a value.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := write(t, `
		redis.username = "from the file"
		redis.addr = ["file:1", "file:2"]
		redis.password = "from the file"
		redis.sentinel_master = "from the file"
		server.console = true
	`)
	c := mustLoad(t, file, "CAMPUSGATE_REDIS_USERNAME=", "CAMPUSGATE_REDIS_ADDR=variable:1",
		"CAMPUSGATE_REDIS_PASSWORD_FILE="+write(t, "from a secret's file"), "CAMPUSGATE_SERVER_CONSOLE=false")
	wantChanges(t, c, map[string]any{
		"redis.username":        "",
		"redis.addr":            []string{"variable:1"},
		"redis.password":        Secret("from a secret's file"),
		"redis.sentinel_master": "from the file",
		"server.console":        false,
	})
}

// One start tells everything: the file's problems, the environment's, then values that do not fit. A key is named once
// for each place that is wrong; a value that was not understood is not judged again.
func TestEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	file := write(t, `
		colour = "red"
		[server]
		listen = "everywhere"
		read_timeout = 10
		[captcha]
		ttl = "long"
		max_lifetime = "1m"
		[pictures]
		store = "cos"
		[cos]
		secret_key = 17
	`)
	environ := []string{
		"CAMPUSGATE_COS_SECRET_ID_FILE=", "CAMPUSGATE_COLOUR=red", "CAMPUSGATE_SHOPS_PER_USER=0", "CAMPUSGATE_SERVER_READ_TIMEOUT=x",
	}
	wantProblems(t, file, environ,
		`captcha.ttl: must be a duration such as "10s", not "long"`,
		"colour: unknown key",
		"cos.secret_key: must be text, not a number",
		`server.read_timeout: must be a duration such as "10s", not a number`,
		`server.read_timeout (CAMPUSGATE_SERVER_READ_TIMEOUT): must be a duration such as "10s", not "x"`,
		"cos.secret_id (CAMPUSGATE_COS_SECRET_ID_FILE): names no file",
		"CAMPUSGATE_COLOUR: unknown environment variable",
		`server.listen: must be host:port, not "everywhere"`,
		`cos.bucket_url: is required with pictures.store = "cos"`,
		"shops.per_user (CAMPUSGATE_SHOPS_PER_USER): must be at least 1, not 0",
	)
}
