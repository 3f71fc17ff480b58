package deploy_test

import (
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"campusgate/config"
)

// accountAddress is where the account service of the tests is.
const accountAddress = "10.0.0.99"

// operatorSets is what compose.yaml asks the operator for.
func operatorSets(t *testing.T) types.Mapping {
	t.Helper()
	return types.Mapping{"FRONTEND": t.TempDir(), "TLS": t.TempDir(), "ACCOUNT_ADDRESS": accountAddress}
}

// loadCompose reads compose.yaml with Docker's own parser, which refuses unknown
// keys and services, secrets, networks and volumes that are not declared.
func loadCompose(t *testing.T, environment types.Mapping) (*types.Project, error) {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: folder, ConfigFiles: types.ToConfigFiles([]string{"compose.yaml"}), Environment: environment,
	})
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := loadCompose(t, operatorSets(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What the operator forgets is named.
func TestComposeAsksForWhatItNeeds(t *testing.T) {
	t.Parallel()
	for name := range operatorSets(t) {
		environment := operatorSets(t)
		delete(environment, name)
		if _, err := loadCompose(t, environment); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// Two gateways and a migration that comes before them, on MySQL and Redis, behind
// nginx, which alone is reached from outside.
func TestComposeServices(t *testing.T) {
	t.Parallel()
	p := project(t)
	want := []string{"gateway-1", "gateway-2", "migrate", "mysql", "nginx", "redis"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(p.Services))); diff != "" {
		t.Fatalf("services (-want +got):\n%s", diff)
	}
	waits := map[string]map[string]string{
		"migrate":   {"mysql": types.ServiceConditionHealthy},
		"gateway-1": {"migrate": types.ServiceConditionCompletedSuccessfully, "redis": types.ServiceConditionHealthy},
		"gateway-2": {"migrate": types.ServiceConditionCompletedSuccessfully, "redis": types.ServiceConditionHealthy},
		"nginx":     {"gateway-1": types.ServiceConditionStarted, "gateway-2": types.ServiceConditionStarted},
	}
	for name, service := range p.Services {
		got := map[string]string{}
		for other, dependency := range service.DependsOn {
			got[other] = dependency.Condition
			if dependency.Condition == types.ServiceConditionHealthy && p.Services[other].HealthCheck == nil {
				t.Errorf("%s waits for the health of %s, which nobody checks", name, other)
			}
		}
		if !maps.Equal(got, waits[name]) {
			t.Errorf("%s waits for %v, want %v", name, got, waits[name])
		}
		if public := len(service.Ports) > 0; public != (name == "nginx") {
			t.Errorf("%s is reached from outside: %t", name, public)
		}
		if service.Privileged || service.Image == "" || strings.HasSuffix(service.Image, ":latest") {
			t.Errorf("%s: image %q, privileged %t", name, service.Image, service.Privileged)
		}
	}
}

// The gateways run the sample with what compose.yaml adds. Whom they trust is
// there by that address, and they end before they are killed.
func TestComposeGateways(t *testing.T) {
	t.Parallel()
	p := project(t)
	addressOf := func(name string) string { return p.Services[name].Networks["campus"].Ipv4Address }
	for _, name := range []string{"gateway-1", "gateway-2", "migrate"} {
		service := p.Services[name]
		var environ []string
		for variable, value := range service.Environment {
			if !strings.HasSuffix(variable, "_FILE") {
				environ = append(environ, variable+"="+*value)
			}
		}
		c := loadSample(t, environ...)
		host := func(address string) []netip.Prefix {
			return []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr(address), 32)}
		}
		if proxies := c.Server.TrustedProxies; !slices.Equal(proxies, host(addressOf("nginx"))) {
			t.Errorf("%s believes %v, nginx is %s", name, proxies, addressOf("nginx"))
		}
		if callers := c.Server.TrustedCallers; !slices.Equal(callers, host(accountAddress)) {
			t.Errorf("%s trusts %v", name, callers)
		}
		if c.Server.Listen != ":4081" || !slices.Equal(c.Redis.Addr, []string{"redis:6379"}) {
			t.Errorf("%s listens on %s and asks %v", name, c.Server.Listen, c.Redis.Addr)
		}
		if grace := service.StopGracePeriod; time.Duration(*grace) <= c.Server.ShutdownTimeout {
			t.Errorf("%s is killed after %s, and may take %s", name, grace, c.Server.ShutdownTimeout)
		}
	}
	want := []string{"account:" + accountAddress, "gateway-1:" + addressOf("gateway-1"), "gateway-2:" + addressOf("gateway-2")}
	hosts := p.Services["nginx"].ExtraHosts.AsList(":")
	slices.Sort(hosts)
	if !slices.Equal(hosts, want) {
		t.Errorf("nginx knows %v, want %v", hosts, want)
	}
	subnet := netip.MustParsePrefix(p.Networks["campus"].Ipam.Config[0].Subnet)
	dynamic := netip.MustParsePrefix(p.Networks["campus"].Ipam.Config[0].IPRange)
	for _, name := range []string{"nginx", "gateway-1", "gateway-2"} {
		if address := netip.MustParseAddr(addressOf(name)); !subnet.Contains(address) || dynamic.Contains(address) {
			t.Errorf("%s cannot keep %s in %s without %s", name, address, subnet, dynamic)
		}
	}
}

// Secrets come from files that the repository ignores, each to who needs it.
func TestComposeSecrets(t *testing.T) {
	t.Parallel()
	p := project(t)
	if ignored := read(t, "../.gitignore"); !strings.Contains(ignored, "\n/deploy/secrets/\n") || !strings.Contains(ignored, "\n/deploy/.env\n") {
		t.Error("git would take the secrets")
	}
	folder, err := filepath.Abs("secrets")
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range p.Secrets {
		if secret.File != filepath.Join(folder, name) || secret.Content != "" || secret.Environment != "" {
			t.Errorf("secret %s: %+v", name, secret)
		}
	}
	for name, service := range p.Services {
		given := map[string]bool{}
		for _, secret := range service.Secrets {
			given["/run/secrets/"+secret.Source] = true
		}
		for variable, value := range service.Environment {
			if strings.HasSuffix(variable, "_FILE") != given[*value] {
				t.Errorf("%s: %s=%s, and it is given %v", name, variable, *value, slices.Sorted(maps.Keys(given)))
			}
		}
		if service.Image != "campusgate" {
			continue
		}
		for _, variable := range secretVariables() {
			if service.Environment[variable] == nil {
				t.Errorf("%s: no %s", name, variable)
			}
		}
	}
}

// What is mounted is there, and lands where the program and nginx look.
func TestComposeMounts(t *testing.T) {
	t.Parallel()
	p := project(t)
	volumes := func(name string) map[string]string {
		mounted := map[string]string{}
		for _, volume := range p.Services[name].Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil || !volume.ReadOnly {
				t.Errorf("%s: %s, read-only %t: %v", name, volume.Source, volume.ReadOnly, err)
			}
			mounted[volume.Target] = filepath.Base(volume.Source)
		}
		return mounted
	}
	for _, name := range []string{"gateway-1", "gateway-2", "migrate"} {
		if got := volumes(name)["/etc/campusgate/campusgate.toml"]; got != sample {
			t.Errorf("%s: the configuration is %q", name, got)
		}
	}
	nginx := volumes("nginx")
	if nginx["/etc/nginx/nginx.conf"] != "nginx.conf" {
		t.Errorf("nginx has %v", nginx)
	}
	for line, target := range map[string]string{"root /srv/campus;": "/srv/campus", "ssl_certificate /etc/nginx/tls/fullchain.pem;": "/etc/nginx/tls"} {
		if nginx[target] == "" || !strings.Contains(read(t, "nginx.conf"), line) {
			t.Errorf("%q is not mounted as %s", line, target)
		}
	}
}

// nginx.conf and the sample agree: what is said there about the other is true.
func TestNginxAgreesWithTheSample(t *testing.T) {
	t.Parallel()
	c, nginx := loadSample(t), read(t, "nginx.conf")
	for directive, ok := range map[string]bool{
		"client_max_body_size 8m;":                   c.Server.MaxBody == 8<<20,
		"keepalive_timeout 30s;":                     c.Server.IdleTimeout > 30*time.Second,
		"proxy_read_timeout 12s;":                    c.Server.WriteTimeout < 12*time.Second && c.Server.WriteTimeout > 8*time.Second,
		"location ~ ^" + c.Server.BasePath + "(/|$)": true,
		"server_name " + siteNames(c.Pictures) + ";": true,
		"server account:8080;":                       true,
		"server gateway-1:4081 max_fails=1":          strings.HasSuffix(c.Server.Listen, ":4081"),
	} {
		if !ok || !strings.Contains(nginx, directive) {
			t.Errorf("%s does not fit the sample", directive)
		}
	}
}

func siteNames(p config.Pictures) string { return strings.Join(p.AllowReferers, " ") }
