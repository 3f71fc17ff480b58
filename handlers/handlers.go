// Package handlers is the campus's API: what each type/subtype does. "The document" is
// the platform's own description of them, to which the clients were written. Each
// domain of calls is a package; its calls.go shows them.
//
// A handler is func(ctx, Req) (Res, error). It takes and returns values; bytes,
// HTTP, JSON and tokens are package dispatch's work before and after it. From a
// handler to SQL it is one call, of package storage. A failure that a client may see
// is a *dispatch.Error.
//
// Domains do not import each other. What several of them change in one
// transaction they change through [storage.Tx].
package handlers

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/account"
	"campusgate/handlers/account/keyring"
	"campusgate/handlers/board"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/contact"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/course"
	"campusgate/handlers/market"
	"campusgate/handlers/media"
	"campusgate/handlers/office"
	"campusgate/handlers/trade"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/pictures"
)

// Deps is what the domains stand on.
type Deps struct {
	DB            *storage.DB
	Authenticator *account.Authenticator
	Captchas      captcha.Store
	Limiter       wire.Limiter
	Pictures      media.Store
	Checker       *pictures.Checker
	// AuditPicture looks at what a stored picture shows; nil where nobody does.
	AuditPicture func(context.Context, pictures.Key) (pictures.Verdict, error)
	Bucket       course.Bucket // nil where pictures are in a folder
	Drawer       *drawing.Drawer
	SMS          captcha.Sender
	// Text sends an SMS of a few words, as [sms.Tencent.Notify]; nil where none are sent.
	Text     func(ctx context.Context, phone string, words ...string) error
	Clicks   *market.Clicks
	Words    *words.Checker
	Keyring  *keyring.Keyring // nil without accounts.secret
	Mail     *mail.Sender     // nil where no mail is sent
	Clock    wire.Clock
	Channels channel.Set // by which users pay, beside the wallet
	// Now is the time in Unix seconds that replicas share: the database's.
	Now func(context.Context) (int64, error)
	// Counters are those of the metrics; the zero ones count nothing.
	Counters trade.Counters
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, for each domain and for what they share.
type Settings struct {
	GuessesPerMinute int

	// ReviewGoods has the texts of the document's calls checked for refused words.
	ReviewGoods bool

	Account account.Settings
	Captcha captcha.Settings
	Media   media.Settings
	Market  market.Settings
	Trade   trade.Settings
}

// All is the whole API: the calls of every domain, each with no more than it
// needs.
func All(d Deps) []dispatch.Endpoint {
	return slices.Concat(
		captcha.Calls(captcha.Deps{
			Captchas: d.Captchas, Guesses: d.guesses(), Limiter: d.Limiter, Drawer: d.Drawer, SMS: d.SMS,
			Logger: d.Logger, Settings: d.Settings.Captcha,
		}),
		media.Calls(d.media()),
		board.Calls(d.board()),
		market.Calls(d.market()),
		account.Calls(d.account()),
		trade.Calls(d.trade()),
		course.Calls(d.course()),
		contact.Calls(d.contact()),
		office.Calls(d.office()),
	)
}

// Jobs are the kinds of jobs of every domain that has some, each with no more than it
// needs.
func Jobs(d Deps) []jobs.Kind {
	return slices.Concat(
		wire.Jobs(d.DB, d.Clock), media.Jobs(d.media()), market.Jobs(d.market()), account.Jobs(d.account()), contact.Jobs(d.contact()), trade.Jobs(d.trade()), office.Jobs(d.office()),
	)
}

// Pushes has publish told what the database pushes, as connections are sent it.
func Pushes(d Deps, publish func(user string, text []byte)) func([]storage.Push) {
	return contact.Pushes(d.contact(), publish)
}

// exported are the other domains' tables for user/export, in its order.
func (d Deps) exported() []wire.ExportedTable {
	return slices.Concat(
		board.Exported(d.board()), market.Exported(d.market()), trade.Exported(d.trade()),
		course.Exported(d.course()), media.Exported(d.media()), contact.Exported(d.contact()),
	)
}

// UploadPicture stores a picture as pic/upload does for one without a name, and returns its URL.
func UploadPicture(ctx context.Context, d Deps, from string, picture []byte) (url string, err error) {
	return media.Upload(ctx, d.media(), from, picture)
}

func (d Deps) media() media.Deps {
	return media.Deps{
		DB: d.DB, Pictures: d.Pictures, Checker: d.Checker, Now: d.Now,
		Logger: d.Logger, Settings: d.Settings.Media,
	}
}

func (d Deps) board() board.Deps {
	return board.Deps{DB: d.DB, DocumentWords: d.documentWords(), Clock: d.Clock}
}

// documentWords are those that the document's calls refuse; nil: none.
func (d Deps) documentWords() *words.Checker {
	if d.Settings.ReviewGoods {
		return d.Words
	}
	return nil
}

func (d Deps) market() market.Deps {
	return market.Deps{
		DB: d.DB, Clicks: d.Clicks, Pictures: d.Pictures, AuditPicture: d.AuditPicture,
		Words: d.Words, DocumentWords: d.documentWords(), Clock: d.Clock, Logger: d.Logger, Settings: d.Settings.Market,
	}
}

func (d Deps) account() account.Deps {
	settings := d.Settings.Account
	settings.Mail = d.Mail != nil
	return account.Deps{
		DB: d.DB, Clock: d.Clock, Guesses: d.guesses(), Codes: d.Captchas, Limiter: d.Limiter, Words: d.Words,
		Keyring: d.Keyring, Checker: d.Checker, Exported: d.exported(),
		Forget: d.Authenticator.Forget,
		Logger: d.Logger, Settings: settings,
	}
}

func (d Deps) trade() trade.Deps {
	deps := trade.Deps{
		DB: d.DB, Pictures: d.Pictures, Words: d.Words, Limiter: d.Limiter, Clock: d.Clock, Logger: d.Logger,
		Channels: d.Channels, Counters: d.Counters, Settings: d.Settings.Trade,
	}
	if d.Text != nil {
		deps.Text = d.text
	}
	return deps
}

// text sends an SMS. One that the provider refuses is not tried again: what it is about is
// in a notice too.
func (d Deps) text(ctx context.Context, phone string, words ...string) error {
	err := d.Text(ctx, phone, words...)
	if refused, ok := errors.AsType[*sms.RefusedError](err); ok {
		d.Logger.WarnContext(ctx, "an SMS was refused", "phone", wire.MaskedPhone(phone), "error", refused)
		return nil
	}
	return err
}

func (d Deps) course() course.Deps {
	return course.Deps{
		DB: d.DB, Pictures: d.Pictures, Words: d.Words, Bucket: d.Bucket, Clock: d.Clock, URLPrefix: d.Settings.Market.URLPrefix,
	}
}

func (d Deps) contact() contact.Deps {
	return contact.Deps{
		DB: d.DB, Mail: d.Mail, Limiter: d.Limiter, Words: d.Words, Clock: d.Clock, Now: d.Now, Logger: d.Logger,
		TokenKey: account.TokenKey, URLPrefix: d.Settings.Media.URLPrefix,
	}
}

func (d Deps) office() office.Deps {
	return office.Deps{DB: d.DB, Clock: d.Clock, StateName: trade.StateName}
}

func (d Deps) guesses() wire.Guesses {
	return wire.Guesses{
		Captchas: d.Captchas, Limiter: d.Limiter, PerMinute: d.Settings.GuessesPerMinute, Logger: d.Logger,
	}
}
