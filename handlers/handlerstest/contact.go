package handlerstest

import (
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/storage"
)

// ByMail has notices mailed by a server.
func ByMail(server *mailtest.Server) func(*Options) {
	return func(o *Options) {
		sender, err := mail.New(server.Options())
		if err != nil {
			panic(err) // the server's own options
		}
		o.Mail = sender
	}
}

// SetProfile changes a user's profile.
func (g *Gateway) SetProfile(user string, change func(*storage.Profile)) {
	g.T.Helper()
	ctx := g.T.Context()
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(ctx, user, g.Clock.Now().Unix())
		if err != nil {
			return err
		}
		change(&profile)
		return tx.UpdateProfile(ctx, profile)
	}))
}

// Tell makes a notice of a user, as a step of somebody else does, and returns its id. The
// event is its content too.
func (g *Gateway) Tell(user, event string) (id int64) {
	g.T.Helper()
	ctx := g.T.Context()
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddNotice(ctx, storage.Notice{
			UserID: user, Key: event, Kind: "order", Title: "订单已发货", Content: event,
			OrderID: DocumentPurchase, ProductID: DocumentProduct, CreatTime: g.Clock.Now().Unix(),
		})
	}))
	notices, _, err := g.DB.Notices(ctx, user, false, storage.Page{Limit: 1})
	Must(g.T, err)
	return notices[0].NoticeID
}
