package bench

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campus"
	"campusgate/cmd/campusgate/campus/campustest"
	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/account/keyring"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// scaleSecret is accounts.secret of the programs, and of the gateways that run jobs in this
// process.
var scaleSecret = strings.Repeat("0", 2*keyring.SecretSize)

// openScaleCampuses fills a small campus, and opens the large one: that of the folder CAMPUS,
// as `make campus` has filled it, or one that is filled now and goes with the test.
func openScaleCampuses(t *testing.T, driver string, e scaleEffort) (few, many *scaleSide) {
	t.Helper()
	mails := mailtest.Start(t, "none")
	filled := os.Getenv("CAMPUS")
	small := newScaleDatabase(t, driver)
	var large storage.Options
	switch {
	case filled == "":
		large = newScaleDatabase(t, driver)
	case driver == "mysql":
		large = campustest.MariaDBOptions(t, filled)
	default:
		large = campustest.SQLiteOptions(filled)
	}
	few, many = openScaleSide(t, small, mails, e.few, true), openScaleSide(t, large, mails, e.many, filled == "")
	if driver == "mysql" {
		watchReads(t, large.DSN, e.many) // but what has filled it
	}
	return few, many
}

// newScaleDatabase is one that goes with the test. The server has as much memory as that of a
// large campus.
func newScaleDatabase(t *testing.T, driver string) storage.Options {
	t.Helper()
	if driver == "mysql" {
		return storage.Options{Driver: driver, DSN: storagetest.StartMariaDB(t, "--innodb-buffer-pool-size=1G").DSN}
	}
	return storage.Options{Driver: driver, DSN: campusgatetest.DatabaseIn(t.TempDir())}
}

func openScaleSide(t *testing.T, options storage.Options, mails *mailtest.Server, size int, empty bool) *scaleSide {
	t.Helper()
	options.Timeout = 10 * time.Minute
	s := &scaleSide{t: t, size: size, stamp: time.Now().Unix() % 1e9}
	s.environ = campusgatetest.ByMail(campusgatetest.Embedded(t.TempDir(),
		"CAMPUSGATE_DATABASE_DRIVER="+options.Driver, "CAMPUSGATE_DATABASE_DSN="+options.DSN, "CAMPUSGATE_DATABASE_TIMEOUT=60s",
		"CAMPUSGATE_SERVER_IDLE_TIMEOUT=10m", "CAMPUSGATE_CAPTCHA_LOG_CODES=true", "CAMPUSGATE_PAYMENTS_SANDBOX=true",
		"CAMPUSGATE_ACCOUNTS_OWN=true", "CAMPUSGATE_ACCOUNTS_SECRET="+scaleSecret, "CAMPUSGATE_MARKET_REVIEW=manual",
	), mails)
	var err error
	s.db, err = storage.Open(t.Context(), options)
	must(t, err)
	t.Cleanup(func() { must(t, s.db.Close()) })
	must(t, s.db.Migrate(t.Context()))
	if empty {
		must(t, campus.Fill(t.Context(), s.db, size, nil))
	}
	if _, err := s.db.User(t.Context(), campus.UserID(campus.Users(size)-1)); err != nil {
		t.Fatalf("the folder CAMPUS has no campus of %d on %s: %v", size, options.Driver, err)
	}
	s.own(options)
	return s
}

// own gives the campus, which has no identities, the secret of this test in place of that of
// whoever served it before.
func (s *scaleSide) own(options storage.Options) {
	s.t.Helper()
	_, err := keyring.Open(s.t.Context(), s.db, keyring.Secrets{Current: make([]byte, keyring.SecretSize)})
	if !errors.Is(err, keyring.ErrSecret) {
		must(s.t, err)
		return
	}
	db, err := sql.Open(options.Driver, options.DSN)
	must(s.t, err)
	defer func() { must(s.t, db.Close()) }()
	_, err = db.ExecContext(context.Background(), "DELETE FROM secrets")
	must(s.t, err)
	_ = os.Remove(filepath.Join(filepath.Dir(options.DSN), "accounts.secret")) // of an embedded database
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
