package config

import (
	"errors"
	"fmt"
)

// Unbuilt returns an error for choices that are configured well but that this version of the server does not have yet,
// one line each, and nil if there are none.
func (c *Config) Unbuilt() error {
	choices := []struct {
		key    string
		chosen bool
		advice string
	}{
		// The default may be true; only who asks for the console is told that there is none.
		{"server.console", c.Server.Console && c.isSet("server.console"), "the console is not built yet; leave it unset"},
	}
	var problems []error
	for _, choice := range choices {
		if choice.chosen {
			problems = append(problems, fmt.Errorf("%s: %s", c.label(choice.key), choice.advice))
		}
	}
	return errors.Join(problems...)
}
