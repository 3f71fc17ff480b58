package account

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/account/keyring"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/captchas"
	"campusgate/storage/pictures"
)

// Deps is what the calls stand on.
type Deps struct {
	DB      *storage.DB
	Clock   wire.Clock
	Guesses wire.Guesses
	Codes   Codes
	Limiter wire.Limiter
	Words   *words.Checker
	// Keyring encrypts identities; nil without accounts.secret.
	Keyring *keyring.Keyring
	Checker *pictures.Checker
	// Exported are the other domains' tables of which a user may have what is the user's.
	Exported []wire.ExportedTable
	// Forget has this replica forget the tokens that it remembers: some have ended.
	Forget   func()
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	// Own says that there is no account service: users register here.
	Own         bool
	Mail        bool // mail is sent
	TokenTTL    time.Duration
	BeliNewUser int64
	URLPrefix   string
	MaxPicture  int // of a side of an identity card, in bytes
}

// Codes keep the hashes of codes that were sent.
type Codes interface {
	Add(ctx context.Context, hash string, code captchas.Code) error
}

// addressCalls are those of a user's addresses.
type addressCalls struct{ Deps }

// Calls are all calls of accounts. The spelling creat is the wire's, for ever.
func Calls(d Deps) []dispatch.Endpoint {
	calls := slices.Concat(userEndpoints(d), addressEndpoints(d))
	if d.Settings.Own {
		calls = append(ownEndpoints(d), calls...)
	}
	return calls
}

var (
	userPath    = dispatch.Path{Pattern: "/user"}
	accountPath = dispatch.Path{Pattern: "/account"}
	addressPath = dispatch.Path{Pattern: "/address"}

	// active is the need of a call that changes something, which frozen accounts may not.
	active = dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
	admin  = dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true}
)

// ownEndpoints are the calls that an account service has where there is one.
func ownEndpoints(d Deps) []dispatch.Endpoint {
	user := userCalls{d}
	return []dispatch.Endpoint{
		dispatch.Handle(accountPath, dispatch.Need{}, "user", "register", "Register an account", user.register),
		dispatch.Handle(accountPath, dispatch.Need{}, "user", "login", "Log in", user.login),
		dispatch.Handle(accountPath, dispatch.Need{}, "user", "reset", "Set a forgotten password anew", user.reset),
		dispatch.Handle(userPath, dispatch.WithToken, "user", "logout", "Log out", user.logout),
		dispatch.Handle(userPath, active, "user", "password", "Change your password", user.password),
		dispatch.Handle(userPath, active, "user", "update", "Change your name or sex", user.update),
		dispatch.Handle(userPath, active, "user", "delete", "Delete your account", user.delete),
	}
}

// userEndpoints are the calls of both kinds of accounts.
func userEndpoints(d Deps) []dispatch.Endpoint {
	user := userCalls{d}
	return []dispatch.Endpoint{
		dispatch.Handle(userPath, active, "user", "mail", "Send a code by mail", user.mail),
		dispatch.Handle(userPath, active, "user", "contact", "Set your phone or email", user.contact),
		dispatch.Handle(userPath, dispatch.WithToken, "user", "info", "Show an account", user.info),
		dispatch.Handle(userPath, dispatch.WithToken, "user", "export", "Export what is kept of you", user.export),
		dispatch.Handle(userPath, dispatch.Need{Token: dispatch.TokenNeeded, Active: true, Once: 24 * time.Hour, Upload: true},
			"user", "verify", "Have your identity verified", user.verify),
		dispatch.Handle(userPath, admin, "user", "list", "List accounts", user.list),
		dispatch.Handle(userPath, admin, "user", "identity", "Show who an account's owner is", user.identity),
		dispatch.Handle(userPath, admin, "user", "review", "Decide on an identity", user.review),
		dispatch.Handle(userPath, admin, "user", "freeze", "Freeze an account", user.freeze),
	}
}

// addressEndpoints are the calls of a user's addresses.
func addressEndpoints(d Deps) []dispatch.Endpoint {
	address := addressCalls{d}
	return []dispatch.Endpoint{
		dispatch.Handle(addressPath, active, "address", "creat", "Add an address", address.create, dispatch.Alias("create")),
		dispatch.Handle(addressPath, active, "address", "update", "Change your own address", address.update),
		dispatch.Handle(addressPath, active, "address", "delete", "Delete your own address", address.delete),
		dispatch.Handle(addressPath, dispatch.WithToken, "address", "list", "List your own addresses", address.list),
		dispatch.Handle(addressPath, active, "address", "default", "Make an address your default one", address.setDefault),
	}
}

// The statuses that only the calls of an account have.
var (
	phoneRegistered    = dispatch.Status{Number: 100, Text: "The phone was registered"}
	userNameUsed       = dispatch.Status{Number: 101, Text: "The user name was used"}
	wrongCode          = dispatch.Status{Number: 102, Text: "Error SMS code"}
	wrongLogin         = dispatch.Status{Number: 103, Text: "Phone or password is wrong"}
	captchaNeeded      = dispatch.Status{Number: 104, Text: "Captcha needed"}
	passwordNotAllowed = dispatch.Status{Number: 105, Text: "Password not allowed"}
	userNotExist       = dispatch.Status{Number: 106, Text: "User not exist"}
	oldPasswordWrong   = dispatch.Status{Number: 107, Text: "Old password is wrong"}
	verifiedAlready    = dispatch.Status{Number: 108, Text: "Verified already"}
	identityUsed       = dispatch.Status{Number: 109, Text: "The identity was used"}
	nothingToReview    = dispatch.Status{Number: 110, Text: "Nothing to review"}
	leftOver           = dispatch.Status{Number: 111, Text: "Open orders or money left"}
)

// The statuses that only the calls of addresses have.
var (
	addressNotExist = dispatch.Status{Number: 100, Text: "Address not exist"}
	addressesCapped = dispatch.Status{Number: 102, Text: "The number of addresses has been capped"}
)
