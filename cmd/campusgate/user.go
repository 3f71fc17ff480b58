package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

func setupUserAdd(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	id := flags.String("id", "", "the account's `ID`, a student number")
	name := flags.String("name", "", "the account's `NAME`")
	wealth := flags.String("wealth", "0", "`YUAN` in the account's wallet")
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
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			err := db.InTx(ctx, func(tx *storage.Tx) error {
				if err := tx.InsertUser(ctx, storage.User{ID: *id, Name: *name, Wealth: fen, OpenTime: time.Now().Unix()}); err != nil {
					return err
				}
				_, err := tx.LockProfile(ctx, *id, time.Now().Unix()) // so that nobody registers the name
				return err
			})
			if errors.Is(err, storage.ErrConflict) {
				return fmt.Errorf("--id: account %s already exists", *id)
			}
			return err
		})
	}
}

// isNumber reports whether an id fits the embedded users, whose ids are integers
// and come back without leading zeros.
func isNumber(id string) bool {
	number, err := strconv.ParseUint(id, 10, 63)
	return err == nil && strconv.FormatUint(number, 10) == id
}

var yuanAmount = regexp.MustCompile(`^([0-9]{1,9})(?:\.([0-9]{1,2}))?$`)

// fenOf reads an amount of yuan digit by digit: a float would round it.
func fenOf(yuan string) (fen int64, ok bool) {
	parts := yuanAmount.FindStringSubmatch(yuan)
	if parts == nil {
		return 0, false
	}
	fen, err := strconv.ParseInt(parts[1]+(parts[2] + "00")[:2], 10, 64)
	return fen, err == nil
}
