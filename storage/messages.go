package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A Message is what a user has written to another, about a product.
type Message struct {
	MessageID  int64 // the database's; greater is later
	SenderID   string
	ReceiverID string
	ProductID  int64
	Content    string // "" where it is a picture; up to 65,535 bytes
	Picture    string // its name; "" for none
	CreatTime  int64
}

// pair are two users in the order in which messages has them.
func pair(a, b string) (low, high string) { return min(a, b), max(a, b) }

const messageColumns = "message_id, sender_id, CASE WHEN sender_id = user_low THEN user_high ELSE user_low END AS receiver_id, " +
	"product_id, content, COALESCE(picture, '') AS picture, creat_time"

// fields are messageColumns.
func (m *Message) fields() []any {
	return []any{&m.MessageID, &m.SenderID, &m.ReceiverID, &m.ProductID, &m.Content, &m.Picture, &m.CreatTime}
}

// SendMessage adds a message, whose id it returns, to the conversation of its two users,
// which it begins where there is none, and tells both. m.MessageID is ignored.
func (tx *Tx) SendMessage(ctx context.Context, m Message) (id int64, err error) {
	low, high := pair(m.SenderID, m.ReceiverID)
	m.MessageID, err = tx.sql.Insert(ctx, "send message", engine.SQL(`
		INSERT INTO messages (user_low, user_high, product_id, sender_id, content, picture, creat_time) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		low, high, m.ProductID, m.SenderID, m.Content, orNull(m.Picture), m.CreatTime))
	if err != nil {
		return 0, err
	}
	for _, user := range []string{low, high} { // in one order, so that two who write to each other wait for nobody else
		if err := tx.addToConversation(ctx, user, m); err != nil {
			return 0, err
		}
		tx.Push(user, m)
	}
	return m.MessageID, nil
}

// AddMessages adds messages with the ids that they have, all or none, and tells nobody. Their
// conversations are the caller's: [Tx.AddConversations]. [ErrConflict]: an id is taken.
func (tx *Tx) AddMessages(ctx context.Context, messages []Message) error {
	return engine.InsertRows(ctx, tx.sql, "add messages", "messages (message_id, user_low, user_high, product_id, sender_id, content, picture, creat_time)",
		messages, func(m *Message) []any {
			low, high := pair(m.SenderID, m.ReceiverID)
			return []any{&m.MessageID, low, high, &m.ProductID, &m.SenderID, &m.Content, orNull(m.Picture), &m.CreatTime}
		})
}

// Messages are those of the conversation of two users about a product, before an id, the
// newest first.
func (q *Queries) Messages(ctx context.Context, userID, peerID string, productID, before, limit int64) ([]Message, error) {
	low, high := pair(userID, peerID)
	return engine.Collect(ctx, q.sql, "messages", engine.SQL("SELECT "+messageColumns+` FROM messages
		WHERE user_low = ? AND user_high = ? AND product_id = ? AND message_id < ? ORDER BY message_id DESC LIMIT ?`,
		low, high, productID, before, limit).Indexed(), (*Message).fields)
}

// MessagesAfter are the next messages that a user has sent, behind an id, by id, and the
// last id; none are all of them.
func (q *Queries) MessagesAfter(ctx context.Context, userID string, after int64) ([]Message, int64, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "messages after", engine.SQL("SELECT "+messageColumns+
		", message_id AS place FROM messages WHERE sender_id = ? AND message_id > ? ORDER BY message_id LIMIT ?", userID, after, batchRows),
		(*Message).fields, &last)
	return list, last, err
}

// SeesPicture reports whether a user has sent or got a message with a picture.
func (q *Queries) SeesPicture(ctx context.Context, userID, picture string) (sees bool, err error) {
	err = q.sql.Get(ctx, "sees picture", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM messages WHERE picture = ? AND (user_low = ? OR user_high = ?))`, picture, userID, userID), &sees)
	return sees, err
}

// IsSent reports whether a picture is in a message.
func (q *Queries) IsSent(ctx context.Context, picture string) (sent bool, err error) {
	err = q.sql.Get(ctx, "is sent", engine.SQL(`SELECT EXISTS (SELECT 1 FROM messages WHERE picture = ?)`, picture), &sent)
	return sent, err
}
