package deploy_test

import (
	"maps"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/config"
)

// One machine behind nginx: nothing of the development defaults, and no secret.
func TestSingleIsSafe(t *testing.T) {
	t.Parallel()
	c, err := config.Load("single.toml", nil)
	if err != nil {
		t.Fatal(err)
	}
	got, initial := values(c), values(defaults(t))
	maps.DeleteFunc(got, func(key string, value any) bool { return reflect.DeepEqual(value, initial[key]) })
	want := map[string]any{
		"server.trusted_callers":       []netip.Prefix(nil),
		"server.console":               false,
		"server.desk":                  false,
		"accounts.own":                 false,
		"market.beli_new_user":         0,
		"payments.sandbox":             false,
		"pictures.anonymous_portraits": false,
		"pictures.allow_referers":      []string{"www.zustservice.cn", "zustservice.cn"},
		"metrics.listen":               "127.0.0.1:4082",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("it differs from the defaults (-want +got):\n%s", diff)
	}
}

// The unit is the replica's without its secrets.
func TestSingleServiceFitsTheReplicas(t *testing.T) {
	t.Parallel()
	keys := func(name string) (lines []string) {
		for line := range strings.Lines(read(t, name)) {
			if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "LoadCredential=") &&
				!strings.HasPrefix(line, "Environment=CAMPUSGATE_") && line != "\n" {
				lines = append(lines, strings.ReplaceAll(line, "/campusgate.toml", "/single.toml"))
			}
		}
		return lines
	}
	if diff := cmp.Diff(keys("campusgate.service"), keys("campusgate-single.service")); diff != "" {
		t.Errorf("the units differ (-replica +single):\n%s", diff)
	}
}

// The site is the replicas' with one gateway, where single.toml has it listen, and
// without the account service.
func TestSingleNginxFitsTheReplicas(t *testing.T) {
	t.Parallel()
	c, err := config.Load("single.toml", nil)
	if err != nil {
		t.Fatal(err)
	}
	directives := func(name string) string {
		var lines strings.Builder
		for line := range strings.Lines(read(t, name)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				lines.WriteString(line + "\n")
			}
		}
		return lines.String()
	}
	want := strings.NewReplacer(
		"server gateway-1:4081 max_fails=1 fail_timeout=5s;\nserver gateway-2:4081 max_fails=1 fail_timeout=5s;\nzone gateway 64k;\n",
		"server "+c.Server.Listen+";\n",
		"upstream account {\nserver account:8080;\nkeepalive 16;\nkeepalive_timeout 30s;\n}\n", "",
		"proxy_next_upstream error timeout;\nproxy_next_upstream_tries 2;\n", "",
		"location /api/user/ {\nproxy_pass http://account;\n}\n", "",
	).Replace(directives("nginx.conf"))
	if diff := cmp.Diff(want, directives("nginx-single.conf")); diff != "" {
		t.Errorf("the sites differ (-replicas +single):\n%s", diff)
	}
	if names := "server_name " + siteNames(c.Pictures) + ";"; !strings.Contains(want, names) {
		t.Errorf("no %q, as single.toml has it", names)
	}
}
