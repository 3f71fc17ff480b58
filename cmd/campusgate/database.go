package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strconv"

	"campusgate/config"
	"campusgate/storage"
)

// openDatabase opens the database with its schema in place. Only the embedded
// default brings itself to the current schema; elsewhere that is migrate's work,
// at a moment that the operator chooses.
func openDatabase(ctx context.Context, c *config.Config) (*storage.DB, error) {
	db, err := connect(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Embedded() {
		err = db.Migrate(ctx)
	} else {
		err = db.CheckSchema(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database.dsn: %w", err), db.Close())
	}
	return db, nil
}

// connect opens the database as it is.
func connect(ctx context.Context, c *config.Config) (*storage.DB, error) {
	db, err := storage.Open(ctx, storage.Options{
		Driver: c.Database.Driver, DSN: c.Database.DSN.Reveal(),
		MaxOpen: c.Database.MaxOpen, Timeout: c.Database.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("database.dsn: %w", err)
	}
	return db, nil
}

func closeDatabase(db *storage.DB, logger *slog.Logger) {
	if err := db.Close(); err != nil {
		logger.Error("close database", "error", err)
	}
}

func setupMigrate(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connect, func(db *storage.DB) error {
			if err := db.Migrate(ctx); err != nil {
				return fmt.Errorf("database.dsn: %w", err)
			}
			fmt.Fprintln(p.stderr, "the database has the current schema")
			return nil
		})
	}
}

// withDatabase opens the database for one command.
func (p process) withDatabase(ctx context.Context, c *config.Config,
	open func(context.Context, *config.Config) (*storage.DB, error), use func(*storage.DB) error,
) error {
	db, err := open(ctx, c)
	if err != nil {
		return err
	}
	defer closeDatabase(db, newLogger(p.stderr, c.Log))
	return use(db)
}

func setupUserAdd(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	id := flags.String("id", "", "the account's `ID`, a student number")
	name := flags.String("name", "", "the account's `NAME`")
	wealth := flags.String("wealth", "0", "`YUAN` in the account's purse")
	return func(ctx context.Context, c *config.Config) error {
		fen, ok := fenOf(*wealth)
		switch {
		case !ok:
			return p.misused(flags, "--wealth must be 0 to 999999999.99 with at most two decimals")
		case !isNumber(*id):
			return p.misused(flags, "--id must be a number")
		case *name == "":
			return p.misused(flags, "--name is missing")
		}
		return p.withDatabase(ctx, c, openDatabase, func(db *storage.DB) error {
			err := db.InsertUser(ctx, storage.User{ID: *id, Name: *name, Wealth: fen})
			if errors.Is(err, storage.ErrConflict) {
				return fmt.Errorf("--id: account %s exists", *id)
			}
			return err
		})
	}
}

func setupTokenIssue(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	user := flags.String("user", "", "the account's `ID`")
	return func(ctx context.Context, c *config.Config) error {
		if *user == "" {
			return p.misused(flags, "--user is missing")
		}
		return p.withDatabase(ctx, c, openDatabase, func(db *storage.DB) error {
			if _, err := db.User(ctx, *user); errors.Is(err, storage.ErrNotFound) {
				return fmt.Errorf("--user: no account %s", *user)
			} else if err != nil {
				return err
			}
			token := newToken()
			if err := db.InsertToken(ctx, token, *user); err != nil {
				return err
			}
			_, err := io.WriteString(p.stdout, token+"\n")
			return err
		})
	}
}

// newToken is 64 hexadecimal characters, as the account service's are.
func newToken() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// misused explains a wrong call.
func (p process) misused(flags *flag.FlagSet, problem string) error {
	fmt.Fprintf(p.stderr, "campusgate %[1]s: %[2]s; campusgate %[1]s -h explains\n", flags.Name(), problem)
	return errUsage
}

// isNumber tells whether an id fits the embedded users, whose ids are integers
// and come back without leading zeros.
func isNumber(id string) bool {
	number, err := strconv.ParseUint(id, 10, 63)
	return err == nil && strconv.FormatUint(number, 10) == id
}

var yuanAmount = regexp.MustCompile(`^([0-9]{1,9})(?:\.([0-9]{1,2}))?$`)

// fenOf reads an amount of yuan as its text says: a float would round it.
func fenOf(yuan string) (fen int64, ok bool) {
	parts := yuanAmount.FindStringSubmatch(yuan)
	if parts == nil {
		return 0, false
	}
	fen, err := strconv.ParseInt(parts[1]+(parts[2] + "00")[:2], 10, 64)
	return fen, err == nil
}
