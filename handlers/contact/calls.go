// Package contact is what reaches users: the gateway's notices, which are mailed too, and
// the messages of other users, and the connections that are told of both at once.
package contact

import (
	"context"
	"log/slog"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Deps is what the calls and the jobs stand on.
type Deps struct {
	DB      *storage.DB
	Mail    *mail.Sender // nil where no mail is sent
	Limiter wire.Limiter
	Words   *words.Checker
	Clock   wire.Clock
	Now     func(context.Context) (int64, error) // in Unix seconds, the same for all replicas
	Logger  *slog.Logger
	// TokenKey is by what it is known whether a token has ended.
	TokenKey func(token string) string
	// URLPrefix stands before the URLs of pictures, as pictures.url_prefix says.
	URLPrefix string
}

// noticeCalls are those of a user's notices.
type noticeCalls struct{ Deps }

// messageCalls are those of messages between users.
type messageCalls struct{ Deps }

var (
	userNotExist    = dispatch.Status{Number: 100, Text: "User not exist"}
	productNotExist = dispatch.Status{Number: 101, Text: "Product not exist"}
	refusedByUser   = dispatch.Status{Number: 102, Text: "Refused by the user"}
)

// Calls are all calls of contact. To have read something is no change that a frozen
// account would be refused.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		notice  = noticeCalls{d}
		message = messageCalls{d}
		live    = liveCalls{d}

		path        = dispatch.Path{Pattern: "/notice"}
		messagePath = dispatch.Path{Pattern: "/message"}

		active = dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
		once   = dispatch.Need{Token: dispatch.TokenNeeded, Active: true, Once: 24 * time.Hour}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "notice", "list", "List your own notices", notice.list),
		dispatch.Handle(path, dispatch.WithToken, "notice", "count", "Count your own notices that are not read", notice.count),
		dispatch.Handle(path, dispatch.WithToken, "notice", "read", "Mark your own notices as read", notice.read),
		dispatch.Handle(messagePath, once, "message", "send", "Send a user a message about a product", message.send),
		dispatch.Handle(messagePath, dispatch.WithToken, "message", "list", "List your messages with a user about a product", message.list),
		dispatch.Handle(messagePath, dispatch.WithToken, "message", "conversations", "List your conversations", message.conversations),
		dispatch.Handle(messagePath, dispatch.WithToken, "message", "read", "Mark the messages of a conversation as read", message.markRead),
		dispatch.Handle(messagePath, active, "message", "block", "Block a user, or no longer", message.block),
		dispatch.Handle(messagePath, dispatch.WithToken, "message", "ticket", "Get a ticket for a connection that is pushed to", live.ticket),
		live.listenEndpoint(),
	}
}

// Jobs are the kinds of jobs of contact. Where no mail is sent there is none: what another
// replica mails is left to it.
func Jobs(d Deps) []jobs.Kind {
	if d.Mail == nil {
		return nil
	}
	// The time-out is longer than a server may take to answer.
	return []jobs.Kind{
		{Name: storage.MailJob, Run: outbox{d}.run, Timeout: 10 * time.Minute},
		{Name: storage.MailCodeJob, Run: codes{d}.run, Timeout: 10 * time.Minute},
	}
}
