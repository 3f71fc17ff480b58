package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"campusgate/cmd/campusgate/console"
	"campusgate/config"
	"campusgate/storage"
)

// fillDemo is serve's --demo: it fills an empty database with something to try, and
// prints how.
func fillDemo(ctx context.Context, out io.Writer, db *storage.DB, c *config.Config, address net.Addr) error {
	if c.Database.Driver != "sqlite" {
		return errors.New("--demo: works only with database.driver sqlite")
	}
	if err := console.FillDemo(ctx, db, newToken); err != nil {
		return fmt.Errorf("--demo: %w", err)
	}
	accounts, err := console.DemoAccounts(ctx, db, newToken)
	if err != nil {
		return fmt.Errorf("--demo: %w", err)
	}
	if len(accounts) == 0 {
		fmt.Fprintln(out, "--demo: the database already holds other data and is left unchanged")
		return nil
	}
	console.PrintDemo(out, "http://"+address.String()+c.Server.BasePath, accounts)
	if c.Server.Console {
		fmt.Fprintf(out, "Or open the console in a browser:\n\n  %s\n\n", consoleURL(c, address))
	}
	return nil
}

// consoleURL is where a browser on this machine finds the console.
func consoleURL(c *config.Config, address net.Addr) string {
	return "http://" + address.String() + c.Server.BasePath + console.Path
}
