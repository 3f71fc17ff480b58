package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

func TestMain(m *testing.M) { os.Exit(campusgatetest.Main(m)) }

// runCommand runs the program, in this process, with no environment but the given.
// A serve that should have been refused ends with patience.
func runCommand(t testing.TB, environ []string, arguments ...string) campusgatetest.Finished {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), campusgatetest.Patience)
	defer cancel()
	var stdout, stderr strings.Builder
	p := process{environ: environ, stdout: &stdout, stderr: &stderr}
	status := p.run(ctx, arguments)
	return campusgatetest.Finished{Status: status, Stdout: stdout.String(), Stderr: stderr.String()}
}

// serve runs the gateway in this process, until the test ends.
func serve(t testing.TB, environ []string, arguments ...string) *campusgatetest.Gateway {
	t.Helper()
	return campusgatetest.Serve(t, func(ctx context.Context, stdout, stderr io.Writer) int {
		p := process{environ: environ, stdout: stdout, stderr: stderr}
		return p.run(ctx, append([]string{"serve"}, arguments...))
	})
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	campusgatetest.Must(t, err)
}

// writeFile makes a file in a fresh folder and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"help", "-h", "-help", "--help"} {
		got := runCommand(t, nil, call).Want(t, exitOK)
		if got.Stderr != "" {
			t.Errorf("%s: stderr %q, want nothing", call, got.Stderr)
		}
		for _, line := range []string{
			"campusgate serve [-c FILE] [--demo]", "campusgate migrate [-c FILE]",
			"campusgate user add --id ID --name NAME [--wealth YUAN]", "campusgate token issue --user ID",
			"campusgate token list --user ID", "campusgate token revoke [TOKEN…] [--user ID]",
			"campusgate jobs list [--kind KIND] [--dead]", "campusgate jobs retry [ID…] [--dead]",
			"campusgate picture remove FROM/NAME", "campusgate property remove ID",
			"campusgate docs [--format openapi|markdown|typescript] [--lang en|zh]", "campusgate check [-c FILE]", "campusgate doctor [--fix]", "campusgate backup FILE [--secrets]", "campusgate restore FILE", "campusgate version",
			"campusgate secret rotate [-c FILE]",
			"campusgate import --from DSN [--accounts] [--merge] [--dry-run]",
		} {
			if !strings.Contains(got.Stdout, line) {
				t.Errorf("%s does not show %q", call, line)
			}
		}
	}
}

func TestHelpOfACommandShowsItsFlags(t *testing.T) {
	t.Parallel()
	for call, flags := range map[string][]string{
		"serve":           {"-c FILE", "-demo"},
		"migrate":         {"-c FILE"},
		"user add":        {"-c FILE", "-id ID", "-name NAME", "-wealth YUAN"},
		"token issue":     {"-c FILE", "-user ID"},
		"token list":      {"-c FILE", "-user ID"},
		"token revoke":    {"-c FILE", "-user ID"},
		"picture remove":  {"-c FILE"},
		"property remove": {"-c FILE"},
		"jobs list":       {"-c FILE", "-kind KIND", "-dead"},
		"jobs retry":      {"-c FILE", "-dead"},
		"docs":            {"-c FILE", "-format", "-lang"},
		"check":           {"-c FILE"},
		"import":          {"-c FILE", "-from DSN", "-accounts", "-merge", "-dry-run", "-report FILE"},
		"backup":          {"-c FILE", "-secrets"},
		"restore":         {"-c FILE", "-secrets FOLDER"},
		"doctor":          {"-c FILE", "-fix"},
		"version":         {"-c FILE"},
		"secret rotate":   {"-c FILE"},
	} {
		got := runCommand(t, nil, append(strings.Fields(call), "-h")...).Want(t, exitOK)
		for _, flag := range flags {
			if !strings.Contains(got.Stdout, flag) || got.Stderr != "" {
				t.Errorf("%s -h: stdout %q, stderr %q, want %q on stdout", call, got.Stdout, got.Stderr, flag)
			}
		}
	}
}

func TestNoCommandShowsUsageAsAnError(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil).Want(t, exitUsage)
	if got.Stdout != "" || !strings.Contains(got.Stderr, "campusgate serve") {
		t.Errorf("got %+v, want the usage on stderr", got)
	}
}

func TestUsageErrorsAreOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ call, says string }{
		{"frob", `no command "frob"; run 'campusgate help' for the list`},
		{"token", `no command "token"`},
		{"user remove", `no command "user remove"`},
		{"serve -x", "campusgate serve: flag provided but not defined: -x; run 'campusgate serve -h' for its flags"},
		{"serve -c", "campusgate serve: flag needs an argument: -c"},
		{"serve --demo=maybe", "campusgate serve: invalid boolean value \"maybe\" for -demo"},
		{"serve extra", `campusgate serve: unexpected argument "extra"`},
		{"migrate now", `campusgate migrate: unexpected argument "now"`},
		{"token issue --user 1 2", `campusgate token issue: unexpected argument "2"`},
		{"token issue", "campusgate token issue: --user is missing"},
		{"user add --name 码三秃", "campusgate user add: --id must be a number"},
		{"user add --id 1180310086", "campusgate user add: --name is missing"},
		{"picture remove shop/a -x", "campusgate picture remove: flag provided but not defined: -x"},
		{"picture remove shop/a shop/b", `campusgate picture remove: unexpected argument "shop/b"`},
		{"token list", "campusgate token list: --user is missing"},
		{"jobs retry", "campusgate jobs retry: either ids or --dead must be given"},
		{"jobs retry 7 --dead", "campusgate jobs retry: either ids or --dead must be given"},
		{"jobs retry 7 x", `campusgate jobs retry: "x" is not the number of a job`},
		{"docs --format pdf", "campusgate docs: --format must be openapi, markdown or typescript"},
		{"docs --lang fr", "campusgate docs: --lang must be en or zh"},
	} {
		t.Run(c.call, func(t *testing.T) {
			runCommand(t, campusgatetest.Embedded(t.TempDir()), strings.Fields(c.call)...).Refused(t, exitUsage, c.says)
		})
	}
}

// Every command reads the configuration first, so all refuse a bad one.
func TestABadConfigurationIsNamed(t *testing.T) {
	t.Parallel()
	file := func(text string) []string { return []string{"-c", writeFile(t, "campusgate.toml", text)} }
	for _, c := range []struct {
		name      string
		arguments []string
		environ   []string
		says      []string
	}{
		{"unknown key", file("[server]\nlissten = \"127.0.0.1:0\"\n"), nil, []string{"server.lissten: unknown key"}},
		{"unknown section", file("[sever]\n"), nil, []string{"sever: unknown key"}},
		{"unknown variable", nil, []string{"CAMPUSGATE_SERVER_LISSTEN=127.0.0.1:0"}, []string{"CAMPUSGATE_SERVER_LISSTEN: unknown"}},
		{"wrong type", file("[shops]\nper_user = \"many\"\n"), nil, []string{"shops.per_user"}},
		{"bad value", nil, []string{"CAMPUSGATE_LOG_FORMAT=xml"}, []string{"log.format (CAMPUSGATE_LOG_FORMAT)"}},
		{"not TOML", file("[server\n"), nil, []string{"campusgate.toml: line "}},
		{"no file", []string{"-c", "/nowhere/campusgate.toml"}, nil, []string{"/nowhere/campusgate.toml"}},
	} {
		for _, call := range []string{"serve", "migrate", "check", "version"} {
			t.Run(c.name+"/"+call, func(t *testing.T) {
				runCommand(t, c.environ, append([]string{call}, c.arguments...)...).Refused(t, exitFailed, c.says...)
			})
		}
	}
}

func TestEveryProblemOfAConfigurationIsTold(t *testing.T) {
	t.Parallel()
	got := runCommand(t, []string{"CAMPUSGATE_LOG_LEVEL=loud", "CAMPUSGATE_DATABASE_MAX_OPEN=0"}, "serve").Want(t, exitFailed)
	for _, key := range []string{"log.level", "database.max_open"} {
		if !strings.Contains(got.Stderr, key) {
			t.Errorf("stderr %q does not name %s", got.Stderr, key)
		}
	}
}

func TestAnInterruptedCommandEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr strings.Builder
	p := process{environ: campusgatetest.Embedded(t.TempDir()), stdout: &stdout, stderr: &stderr}
	if status := p.run(ctx, []string{"migrate"}); status != exitFailed {
		t.Errorf("exit status %d, want %d; stderr %q", status, exitFailed, stderr.String())
	}
}
