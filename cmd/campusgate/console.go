package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"

	"campusgate/config"
	"campusgate/dispatch"
	"campusgate/storage"
)

// consoleFiles are the console: plain files that a browser runs as they are. What
// they show of the calls they read from /openapi.json.
//
//go:embed console
var consoleFiles embed.FS

const consolePath = "/console"

// consoleTypes are the content types of the files by their extension: those of the
// machine's own tables differ.
var consoleTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// consoleURL is where a browser finds the console.
func consoleURL(c *config.Config, address net.Addr) string {
	return "http://" + address.String() + c.Server.BasePath + consolePath
}

// consolePages are the console's files, and what it asks for while it is open.
func (g *gateway) consolePages() (map[string]dispatch.Page, error) {
	pages := map[string]dispatch.Page{
		consolePath + "/figures.json": {ContentType: "application/json", Make: g.figures.page},
		consolePath + "/demo.json":    {ContentType: "application/json", Make: g.demoPage},
	}
	entries, err := fs.ReadDir(consoleFiles, "console")
	if err != nil {
		return nil, fmt.Errorf("read the console: %w", err)
	}
	for _, entry := range entries {
		body, err := consoleFiles.ReadFile("console/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read the console: %w", err)
		}
		at := consolePath + "/" + entry.Name()
		if entry.Name() == "index.html" {
			at = consolePath
		}
		pages[at] = dispatch.Page{ContentType: consoleTypes[path.Ext(entry.Name())], Body: body}
	}
	return pages, nil
}

// demoAccount is an account that the console may act as. Wealth is in fen.
type demoAccount struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Token  string `json:"token"`
	Wealth int64  `json:"wealth"`
}

// demoPage tells the demo's accounts, with their tokens and purses as they are
// now. There are none without --demo, nor for a browser on another machine.
func (g *gateway) demoPage(ctx context.Context, local bool) ([]byte, error) {
	accounts := []demoAccount{}
	if !g.demo || !local {
		return json.Marshal(accounts)
	}
	tokens, err := demoTokens(ctx, g.db)
	if errors.Is(err, storage.ErrNotFound) {
		return json.Marshal(accounts)
	}
	if err != nil {
		return nil, fmt.Errorf("demo accounts: %w", err)
	}
	for i, token := range tokens {
		user, err := g.db.User(ctx, demoUsers[i].ID)
		if err != nil {
			return nil, fmt.Errorf("demo accounts: %w", err)
		}
		accounts = append(accounts, demoAccount{user.ID, user.Name, token, user.Wealth})
	}
	return json.Marshal(accounts)
}
