// Command campusgate is the campus gateway: it serves the envelope protocol, and
// has the few other commands that an operator needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"campusgate/config"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	// After the first signal the default comes back, so a second one ends the
	// process at once.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop)
	p := process{environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// process is what a command sees of the world.
type process struct {
	environ        []string
	stdout, stderr io.Writer
}

// command is one of the program's. Its flags are declared by setup, which returns
// what runs once they are parsed.
type command struct {
	name, arguments, summary string
	setup                    func(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error
}

func commands() []command {
	return []command{
		{"serve", "[-c FILE] [--demo]", "run the gateway", setupServe},
		{"migrate", "[-c FILE]", "migrate the database to the current schema", setupMigrate},
		{"user add", "--id ID --name NAME [--wealth YUAN] [-c FILE]", "add an account row, for development and tests", setupUserAdd},
		{"token issue", "--user ID [-c FILE]", "print a new token for an account", setupTokenIssue},
		{"token list", "--user ID [-c FILE]", "print an account's tokens", setupTokenList},
		{"token revoke", "[TOKEN…] [--user ID] [-c FILE]", "revoke tokens, or all of an account's", setupTokenRevoke},
		{"role grant", "--user ID --role admin [-c FILE]", "give an account a role", setupRoleGrant},
		{"role revoke", "--user ID --role admin [-c FILE]", "take an account's role away", setupRoleRevoke},
		{"role list", "[-c FILE]", "print all roles with their accounts", setupRoleList},
		{"picture remove", "FROM/NAME [-c FILE]", "remove a picture from every replica", setupPictureRemove},
		{"property remove", "ID [-c FILE]", "remove a notice of lost and found", setupPropertyRemove},
		{"jobs list", "[--kind KIND] [--dead] [-c FILE]", "print the jobs that wait, run or are dead", setupJobsList},
		{"jobs retry", "[ID…] [--dead] [-c FILE]", "make jobs due now, or all dead ones", setupJobsRetry},
		{"secret rotate", "[-c FILE]", "change accounts.secret, and rewrite what it has encrypted", setupSecretRotate},
		{"docs", "[--format openapi|markdown|typescript] [--lang en|zh] [-c FILE]", "print the API reference", setupDocs},
		{"check", "[-c FILE]", "test every configured dependency", setupCheck},
		{"import", "--from DSN [--accounts] [--merge] [--dry-run] [--report FILE] [-c FILE]", "take over the old server's database", setupImport},
		{"backup", "FILE [--secrets] [-c FILE]", "archive the embedded default while it runs, as FILE.tar.zst", setupBackup},
		{"restore", "FILE [--secrets FOLDER] [-c FILE]", "restore an archive into a folder without data", setupRestore},
		{"audit", "[-c FILE]", "prove that all money is where the ledger says", setupAudit},
		{"reconcile", "--channel NAME --date D --file BILL [-c FILE]", "hold a channel's daily bill against what is stored", setupReconcile},
		{"doctor", "[--fix] [-c FILE]", "find what is inconsistent", setupDoctor},
		{"version", "[-c FILE]", "print version, commit and Go version", setupVersion},
	}
}

// errUsage is a wrong call of a command, of which misused has told.
var errUsage = errors.New("usage")

// run runs the command that the arguments name and returns the exit status.
func (p process) run(ctx context.Context, arguments []string) int {
	chosen, rest := find(arguments)
	if chosen == nil {
		return p.usage(arguments)
	}
	err := p.execute(ctx, *chosen, rest)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	default:
		p.complain(err)
		return exitFailed
	}
}

// complain tells why a command failed. It waits only a moment for a reader that stands
// still, as it may be the reason.
func (p process) complain(err error) {
	told := make(chan struct{})
	go func() {
		fmt.Fprintln(p.stderr, "campusgate: "+err.Error())
		close(told)
	}()
	select {
	case <-told:
	case <-time.After(time.Second):
	}
}

// find takes a command's name, of one or two words, off the arguments.
func find(arguments []string) (*command, []string) {
	for _, c := range commands() {
		for words := 1; words <= min(2, len(arguments)); words++ {
			if c.name == strings.Join(arguments[:words], " ") {
				return &c, arguments[words:]
			}
		}
	}
	return nil, nil
}

func (p process) execute(ctx context.Context, c command, arguments []string) error {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // misused tells what is wrong, in one line
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "campusgate %s %s\n\n%s.\n\n", c.name, c.arguments, c.summary)
		flags.PrintDefaults()
	}
	file := flags.String("c", "", "configuration `FILE` in TOML; without it the embedded default")
	run := c.setup(p, flags)
	switch err := parse(flags, arguments); {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(p.stdout)
		flags.Usage()
		return err
	case err != nil:
		return p.misused(flags, err.Error())
	}
	if least, most := c.operands(); flags.NArg() > most {
		return p.misused(flags, fmt.Sprintf("unexpected argument %q", flags.Arg(most)))
	} else if flags.NArg() < least {
		return p.misused(flags, strings.Fields(c.arguments)[flags.NArg()]+" is missing")
	}
	configuration, err := config.Load(*file, p.environ)
	if err != nil {
		return err
	}
	return run(ctx, configuration)
}

// operands are how many arguments beside its flags a command takes, which its usage
// names first: FILE is one, [FILE] may be absent, [FILE…] may be many.
func (c command) operands() (least, most int) {
	for word := range strings.FieldsSeq(c.arguments) {
		switch {
		case strings.HasPrefix(strings.TrimPrefix(word, "["), "-"):
			return least, most
		case !strings.HasPrefix(word, "["):
			least++
		case strings.HasSuffix(word, "…]"):
			return least, math.MaxInt
		}
		most++
	}
	return least, most
}

// parse takes flags from before, between and behind the operands.
func parse(flags *flag.FlagSet, arguments []string) error {
	var operands []string
	for {
		if err := flags.Parse(arguments); err != nil {
			return err
		}
		if flags.NArg() == 0 {
			return flags.Parse(append([]string{"--"}, operands...))
		}
		operands = append(operands, flags.Arg(0))
		arguments = flags.Args()[1:]
	}
}

// misused tells of a wrong call of a command.
func (p process) misused(flags *flag.FlagSet, problem string) error {
	fmt.Fprintf(p.stderr, "campusgate %[1]s: %[2]s; run 'campusgate %[1]s -h' for its flags\n", flags.Name(), problem)
	return errUsage
}

// usage prints the commands: asked for on stdout, else on stderr as an error.
func (p process) usage(arguments []string) int {
	out, status := p.stderr, exitUsage
	switch {
	case len(arguments) == 0:
	case slices.Contains([]string{"help", "-h", "-help", "--help"}, arguments[0]):
		out, status = p.stdout, exitOK
	default:
		fmt.Fprintf(p.stderr, "campusgate: no command %q; run 'campusgate help' for the list\n", strings.Join(arguments, " "))
		return exitUsage
	}
	fmt.Fprint(out, "campusgate speaks the campus platform's envelope protocol.\n\nUsage:\n\n")
	for _, c := range commands() {
		fmt.Fprintf(out, "  campusgate %s %s\n      %s\n", c.name, c.arguments, c.summary)
	}
	fmt.Fprint(out, "\nEvery command reads its configuration from -c FILE and from CAMPUSGATE_… variables.\n")
	return status
}
