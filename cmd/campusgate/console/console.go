// Package console is the page on which a person tries the gateway in a browser: its
// files, the figures that it plots, and the demo to try them on.
package console

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"campusgate/cmd/campusgate/pages"
	"campusgate/dispatch"
	"campusgate/dispatch/server"
	"campusgate/storage"
)

// files are what a browser runs as they are. What they show of the calls they read
// from /openapi.json.
//
//go:embed *.html *.css *.js
var files embed.FS

// Path is where the page is, below the base path. What it loads is below it.
const Path = "/console"

// Console is the page of one server.
type Console struct {
	figures  *figures
	demo     *storage.DB // nil without a demo
	newToken func() string
	codes    *Codes // nil where none are in the log
}

// New makes the page of a server. demo is the database whose [DemoAccounts] a
// browser on this machine may act as, nil for none; newToken makes their tokens; codes
// are those that it may be told, nil for none.
func New(now func() time.Time, demo *storage.DB, newToken func() string, codes *Codes) *Console {
	return &Console{figures: newFigures(now), demo: demo, newToken: newToken, codes: codes}
}

// Observe is a [server.Observer]: it counts the requests that the page plots.
func (c *Console) Observe(call server.Call) func(dispatch.Result, time.Duration) {
	return c.figures.observe(call)
}

// Pages are the files, and what they ask for while they are open.
func (c *Console) Pages() []dispatch.Endpoint {
	return append(pages.Files(Path, files),
		pages.Live(Path+"/figures.json", c.figures.page),
		c.DemoPage(Path),
		pages.Live(Path+"/sms.json", c.codePage))
}

// DemoPage lists the demo's accounts with their tokens, below the path of any page. A browser
// on another machine is told of none.
func (c *Console) DemoPage(at string) dispatch.Endpoint {
	return pages.Live(at+"/demo.json", c.demoAccounts)
}

func (c *Console) demoAccounts(ctx context.Context, request dispatch.PlainRequest) ([]byte, error) {
	accounts := []Account{}
	if c.demo != nil && dispatch.CallerFrom(ctx).Local(request.Host()) {
		found, err := DemoAccounts(ctx, c.demo, c.newToken)
		if err != nil {
			return nil, fmt.Errorf("demo accounts: %w", err)
		}
		accounts = append(accounts, found...)
	}
	return json.Marshal(accounts)
}
