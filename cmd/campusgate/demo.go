package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"campusgate/cmd/campusgate/console"
	"campusgate/config"
	"campusgate/dispatch"
	"campusgate/storage"
)

// demo is what serve's --demo has to try; nil without it.
type demo struct {
	accounts []console.Account // none where the database holds other data
	clock    *console.Clock    // nil likewise
}

// openDemo fills an empty database with something to try, where that is wanted.
func openDemo(ctx context.Context, wanted bool, db *storage.DB, c *config.Config) (*demo, error) {
	if !wanted {
		return nil, nil
	}
	if c.Database.Driver != "sqlite" {
		return nil, errors.New("--demo: works only with database.driver sqlite")
	}
	if err := console.FillDemo(ctx, db, newToken); err != nil {
		return nil, fmt.Errorf("--demo: %w", err)
	}
	accounts, err := console.DemoAccounts(ctx, db, newToken)
	if err != nil {
		return nil, fmt.Errorf("--demo: %w", err)
	}
	if len(accounts) == 0 {
		return &demo{}, nil
	}
	clock := &console.Clock{}
	if err := clock.Restore(ctx, db); err != nil {
		return nil, fmt.Errorf("--demo: %w", err)
	}
	return &demo{accounts, clock}, nil
}

// times are the machine's and the one that replicas share, moved by the days of a demo.
func (d *demo) times(db *storage.DB) (now func() time.Time, shared func(context.Context) (int64, error)) {
	if d == nil || d.clock == nil {
		return time.Now, db.Now
	}
	return d.clock.Now, d.clock.Shared(db.Now)
}

// calls are those that only a demo has.
func (d *demo) calls(db *storage.DB, c *config.Config) []dispatch.Endpoint {
	if d == nil || d.clock == nil {
		return nil
	}
	return []dispatch.Endpoint{d.clock.Call(db, c.Server.Timezone)}
}

// print tells what there is to try, and how.
func (d *demo) print(out io.Writer, c *config.Config, address net.Addr) {
	if len(d.accounts) == 0 {
		fmt.Fprintln(out, "--demo: the database already holds other data and is left unchanged")
		return
	}
	console.PrintDemo(out, "http://"+address.String()+c.Server.BasePath, d.accounts)
	if c.Server.Console {
		fmt.Fprintf(out, "Or open the console in a browser:\n\n  %s\n\n", consoleURL(c, address))
	}
}

// consoleURL is where a browser on this machine finds the console.
func consoleURL(c *config.Config, address net.Addr) string {
	return "http://" + address.String() + c.Server.BasePath + console.Path
}
