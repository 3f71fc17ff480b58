package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// A Conversation is a user's side of the messages with another about a product.
type Conversation struct {
	PeerID   string
	PeerName string // "" where the account service has none any more
	Last     Message
	Messages int64 // all of them
	Unread   int64 // that the other has sent since the user has read
}

// addToConversation counts a new message in a user's side of its conversation.
func (tx *Tx) addToConversation(ctx context.Context, userID string, m Message) error {
	const operation = "add to conversation"
	peerID, unread := m.ReceiverID, 0
	if userID == m.ReceiverID {
		peerID, unread = m.SenderID, 1
	}
	for {
		// First the update, as in [Tx.AddJob]. Of two messages at once the later may be counted
		// first.
		err := tx.sql.Change(ctx, operation, engine.SQL(`
			UPDATE conversations SET messages = messages + 1, unread = unread + ?,
				last_message = CASE WHEN last_message < ? THEN ? ELSE last_message END
			WHERE user_id = ? AND peer_id = ? AND product_id = ?`, unread, m.MessageID, m.MessageID, userID, peerID, m.ProductID))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		err = tx.sql.Exec(ctx, operation, engine.SQL(`
			INSERT INTO conversations (user_id, peer_id, product_id, last_message, messages, unread) VALUES (?, ?, ?, ?, 1, ?)`,
			userID, peerID, m.ProductID, m.MessageID, unread))
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// A ConversationSide is a user's side of a new conversation.
type ConversationSide struct {
	UserID string
	Conversation
}

// AddConversations adds sides of conversations, all or none. Of Last the message's id and its
// product are looked at. [ErrConflict]: one is there.
func (tx *Tx) AddConversations(ctx context.Context, sides []ConversationSide) error {
	return engine.InsertRows(ctx, tx.sql, "add conversations", "conversations (user_id, peer_id, product_id, last_message, messages, unread)",
		sides, func(c *ConversationSide) []any {
			return []any{&c.UserID, &c.PeerID, &c.Last.ProductID, &c.Last.MessageID, &c.Messages, &c.Unread}
		})
}

// CountMessages counts the messages of two users about a product: 0 where they have no
// conversation about it.
func (q *Queries) CountMessages(ctx context.Context, userID, peerID string, productID int64) (messages int64, err error) {
	err = q.sql.Get(ctx, "count messages", engine.SQL(
		`SELECT messages FROM conversations WHERE user_id = ? AND peer_id = ? AND product_id = ?`, userID, peerID, productID), &messages)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return messages, err
}

// LastConversation is the product that the last message of two users is about.
// [ErrNotFound]: they have written none.
func (q *Queries) LastConversation(ctx context.Context, userID, peerID string) (productID int64, err error) {
	// + 0: among the few of the two, not along an index of all of the user's.
	err = q.sql.Get(ctx, "last conversation", engine.SQL(`
		SELECT product_id FROM conversations WHERE user_id = ? AND peer_id = ? AND last_message = (
			SELECT MAX(last_message + 0) FROM conversations WHERE user_id = ? AND peer_id = ?)`, userID, peerID, userID, peerID), &productID)
	return productID, err
}

// conversations are those of a user, with the last message of each.
func (q *Queries) conversations() engine.PagedList {
	return engine.NewPagedList(
		"v.peer_id, COALESCE(u.name, '') AS user_name, v.messages, v.unread, "+
			"m.message_id, m.sender_id, m.product_id, m.content, COALESCE(m.picture, '') AS picture, m.creat_time",
		"conversations v"+q.sql.JoinInOrder()+"messages m ON m.message_id = v.last_message LEFT JOIN users u ON "+q.peer+" WHERE v.user_id = ?",
		"v.last_message DESC")
}

// fields are the columns of conversations.
func (c *Conversation) fields() []any {
	return []any{
		&c.PeerID, &c.PeerName, &c.Messages, &c.Unread,
		&c.Last.MessageID, &c.Last.SenderID, &c.Last.ProductID, &c.Last.Content, &c.Last.Picture, &c.Last.CreatTime,
	}
}

// Conversations lists a user's, that of the newest message first; total counts all of them,
// whatever the page. Last.ReceiverID is left out.
func (q *Queries) Conversations(ctx context.Context, userID string, page Page) (list []Conversation, total int64, err error) {
	return engine.CollectPage(ctx, q.sql, "conversations", q.conversations(), []any{userID}, page, (*Conversation).fields)
}

// ReadConversation says that a user has read all messages with another about a product.
func (q *Queries) ReadConversation(ctx context.Context, userID, peerID string, productID int64) error {
	return q.sql.Exec(ctx, "read conversation", engine.SQL(
		`UPDATE conversations SET unread = 0 WHERE user_id = ? AND peer_id = ? AND product_id = ?`, userID, peerID, productID))
}
