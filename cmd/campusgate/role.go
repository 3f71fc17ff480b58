package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

func setupRoleGrant(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	return setupRole(p, flags, "role grant", func(role string) string { return role })
}

func setupRoleRevoke(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	return setupRole(p, flags, "role revoke", func(string) string { return "" })
}

// setupRole is grant and revoke: after is the role that the account then has.
func setupRole(p process, flags *flag.FlagSet, command string, after func(role string) string) func(context.Context, *config.Config) error {
	user := flags.String("user", "", "the account's `ID`")
	role := flags.String("role", "", "the `ROLE`: "+storage.RoleAdmin)
	return func(ctx context.Context, c *config.Config) error {
		switch {
		case *user == "":
			return p.misused(flags, "--user is missing")
		case *role != storage.RoleAdmin:
			return p.misused(flags, "--role must be "+storage.RoleAdmin)
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			return db.InTx(ctx, func(tx *storage.Tx) error { return changeRole(ctx, tx, command, *user, after(*role)) })
		})
	}
}

// changeRole gives an account a role, or takes it away, with a row of the audit.
func changeRole(ctx context.Context, tx *storage.Tx, command, user, role string) error {
	if role != "" { // an account that is gone must not keep its role
		if err := needUser(ctx, &tx.Queries, user); err != nil {
			return err
		}
	}
	now := time.Now().Unix()
	before, err := tx.SetRole(ctx, user, role, now)
	switch {
	case err != nil:
		return err
	case before == role && role == "":
		return fmt.Errorf("--user: account %s has no role", user)
	case before == role:
		return nil
	}
	return tx.AddAudit(ctx, storage.Audit{Time: now, Call: command, Target: "user " + user, Before: before, After: role})
}

func setupRoleList(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			grants, err := db.Grants(ctx)
			for _, grant := range grants {
				user, unknown := db.User(ctx, grant.UserID)
				if unknown != nil && !errors.Is(unknown, storage.ErrNotFound) {
					return unknown
				}
				fmt.Fprintf(p.stdout, "%s %s %s\n", grant.Role, grant.UserID, user.Name)
			}
			return err
		})
	}
}
