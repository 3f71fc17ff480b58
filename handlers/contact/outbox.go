package contact

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"campusgate/handlers/contact/mail"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

const (
	// mailPause is the shortest time from one mail of notices to a user to the next, in
	// seconds.
	mailPause = 5 * 60
	// maxMailed is how many notices a mail shows.
	maxMailed = 50
)

// outbox mails notices, as jobs: those of a user that wait are gathered into one mail.
type outbox struct{ Deps }

// run mails what waits for the user that the job is about.
//
// No notice is lost: one that is added while this runs has the job run once more
// ([storage.Tx.AddJob]). None is mailed twice: a mail that the server took, or never will,
// is over. It may have taken one that it did not answer, or whose process died at that
// moment: that mail is sent again as it was, under the same Message-ID, at the user's next
// turn.
func (o outbox) run(ctx context.Context, job storage.Job) error {
	next, err := o.gather(ctx, job.Key)
	if err != nil || next.ID == 0 {
		return err
	}
	subject, text := o.write(next)
	id := fmt.Sprintf("notice-%d-%d", next.ID, next.Notices[0].CreatTime)
	err = o.Mail.Send(ctx, next.user.Email, subject, text, id)
	noting := context.WithoutCancel(ctx)
	var refusal *mail.RefusedError
	switch {
	case errors.As(err, &refusal):
		o.Logger.WarnContext(ctx, "a mail of notices was refused for good",
			"user", job.Key, "address", wire.MaskEmail(next.user.Email), "error", err)
	case errors.Is(err, mail.ErrUnconfirmed):
		return err
	case err != nil:
		return errors.Join(err, o.giveBack(noting, next))
	}
	if err := o.DB.EndMail(noting, job.Key, next.ID); err != nil {
		return err
	}
	return o.run(ctx, job) // what came before this mail was sent again waits for the next turn
}

// A turn is when a user gets a mail, and which.
type turn struct {
	storage.NoticeMail

	user storage.Profile // as it was before
	time int64           // Unix seconds
}

// gather takes the user's turn and gathers what waits. The mail has no ID where there is
// nothing to be mailed.
func (o outbox) gather(ctx context.Context, userID string) (next turn, err error) {
	now, err := o.Now(ctx)
	if err != nil {
		return turn{}, err
	}
	err = o.DB.InTx(ctx, func(tx *storage.Tx) (err error) {
		next = turn{time: now}
		if next.user, err = tx.LockProfile(ctx, userID, now); err != nil {
			return err
		}
		if next.user.Email == "" || next.user.Deleted() {
			return tx.EndMails(ctx, userID)
		}
		if next.NoticeMail, err = tx.GatherNotices(ctx, userID, maxMailed); err != nil || next.ID == 0 {
			return err
		}
		err = tx.TakeMailTurn(ctx, userID, now, now-mailPause)
		if errors.Is(err, storage.ErrNotFound) {
			return jobs.Later(time.Unix(next.user.MailTime+mailPause, 0))
		}
		return err
	})
	return next, err
}

// giveBack has a turn not have been: its mail has not left. Where another turn has begun
// since, the mail is that one's.
func (o outbox) giveBack(ctx context.Context, missed turn) error {
	return o.DB.InTx(ctx, func(tx *storage.Tx) error {
		err := tx.ReturnMailTurn(ctx, missed.user.UserID, missed.time, missed.user.MailTime)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.UngatherNotices(ctx, missed.user.UserID, missed.ID)
	})
}

// write is a mail's subject and text.
func (o outbox) write(next turn) (subject, text string) {
	subject = fmt.Sprintf("您有 %d 条新通知", next.Count)
	if next.Count == 1 {
		subject = next.Notices[0].Title
	}
	var written strings.Builder
	for _, notice := range next.Notices {
		fmt.Fprintf(&written, "%s\n%s\n", notice.Title, o.Clock.Text(notice.CreatTime))
		if notice.Content != "" {
			fmt.Fprintf(&written, "%s\n", notice.Content)
		}
		written.WriteString("\n")
	}
	if more := next.Count - int64(len(next.Notices)); more > 0 {
		fmt.Fprintf(&written, "另有 %d 条通知，请登录后查看。\n", more)
	}
	return subject, written.String()
}
