package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campusgate/storage/storagetest"
)

// program is where campusgate.service looks for the binary.
const program = "/usr/local/bin/campusgate"

// analyze runs systemd-analyze, and returns what it says.
func analyze(t *testing.T, arguments ...string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), storagetest.Program(t, "systemd-analyze"), arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// systemd itself reads the unit, and finds little that a break-in could use. The
// binary that it looks for is any program here.
func TestServiceIsRead(t *testing.T) {
	t.Parallel()
	for _, name := range units {
		t.Run(name, func(t *testing.T) { verifyUnit(t, name) })
	}
}

// units are those of a replica and of one machine.
var units = []string{"campusgate.service", "campusgate-single.service"}

func verifyUnit(t *testing.T, name string) {
	t.Helper()
	text := read(t, name)
	if strings.Count(text, "="+program+" ") != 2 {
		t.Fatalf("the unit does not run %s twice", program)
	}
	stand, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "campusgate.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(text, program, stand)), 0o600); err != nil {
		t.Fatal(err)
	}
	if warnings := analyze(t, "verify", unit); strings.Contains(warnings, unit) { // an unknown key is no error to it
		t.Error(warnings)
	}
}

func TestServiceIsConfined(t *testing.T) {
	t.Parallel()
	for _, name := range units {
		analyze(t, "security", "--offline=true", "--threshold=17", "--no-pager", "./"+name) // 1.7 of 10
	}
}

// Each secret is loaded and named, and the server ends before it is killed.
func TestServiceFitsTheSample(t *testing.T) {
	t.Parallel()
	text := read(t, "campusgate.service")
	for _, variable := range secretVariables() {
		name := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(variable, "CAMPUSGATE_"), "_FILE"))
		for _, line := range []string{
			fmt.Sprintf("\nLoadCredential=%s:/etc/campusgate/secrets/%s\n", name, name),
			fmt.Sprintf("\nEnvironment=%s=%%d/%s\n", variable, name),
		} {
			if !strings.Contains(text, line) {
				t.Errorf("no line %q", line)
			}
		}
	}
	_, rest, _ := strings.Cut(text, "\nTimeoutStopSec=")
	line, _, _ := strings.Cut(rest, "\n")
	patience, err := time.ParseDuration(line)
	if shutdown := loadSample(t).Server.ShutdownTimeout; err != nil || patience <= shutdown {
		t.Errorf("it is killed after %q, and may take %s: %v", line, shutdown, err)
	}
}
