package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"campusgate/cmd/campusgate/console"
	"campusgate/config"
	"campusgate/dispatch"
	"campusgate/handlers"
	"campusgate/storage"
)

// demo is what serve's --demo has to try; nil without it.
type demo struct {
	accounts []console.Account // none where the database holds other data
	clock    *console.Clock    // nil likewise
	codes    *console.Codes    // nil likewise, and where SMS are sent

	upload func(ctx context.Context, from string, picture []byte) (url string, err error)
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
	return &demo{accounts: accounts, clock: clock}, nil
}

// times are the machine's and the one that replicas share, moved by the days of a demo.
func (d *demo) times(db *storage.DB) (now func() time.Time, shared func(context.Context) (int64, error)) {
	if d == nil || d.clock == nil {
		return time.Now, db.Now
	}
	return d.clock.Now, d.clock.Shared(db.Now)
}

// texts has the page offer the codes that the log has in place of SMS.
func (d *demo) texts(sender texter, c *config.Config) texter {
	if d == nil || d.clock == nil || c.SMS.Driver != "log" {
		return sender
	}
	d.codes = console.NewCodes(time.Now)
	return offered{sender, d.codes}
}

// offered keeps the codes that were written to the log.
type offered struct {
	texter

	codes *console.Codes
}

func (o offered) Send(ctx context.Context, phone, code string) error {
	err := o.texter.Send(ctx, phone, code)
	if err == nil {
		o.codes.Add(phone, code)
	}
	return err
}

// uploads has the demo's pictures stored as everybody's.
func (d *demo) uploads(deps handlers.Deps) {
	if d != nil {
		d.upload = func(ctx context.Context, from string, picture []byte) (string, error) {
			return handlers.UploadPicture(ctx, deps, from, picture)
		}
	}
}

// illustrate gives the demo's products their pictures. Where they cannot be stored, there is
// still all the rest to try.
func (d *demo) illustrate(ctx context.Context, db *storage.DB, logger *slog.Logger) {
	if d == nil || d.clock == nil {
		return
	}
	if err := console.Illustrate(ctx, db, d.upload); err != nil {
		logger.Warn("--demo: its products have no pictures", "error", err)
	}
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
		fmt.Fprintf(out, "Or open the console in a browser:\n\n  %s\n\n", pageURL(c, address, console.Path))
	}
}

// pageURL is where a browser on this machine finds a page.
func pageURL(c *config.Config, address net.Addr, path string) string {
	return "http://" + address.String() + c.Server.BasePath + path
}
