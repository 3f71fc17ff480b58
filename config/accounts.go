package config

import (
	"encoding/hex"
	"strings"
	"time"
)

// Accounts are the users' accounts, and what is kept secret of them.
type Accounts struct {
	// Own says that there is no account service: the gateway registers users itself. Unless set it is as Server.Console.
	Own bool `toml:"own" default:"false"`
	// TokenTTL is how long a token of ours lives without use, 1m to 90d. The account service's have no end.
	TokenTTL time.Duration `toml:"token_ttl" default:"7d"`
	// Secret is what identities and their look-up are encrypted by: 64 hexadecimal digits. With SQLite "" is a file beside
	// the database, which the server makes; else "" keeps no identities.
	Secret Secret `toml:"secret" default:""`
	// OldSecret is the one before Secret, while what it has encrypted is being rewritten; else "".
	OldSecret Secret `toml:"old_secret" default:""`
}

// maxTokenTTL is when a token of ours ends however much it is used.
const maxTokenTTL = 90 * day

func (v *validator) accounts() {
	a := v.config.Accounts
	v.check("accounts.token_ttl", time.Minute <= a.TokenTTL && a.TokenTTL <= maxTokenTTL, "must be 1m to 90d, not %s", a.TokenTTL)
	v.secret("accounts.secret", a.Secret)
	v.secret("accounts.old_secret", a.OldSecret)
	if a.Own && v.config.Database.Driver == "mysql" {
		v.required("accounts.secret", a.Secret.Reveal(), `accounts.own = true and database.driver = "mysql"`)
	}
	if a.OldSecret != "" {
		v.required("accounts.secret", a.Secret.Reveal(), "accounts.old_secret")
		v.check("accounts.old_secret", !strings.EqualFold(a.OldSecret.Reveal(), a.Secret.Reveal()), "must differ from accounts.secret")
	}
}

func (v *validator) secret(key string, value Secret) {
	bytes, err := hex.DecodeString(value.Reveal())
	v.check(key, value == "" || err == nil && len(bytes) == 32, "must be 64 hexadecimal digits, as openssl rand -hex 32 prints them")
}
