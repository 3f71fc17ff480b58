package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func sendMessages(t *testing.T, db *storage.DB, messages ...storage.Message) (ids []int64) {
	t.Helper()
	for _, message := range messages {
		must(t, db.InTx(context.WithoutCancel(t.Context()), func(tx *storage.Tx) error {
			id, err := tx.SendMessage(t.Context(), message)
			ids = append(ids, id)
			return err
		}))
	}
	return ids
}

func TestMessages(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		must(t, db.InsertUser(ctx, storage.User{ID: "13", Name: "bob"}))
		hello := storage.Message{SenderID: "12", ReceiverID: "13", ProductID: 7, Content: "还在吗？ ", CreatTime: 5}
		answer := storage.Message{SenderID: "13", ReceiverID: "12", ProductID: 7, Picture: "lamp", CreatTime: 6}
		other := storage.Message{SenderID: "12", ReceiverID: "13", ProductID: 8, Content: "b", CreatTime: 7}
		strangers := storage.Message{SenderID: "14", ReceiverID: "13", ProductID: 7, Content: "c", CreatTime: 8}
		ids := sendMessages(t, db, hello, answer, other, strangers)
		for i, m := range []*storage.Message{&hello, &answer, &other, &strangers} {
			m.MessageID = ids[i]
		}
		for _, c := range []struct {
			user, peer             string
			product, before, limit int64
			want                   []storage.Message
		}{
			{"12", "13", 7, math.MaxInt64, 9, []storage.Message{answer, hello}},
			{"13", "12", 7, math.MaxInt64, 9, []storage.Message{answer, hello}},
			{"13", "12", 7, math.MaxInt64, 1, []storage.Message{answer}},
			{"13", "12", 7, answer.MessageID, 9, []storage.Message{hello}},
			{"12", "13", 8, math.MaxInt64, 9, []storage.Message{other}},
			{"14", "12", 7, math.MaxInt64, 9, []storage.Message{}},
		} {
			got, err := db.Messages(ctx, c.user, c.peer, c.product, c.before, c.limit)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%s and %s about %d: %v\n%s", c.user, c.peer, c.product, err, diff)
			}
		}
		about := func(last storage.Message, peer, name string, messages, unread int64) storage.Conversation {
			last.ReceiverID = ""
			return storage.Conversation{PeerID: peer, PeerName: name, Last: last, Messages: messages, Unread: unread}
		}
		wantConversations := func(user string, want ...storage.Conversation) {
			t.Helper()
			got, total, err := db.Conversations(ctx, user, storage.Page{})
			if diff := cmp.Diff(want, got); err != nil || diff != "" || total != int64(len(want)) {
				t.Errorf("conversations of %s: %d, %v\n%s", user, total, err, diff)
			}
		}
		wantConversations("12", about(other, "13", "bob", 1, 0), about(answer, "13", "bob", 2, 1))
		wantConversations("13", about(strangers, "14", "", 1, 1), about(other, "12", "", 1, 1), about(answer, "12", "", 2, 1))
		must(t, db.ReadConversation(ctx, "13", "12", 7))
		must(t, db.ReadConversation(ctx, "13", "99", 7)) // there is none
		wantConversations("13", about(strangers, "14", "", 1, 1), about(other, "12", "", 1, 1), about(answer, "12", "", 2, 0))
		if product, err := db.LastConversation(ctx, "13", "12"); err != nil || product != 8 {
			t.Errorf("the last is about %d, %v", product, err)
		}
		if _, err := db.LastConversation(ctx, "12", "14"); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("of strangers: %v", err)
		}
		for user, want := range map[string]bool{"12": true, "13": true, "14": false} {
			if sees, err := db.SeesPicture(ctx, user, "lamp"); err != nil || sees != want {
				t.Errorf("%s sees the picture: %t, %v", user, sees, err)
			}
		}
		sent, last, err := db.MessagesAfter(ctx, "12", hello.MessageID)
		if diff := cmp.Diff([]storage.Message{other}, sent); err != nil || diff != "" || last != other.MessageID {
			t.Errorf("sent by 12: %v\n%s", err, diff)
		}
	})
}

// Two who write to each other at once wait for each other, and every message is counted.
func TestMessagesAtOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const each = 10
		var group sync.WaitGroup
		for i := range 4 {
			from, to := []string{"12", "13"}[i%2], []string{"13", "12"}[i%2]
			group.Go(func() {
				for n := range each {
					err := db.InTx(t.Context(), func(tx *storage.Tx) error {
						_, err := tx.SendMessage(t.Context(), storage.Message{SenderID: from, ReceiverID: to, ProductID: 7, Content: strconv.Itoa(n), CreatTime: 1})
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		for _, user := range []string{"12", "13"} {
			list, _, err := db.Conversations(t.Context(), user, storage.Page{})
			must(t, err)
			newest, err := db.Messages(t.Context(), "12", "13", 7, math.MaxInt64, 1)
			must(t, err)
			if len(list) != 1 || list[0].Messages != 4*each || list[0].Unread != 2*each || list[0].Last.MessageID != newest[0].MessageID {
				t.Errorf("%s has %+v", user, list)
			}
		}
	})
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		block := func(user, blocked string, state bool) {
			t.Helper()
			must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.Block(ctx, user, blocked, state, 5) }))
		}
		want := func(blocked bool, users ...string) {
			t.Helper()
			if got, err := db.Blocked(ctx, users[0], users[1]); err != nil || got != blocked {
				t.Errorf("%v: %t, %v", users, got, err)
			}
		}
		block("12", "13", true)
		block("12", "13", true)
		want(true, "12", "13")
		want(true, "13", "12")
		want(false, "12", "14")
		block("13", "12", false) // only its own
		want(true, "13", "12")
		block("13", "12", true)
		block("12", "13", false)
		want(true, "12", "13")
		block("13", "12", false)
		block("13", "12", false)
		want(false, "12", "13")
		block("12", "15", true)
		block("12", "14", true)
		blocked, last, err := db.BlocksAfter(ctx, "12", "")
		if err != nil || fmt.Sprint(blocked) != "[14 15]" || last != "15" {
			t.Errorf("%v, %s, %v", blocked, last, err)
		}
	})
}
