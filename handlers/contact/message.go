package contact

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/limits"
)

// What a user may send, and to how many with whom there was no conversation yet.
var (
	maxMessages  = []limits.Window{{Count: 20, Within: time.Minute}}
	maxNewPeople = []limits.Window{{Count: 5, Within: time.Hour}}
)

type sendMessage struct {
	UserID    string `json:"user_id" rule:"required max=64 number=whole" doc:"another account"`
	ProductID *int64 `json:"product_id" rule:"range=any" doc:"a product of one of the two, as product/detail shows it to the caller; that of their last message if absent"`
	Content   string `json:"content" rule:"max=1000"`
	PicURL    string `json:"pic_url" rule:"max=255" doc:"in place of content: as message/upload has answered it"`
}

type sentMessage struct {
	MessageID int64 `json:"message_id"`
}

func (sendMessage) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The two go on with a conversation about a product that is withdrawn or gone. At most 20 messages a minute, and to 5 people an hour with whom there was no message before: else -302 with Retry-After.",
		Example:  `{"user_id": "1180310087", "product_id": 4517733, "content": "请问还在吗？"}`,
		Statuses: []dispatch.Status{dispatch.ErrorDataKey, userNotExist, productNotExist, refusedByUser, dispatch.ContentRefused},
	}
}

func (m messageCalls) send(ctx context.Context, in sendMessage) (sentMessage, error) {
	caller := dispatch.CallerFrom(ctx).User
	picture, err := m.read(in, caller)
	if err != nil {
		return sentMessage{}, err
	}
	free, err := m.reserve(ctx, caller, in.UserID)
	if err != nil {
		return sentMessage{}, err
	}
	sent, err := wire.Once(ctx, m.DB, m.Clock.Now(), func(tx *storage.Tx) (sentMessage, error) {
		// The sender's profile is locked by whoever blocks: what is sent behind that is refused.
		if _, err := tx.LockProfile(ctx, caller, m.Clock.Unix()); err != nil {
			return sentMessage{}, err
		}
		product, err := m.about(ctx, tx, caller, in)
		if err != nil {
			return sentMessage{}, err
		}
		if picture != "" {
			owner, err := tx.LockPicture(ctx, storage.PictureName{Source: wire.MessagePictures, Name: picture})
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return sentMessage{}, err
			}
			if owner != caller {
				return sentMessage{}, errNoPicture
			}
		}
		id, err := tx.SendMessage(ctx, storage.Message{
			SenderID: caller, ReceiverID: in.UserID, ProductID: product, Content: in.Content, Picture: picture, CreatTime: m.Clock.Unix(),
		})
		return sentMessage{id}, err
	})
	if err != nil {
		free()
	}
	return sent, err
}

var errNoPicture = dispatch.Fail(dispatch.ValueError, "pic_url: must be a URL that message/upload has answered to you")

// read checks what is sent, and returns the picture's name.
func (m messageCalls) read(in sendMessage, caller string) (picture string, err error) {
	switch {
	case in.Content == "" && in.PicURL == "":
		return "", dispatch.Fail(dispatch.ErrorDataKey, "content, pic_url: both missing")
	case in.Content != "" && in.PicURL != "":
		return "", dispatch.Fail(dispatch.ValueError, "pic_url: must be absent where content is there")
	case in.UserID == caller:
		return "", dispatch.Fail(dispatch.ValueError, "user_id: must be another account")
	case in.PicURL != "":
		picture, ok := wire.MessagePicture(in.PicURL)
		if !ok {
			return "", errNoPicture
		}
		return picture, nil
	}
	return "", m.Words.Check(words.Text{Key: "content", Value: in.Content})
}

// reserve counts a message, and whom it is to if that is somebody new. free takes both back.
func (m messageCalls) reserve(ctx context.Context, caller, to string) (free func(), err error) {
	freeMessage, err := m.count(ctx, "message:"+caller, "too many messages", maxMessages)
	if err != nil {
		return nil, err
	}
	_, err = m.DB.LastConversation(ctx, caller, to)
	if err == nil {
		return freeMessage, nil
	}
	if !errors.Is(err, storage.ErrNotFound) {
		freeMessage()
		return nil, wire.DatabaseFailure(err)
	}
	freePerson, err := m.count(ctx, "message new:"+caller, "too many new people", maxNewPeople)
	if err != nil {
		freeMessage()
		return nil, err
	}
	return func() { freeMessage(); freePerson() }, nil
}

// count is [wire.Reserve], which lets through what it cannot count.
func (m messageCalls) count(ctx context.Context, key, detail string, windows []limits.Window) (free func(), err error) {
	free, err = wire.Reserve(ctx, m.Limiter, m.Logger, key, detail, windows)
	if failed, ok := errors.AsType[*dispatch.Error](err); ok && failed.Status != dispatch.TooManyRequests {
		m.Logger.WarnContext(ctx, "messages are not limited", "error", failed)
		return func() {}, nil
	}
	return free, err
}

// about is the product that a message is about, where its sender may send it.
func (m messageCalls) about(ctx context.Context, tx *storage.Tx, caller string, in sendMessage) (productID int64, err error) {
	if err := known(ctx, &tx.Queries, in.UserID); err != nil {
		return 0, err
	}
	productID, err = productOf(ctx, tx, caller, in)
	if err != nil {
		return 0, err
	}
	blocked, err := tx.Blocked(ctx, caller, in.UserID)
	if err == nil && blocked {
		err = dispatch.Fail(refusedByUser, "")
	}
	return productID, err
}

// productOf is the product of a conversation of the two, or one that one of them sells
// and that exists for the sender.
func productOf(ctx context.Context, tx *storage.Tx, caller string, in sendMessage) (productID int64, err error) {
	noProduct := dispatch.Fail(productNotExist, "product_id: no product of one of the two")
	if in.ProductID == nil {
		productID, err := tx.LastConversation(ctx, caller, in.UserID)
		if errors.Is(err, storage.ErrNotFound) {
			err = noProduct
		}
		return productID, err
	}
	messages, err := tx.CountMessages(ctx, caller, in.UserID, *in.ProductID)
	if err != nil || messages > 0 {
		return *in.ProductID, err
	}
	products, err := tx.SaleProducts(ctx, []int64{*in.ProductID})
	if err != nil {
		return 0, err
	}
	if len(products) == 0 || !slices.Contains([]string{caller, in.UserID}, products[0].UserID) {
		return 0, noProduct
	}
	sees, err := wire.SeesProduct(ctx, &tx.Queries, products[0].MarketProduct)
	if err == nil && !sees {
		err = noProduct
	}
	return *in.ProductID, err
}

// known fails where there is no such account, or none any more.
func known(ctx context.Context, q *storage.Queries, userID string) error {
	_, err := q.User(ctx, userID)
	if errors.Is(err, storage.ErrNotFound) {
		return errUserNotExist
	}
	if err != nil {
		return err
	}
	profile, err := q.Profile(ctx, userID)
	if err == nil && profile.Deleted() {
		err = errUserNotExist
	}
	return err
}

var errUserNotExist = dispatch.Fail(userNotExist, "user_id: no such account")

type listMessages struct {
	UserID    string `json:"user_id" rule:"required max=64 number=whole" doc:"the other account"`
	ProductID int64  `json:"product_id" rule:"required range=any"`
	Before    *int64 `json:"before" rule:"range=any" doc:"a message_id: only older ones"`
	Count     int64  `json:"count" rule:"range=1..100" doc:"20 if absent"`
}

type messageRow struct {
	MessageID int64  `json:"message_id"`
	UserID    int64  `json:"user_id" doc:"who has sent it"`
	Content   string `json:"content"`
	PicURL    string `json:"pic_url" doc:"empty where it is no picture; relative to the page's host, and shown to the two with a token"`
	CreatTime string `json:"creat_time"`
}

func (listMessages) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The newest first; `before` is the message_id of the last row that is known. `num` counts the whole conversation. What was said to or by an account that is deleted stays.",
		Example:  `{"user_id": "1180310087", "product_id": 4517733, "count": 20}`,
		Statuses: []dispatch.Status{userNotExist},
	}
}

func (m messageCalls) list(ctx context.Context, in listMessages) (wire.List[messageRow], error) {
	caller := dispatch.CallerFrom(ctx).User
	total, err := m.messages(ctx, caller, in.UserID, in.ProductID)
	if err != nil {
		return wire.List[messageRow]{}, wire.KnownOrDatabase(err)
	}
	before, count := int64(math.MaxInt64), in.Count
	if in.Before != nil {
		before = *in.Before
	}
	if count == 0 {
		count = 20
	}
	messages, err := m.DB.Messages(ctx, caller, in.UserID, in.ProductID, before, count)
	if err != nil {
		return wire.List[messageRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(messages, total, m.row), nil
}

// messages counts those of a conversation. Where there is none there must be the account at
// least.
func (m messageCalls) messages(ctx context.Context, caller, userID string, productID int64) (count int64, err error) {
	count, err = m.DB.CountMessages(ctx, caller, userID, productID)
	if err == nil && count == 0 {
		err = known(ctx, &m.DB.Queries, userID)
	}
	return count, err
}

func (m messageCalls) row(message storage.Message) messageRow {
	return messageRow{
		MessageID: message.MessageID, UserID: wire.UserNumber(message.SenderID), Content: message.Content,
		PicURL: wire.MessagePictureURL(m.URLPrefix, message.Picture), CreatTime: m.Clock.Text(message.CreatTime),
	}
}

type readMessages struct {
	UserID    string `json:"user_id" rule:"required max=64 number=whole" doc:"the other account"`
	ProductID int64  `json:"product_id" rule:"required range=any"`
}

func (readMessages) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"user_id": "1180310087", "product_id": 4517733}`,
		Statuses: []dispatch.Status{userNotExist},
	}
}

func (m messageCalls) markRead(ctx context.Context, in readMessages) (wire.None, error) {
	caller := dispatch.CallerFrom(ctx).User
	_, err := m.messages(ctx, caller, in.UserID, in.ProductID)
	if err == nil {
		err = m.DB.ReadConversation(ctx, caller, in.UserID, in.ProductID)
	}
	return wire.None{}, wire.KnownOrDatabase(err)
}
