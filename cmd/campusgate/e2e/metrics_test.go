package e2e

import (
	"os"
	"regexp"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

func TestMetricsOfReplicas(t *testing.T) {
	t.Parallel()
	dsn := storagetest.MariaDB(t)
	environ := append(campusgatetest.Sharing(t, dsn, redistest.Start(t).Address()), "CAMPUSGATE_METRICS_LISTEN=127.0.0.1:0", "CAMPUSGATE_PAYMENTS_SANDBOX=true")
	campusgatetest.Run(t, environ, "migrate").Want(t, exitOK)
	db, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: dsn, MaxOpen: 1})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error { // of a kind that only a newer replica runs
		return tx.AddJob(t.Context(), storage.Job{Kind: "newer", Due: time.Now().Unix()})
	}))
	r := campusgatetest.Start(t, t.TempDir(), environ)
	r.Call(t, "/captcha", "img/generate", `{}`)
	samples := campusgatetest.Scrape(t, r.MetricsURL(t))
	for name, want := range map[string]string{
		`campusgate_redis_connections{state="in_use"}`:    "0",
		`campusgate_redis_connections{state="idle"}`:      "1",
		`campusgate_database_connections_max{pool="all"}`: "32",
		`campusgate_jobs{kind="newer",state="waiting"}`:   "1",
	} {
		if samples[name] != want {
			t.Errorf("%s is %q, want %s", name, samples[name], want)
		}
	}
	if _, there := samples["campusgate_captchas"]; there {
		t.Error("captchas are not in this process")
	}
	dashboard, err := os.ReadFile("../../../deploy/grafana.json")
	must(t, err)
	for _, name := range regexp.MustCompile(`\b(campusgate|go|process)_[a-z_]+`).FindAllString(string(dashboard), -1) {
		if name != "campusgate_captchas" && !samples.Has(name) {
			t.Errorf("the dashboard shows %s, which is not served", name)
		}
	}
}
