package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// compiledClient is a folder with the printed client, compiled by tsc as strictly
// as a project may ask, and what the tests run with it.
func compiledClient(t *testing.T) string {
	t.Helper()
	storagetest.Program(t, "node")
	storagetest.Program(t, "npm")
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS("testdata/typescript")))
	client := campusgatetest.Run(t, nil, "docs", "--format", "typescript").Want(t, exitOK).Stdout
	must(t, os.WriteFile(filepath.Join(folder, "campusgate.ts"), []byte(client), 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "api.ts"), []byte(documentedClient(t)), 0o600))
	if printed, err := runIn(t, folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"); err != nil {
		storagetest.NotRun(t, "npm cannot install TypeScript: %v\n%s", err, printed)
	}
	if printed, err := runIn(t, folder, "node", "node_modules/typescript/bin/tsc", "--strict", "--exactOptionalPropertyTypes",
		"--noImplicitOverride", "--noUnusedLocals", "--noUnusedParameters", "--erasableSyntaxOnly", "--noEmitOnError",
		"--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "campusgate.ts", "usage.ts", "api.ts"); err != nil {
		t.Fatalf("tsc: %v\n%s", err, printed)
	}
	return folder
}

// documentedClient is the example of docs/clients.md.
func documentedClient(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/clients.md")
	must(t, err)
	_, example, found := strings.Cut(string(page), "```ts\n// src/api.ts")
	if !found {
		t.Fatal("docs/clients.md has no example of a client")
	}
	example, _, _ = strings.Cut(example, "```")
	return "//" + example
}

func runIn(t *testing.T, folder, name string, arguments ...string) (printed []byte, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = folder
	return command.CombinedOutput()
}

// The printed client compiles under tsc --strict and works in Node against a
// running gateway.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	folder, environ := compiledClient(t), campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_CAPTCHA_LOG_CODES=true")
	token := campusgatetest.AddUser(t, environ, "1180310086", "王凌超", "25")
	r := campusgatetest.Start(t, t.TempDir(), environ)

	stdout, stderr := campusgatetest.NewStream(), campusgatetest.NewStream()
	journey := exec.CommandContext(t.Context(), "node", "journey.js", r.URL(""), token)
	journey.Dir, journey.Stdout, journey.Stderr = folder, stdout, stderr
	answers, err := journey.StdinPipe()
	must(t, err)
	must(t, journey.Start())
	t.Cleanup(func() { _ = journey.Process.Kill() }) // where it has not ended by then
	answer := func(code string) {
		_, err := answers.Write([]byte(code + "\n"))
		must(t, err)
	}
	rand := stdout.Await(t, `code of (\w+)\?\n`)[1]
	answer(r.Stderr.Await(t, "captcha rand="+rand+` code=(\w+)`)[1])
	sms := stdout.Await(t, `code of (?:.|\n)*code of (\w+)\?\n`)[1]
	answer(r.Stderr.Await(t, `sms phone=13712345678 code=(\d+)`)[1])
	if err := journey.Wait(); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}

	want := []string{
		"captcha PNG",
		"code of " + rand + "?",
		"code of " + sms + "?",
		"account newcomer 137****5678 undefined 注册成功 0",
		"picture ./api/external/get/pic/shop/茶.png stored image/png",
		"shop 小码三秃 true 1180310086",
		"product 头秃生发水 12.5 null",
		"purchase finish 25 1",
		"property 1 一卡通 13700000000",
		"absolute true 200 true",
		"none [] 0",
		"foreign ForeignAnswerError 502 HTTP 502: <html> <h1>Bad Gateway</h1>",
		"foreign ForeignAnswerError 200 HTTP 200: [1]",
		"foreign ForeignAnswerError 200 HTTP 200: null",
		"again CampusgateError 201 This purchase is not paying state (purchase_id: already paid or cancelled)",
		"rule CampusgateError -201 Necessary key-value can't be empty (shop_name: must not be empty)",
		"stranger CampusgateError -100 Missing necessary args (token: missing)",
		"aborted AbortError ",
		"text This purchase is not paying state",
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")); diff != "" {
		t.Errorf("- wanted, + printed\n%s", diff)
	}
}
