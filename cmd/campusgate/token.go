package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"campusgate/config"
	"campusgate/storage"
)

func setupTokenIssue(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	user := flags.String("user", "", "the account's `ID`")
	return func(ctx context.Context, c *config.Config) error {
		if *user == "" {
			return p.misused(flags, "--user is missing")
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			if err := needUser(ctx, &db.Queries, *user); err != nil {
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

// needUser refuses an account that does not exist.
func needUser(ctx context.Context, q *storage.Queries, id string) error {
	_, err := q.User(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("--user: account %s does not exist", id)
	}
	if err != nil {
		return err
	}
	profile, err := q.Profile(ctx, id)
	if err == nil && profile.Deleted() {
		err = fmt.Errorf("--user: account %s was deleted", id)
	}
	return err
}

// sessionPrefix stands before a token's SHA-256, where the database holds no more of it.
const sessionPrefix = "sha256:"

// tokensOf are an account's tokens; those of an account that is gone as well.
func tokensOf(ctx context.Context, q *storage.Queries, user string) ([]string, error) {
	tokens, err := q.Tokens(ctx, user)
	if err != nil {
		return nil, err
	}
	sessions, err := q.Sessions(ctx, user)
	for _, session := range sessions {
		tokens = append(tokens, sessionPrefix+hex.EncodeToString(session.TokenHash))
	}
	if err == nil && len(tokens) == 0 {
		err = needUser(ctx, q, user)
	}
	return tokens, err
}

func setupTokenList(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	user := flags.String("user", "", "the account's `ID`")
	return func(ctx context.Context, c *config.Config) error {
		if *user == "" {
			return p.misused(flags, "--user is missing")
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			tokens, err := tokensOf(ctx, &db.Queries, *user)
			for _, token := range tokens {
				fmt.Fprintln(p.stdout, token)
			}
			return err
		})
	}
}

func setupTokenRevoke(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	user := flags.String("user", "", "revoke all tokens of the account `ID`")
	return func(ctx context.Context, c *config.Config) error {
		if (*user == "") == (flags.NArg() == 0) {
			return p.misused(flags, "either tokens or --user must be given")
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			return db.InTx(ctx, func(tx *storage.Tx) error { return revoke(ctx, tx, *user, flags.Args()) })
		})
	}
}

// revoke revokes all of the tokens, or none. It shows none of them.
func revoke(ctx context.Context, tx *storage.Tx, user string, tokens []string) (err error) {
	if user != "" {
		if tokens, err = tokensOf(ctx, &tx.Queries, user); err != nil {
			return err
		}
	}
	for i, token := range tokens {
		err := deleteToken(ctx, tx, token)
		if errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("token %d of %d does not exist: none was revoked", i+1, len(tokens))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteToken revokes a token as tokensOf shows it.
func deleteToken(ctx context.Context, tx *storage.Tx, token string) error {
	digits, isSession := strings.CutPrefix(token, sessionPrefix)
	if !isSession {
		return tx.DeleteToken(ctx, token)
	}
	hash, err := hex.DecodeString(digits)
	if err != nil {
		return storage.ErrNotFound
	}
	return tx.DeleteSession(ctx, hash)
}

// newToken is 64 hexadecimal characters, as the account service's are.
func newToken() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}
