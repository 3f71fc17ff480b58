package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"

	"campusgate/config"
	"campusgate/storage"
)

func setupTokenIssue(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	user := flags.String("user", "", "the account's `ID`")
	return func(ctx context.Context, c *config.Config) error {
		if *user == "" {
			return p.misused(flags, "--user is missing")
		}
		return p.withDatabase(ctx, c, openDatabase, func(db *storage.DB) error {
			if _, err := db.User(ctx, *user); errors.Is(err, storage.ErrNotFound) {
				return fmt.Errorf("--user: account %s does not exist", *user)
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
