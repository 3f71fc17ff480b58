package main

import (
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/storage"
)

// tellByMail makes a notice of a user with an email, beside the gateway of a folder.
func tellByMail(t *testing.T, folder, event string) {
	t.Helper()
	db := campusgatetest.OpenEmbedded(t, folder)
	db.MailNotices()
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(t.Context(), "12", 1)
		if err != nil {
			return err
		}
		profile.Email = "alice@example.org"
		if err := tx.UpdateProfile(t.Context(), profile); err != nil {
			return err
		}
		return tx.AddNotice(t.Context(), storage.Notice{UserID: "12", Key: event, Title: event, CreatTime: 1_574_951_152})
	}))
}

// A gateway mails notices by itself, and counts the mails.
func TestServeMailsNotices(t *testing.T) {
	t.Parallel()
	server, folder := mailtest.Start(t, "none"), t.TempDir()
	r := serve(t, campusgatetest.ByMail(campusgatetest.Embedded(folder, "CAMPUSGATE_METRICS_LISTEN="+campusgatetest.FreeAddress(t)), server))
	url := r.MetricsURL(t)
	awaitSample(t, url, `campusgate_mails_total{result="sent"}`, "0")
	tellByMail(t, folder, "订单已发货")
	server.Await(t.Context(), func() bool { return len(server.Messages()) == 1 })
	if got := server.Messages()[0].Header(t, "Subject"); got != "订单已发货" {
		t.Errorf("the mail is about %q", got)
	}
	awaitSample(t, url, `campusgate_mails_total{result="sent"}`, "1")
	awaitSample(t, url, `campusgate_mails_total{result="failed"}`, "0")
	awaitSample(t, url, `campusgate_mails_total{result="refused"}`, "0")
}

// A mail server that is silent keeps no call waiting, and the end of the gateway no longer
// than it is allowed to take.
func TestServeBesideASilentMailServer(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"greeting", "."} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			server, folder := mailtest.Start(t, "none"), t.TempDir()
			server.Hang(command)
			r := serve(t, campusgatetest.ByMail(campusgatetest.Embedded(folder), server, "CAMPUSGATE_SERVER_SHUTDOWN_TIMEOUT=2s"))
			tellByMail(t, folder, "event")
			server.Await(t.Context(), func() bool { return server.Open() == 1 })
			r.Call(t, "/captcha", "img/generate", `{}`)
			if status := r.Stop(); status != exitOK {
				t.Errorf("ended with %d: %s", status, r.Stderr)
			}
		})
	}
}
