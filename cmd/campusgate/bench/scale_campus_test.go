package bench

import (
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campus"
	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// scaleSecret is accounts.secret of the programs, and of the gateways that run jobs in this
// process.
var scaleSecret = strings.Repeat("0", 64)

// openScaleCampuses fills a small campus, and opens the large one.
func openScaleCampuses(t *testing.T, driver string, e scaleEffort) (few, many *scaleSide) {
	t.Helper()
	var server string
	if driver == "mysql" {
		server = storagetest.StartMariaDB(t).DSN
		administer(t, server, "SET GLOBAL max_connections = 1000")
	}
	mails := mailtest.Start(t, "none")
	open := func(name string, size int) *scaleSide {
		folder := t.TempDir()
		dsn := campusgatetest.DatabaseIn(folder)
		if driver == "mysql" {
			dsn = createDatabase(t, server, name)
		}
		s := &scaleSide{t: t, size: size, driver: driver, stamp: time.Now().Unix() % 1e9}
		s.environ = campusgatetest.ByMail(campusgatetest.Embedded(folder,
			"CAMPUSGATE_DATABASE_DRIVER="+driver, "CAMPUSGATE_DATABASE_DSN="+dsn, "CAMPUSGATE_DATABASE_TIMEOUT=60s",
			"CAMPUSGATE_SERVER_IDLE_TIMEOUT=10m", "CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_PAYMENTS_SANDBOX=true",
			"CAMPUSGATE_ACCOUNTS_OWN=true", "CAMPUSGATE_ACCOUNTS_SECRET="+scaleSecret, "CAMPUSGATE_MARKET_REVIEW=manual",
		), mails)
		var err error
		s.db, err = storage.Open(t.Context(), storage.Options{Driver: driver, DSN: dsn, Timeout: 10 * time.Minute})
		must(t, err)
		t.Cleanup(func() { must(t, s.db.Close()) })
		must(t, s.db.Migrate(t.Context()))
		must(t, campus.Fill(t.Context(), s.db, size, nil))
		return s
	}
	return open("few", e.few), open("many", e.many)
}

// playCalls plays all calls of the registry but [callbackRow].
func playCalls(t *testing.T, e scaleEffort, driver string, few, many *scaleSide, table *scaleTable) {
	t.Helper()
	for _, s := range []*scaleSide{few, many} {
		s.t = t
		s.start()
		defer s.stop()
	}
	table.play(t, e, driver, scaleCalls(), few, many)
}
