package deploy_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"campusgate/storage/storagetest"
)

// stages reads the Dockerfile with BuildKit's own parser.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(read(t, "Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range parsed.Warnings {
		t.Errorf("%+v", warning)
	}
	all, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("%d stages", len(all))
	}
	return all
}

// only is the stage's command of a kind, of which it has one.
func only[Command any](t *testing.T, stage instructions.Stage) Command {
	t.Helper()
	var found []Command
	for _, command := range stage.Commands {
		if command, ok := command.(Command); ok {
			found = append(found, command)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d of %T", stage.OrigCmd, len(found), *new(Command))
	}
	return found[0]
}

// The image is the binary alone, run by a user that is a number and not root.
func TestImage(t *testing.T) {
	t.Parallel()
	image := stages(t)[1]
	if image.BaseName != "scratch" {
		t.Errorf("from %s", image.BaseName)
	}
	user, _, _ := strings.Cut(only[*instructions.UserCommand](t, image).User, ":")
	if id, err := strconv.Atoi(user); err != nil || id == 0 {
		t.Errorf("user %q", user)
	}
	entrypoint, arguments := only[*instructions.EntrypointCommand](t, image), only[*instructions.CmdCommand](t, image)
	if entrypoint.PrependShell || arguments.PrependShell { // there is no shell
		t.Error("a shell is wanted")
	}
	if got := strings.Join(append(slices.Clone(entrypoint.CmdLine), arguments.CmdLine...), " "); got != "/campusgate serve -c /etc/campusgate/campusgate.toml" {
		t.Errorf("runs %s", got)
	}
	var copied []string
	for _, command := range image.Commands {
		if command, ok := command.(*instructions.CopyCommand); ok {
			copied = append(copied, command.From+" "+strings.Join(command.SourcePaths, " ")+" "+command.DestPath)
		}
	}
	want := []string{"build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/", "build /src/bin/campusgate /campusgate"}
	if !slices.Equal(copied, want) {
		t.Errorf("copies %q, want %q", copied, want)
	}
}

// The build's own command, on what .dockerignore leaves, makes a static binary.
// The Go version is the one of go.mod.
func TestImageIsBuilt(t *testing.T) {
	t.Parallel()
	build := stages(t)[0]
	if !strings.Contains(read(t, "../go.mod"), "\ngo "+strings.TrimSuffix(strings.TrimPrefix(build.BaseName, "golang:"), "-bookworm")+".") {
		t.Errorf("%s is not the Go version of go.mod", build.BaseName)
	}
	folder := t.TempDir()
	for line := range strings.Lines(read(t, "Dockerfile.dockerignore")) {
		name, kept := strings.CutPrefix(strings.TrimSpace(line), "!")
		if !kept || name == ".git" { // a work tree's .git is a file that names another folder
			continue
		}
		copyTo(t, filepath.Join("..", name), filepath.Join(folder, name))
	}
	run := only[*instructions.RunCommand](t, build)
	if !run.PrependShell {
		t.Fatalf("%v needs no shell", run.CmdLine)
	}
	command := exec.CommandContext(t.Context(), storagetest.Program(t, "sh"), "-c", strings.Join(run.CmdLine, " "))
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", run.CmdLine, err, output)
	}
	binary := filepath.Join(folder, "bin", "campusgate")
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP || program.Type == elf.PT_DYNAMIC {
			t.Errorf("not static: it has %v", program.Type)
		}
	}
	if printed, err := exec.CommandContext(t.Context(), binary, "version").Output(); err != nil || !strings.HasPrefix(string(printed), "campusgate ") {
		t.Errorf("version: %q, %v", printed, err)
	}
}

// copyTo copies a file or a folder.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if err == nil && info.IsDir() {
		err = os.CopyFS(to, os.DirFS(from))
	} else if err == nil {
		err = os.WriteFile(to, []byte(read(t, from)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
