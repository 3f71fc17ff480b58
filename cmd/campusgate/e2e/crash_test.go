package e2e

import (
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// crashes is how often the crash test kills: a few times, or CRASHES (make
// torture).
func crashes(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("CRASHES"); text != "" {
		times, err := strconv.Atoi(text)
		must(t, err)
		return times
	}
	return 5
}

// Whenever the process dies, what it had acknowledged is there, whole and once,
// and what it had not is there whole or not at all.
func TestEveryAcknowledgedWriteSurvivesSIGKILL(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for range 2 { // while it makes its database
		killAtStart(t, folder)
	}
	clients := newClients(t, folder, 4)
	times := crashes(t)
	for round := range times {
		if round%4 == 3 { // while it starts on what a crash left
			killAtStart(t, folder)
		}
		b := campusgatetest.Start(t, folder, nil)
		checkAll(t, folder, b, clients)
		killAtWork(t, b, clients)
		if t.Failed() {
			return
		}
	}
	checkAll(t, folder, campusgatetest.Start(t, folder, nil), clients)
	t.Logf("%d kills under load; acknowledged: %s", times, acknowledged(clients))
}

// killAtStart runs the program and kills it at a random moment.
func killAtStart(t *testing.T, folder string) {
	t.Helper()
	b := campusgatetest.Launch(t, folder, nil)
	time.Sleep(rand.N(300 * time.Millisecond))
	b.Kill(t)
}

// killAtWork kills a process at a random moment while it writes.
func killAtWork(t *testing.T, b *campusgatetest.Process, clients []*client) {
	t.Helper()
	l := &load{b: b}
	var working sync.WaitGroup
	for _, c := range clients {
		working.Go(func() { c.work(t, l) })
	}
	killAfter(t, b, rand.Int64N(60), &l.acknowledged)
	working.Wait()
}

// killAfter kills a process soon after it has answered so many calls.
func killAfter(t *testing.T, b *campusgatetest.Process, wanted int64, answered *atomic.Int64) {
	t.Helper()
	awaitNone(t, 10*time.Millisecond, func() int64 { return wanted - answered.Load() }, func() string { return "calls to be answered" })
	b.Kill(t)
}

// awaitNone waits until nothing is left, or the test has failed. It fails when left has not
// fallen for [campusgatetest.Patience]: how long the whole takes depends on the machine alone.
// Two looks are at most pause apart, at random.
func awaitNone(t *testing.T, pause time.Duration, left func() int64, explain func() string) {
	t.Helper()
	var late time.Time
	for fewest := int64(math.MaxInt64); !t.Failed(); time.Sleep(rand.N(pause)) {
		n := left()
		switch {
		case n <= 0:
			return
		case n < fewest:
			fewest, late = n, time.Now().Add(campusgatetest.Patience)
		case time.Now().After(late):
			t.Errorf("%d are left: %s", n, explain())
		}
	}
}

// checkAll compares everything that is stored with what was acknowledged.
func checkAll(t *testing.T, folder string, b *campusgatetest.Process, clients []*client) {
	t.Helper()
	db, err := sql.Open("sqlite", campusgatetest.DatabaseIn(filepath.Join(folder, "data")))
	must(t, err)
	defer db.Close()
	var integrity string
	must(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&integrity))
	if integrity != "ok" {
		t.Errorf("the database's integrity: %s", integrity)
	}
	for _, c := range clients {
		c.checkNotices(t, b)
		c.checkPictures(t, b)
		c.checkOrders(t, b, db)
	}
	checkPictureFiles(t, filepath.Join(folder, "data", "pictures"))
}

func (c *client) checkNotices(t *testing.T, b *campusgatetest.Process) {
	t.Helper()
	var rows []struct {
		ID    json.Number
		Title string
	}
	must(t, json.Unmarshal(campusgatetest.Get(t, b.URL("/get/property?type=2&user_id="+c.user+"&token="+c.token)).Data, &rows))
	ids := map[string]string{}
	for _, row := range rows {
		if earlier := ids[row.Title]; earlier != "" {
			t.Errorf("notice %s is there twice: %s, %s", row.Title, earlier, row.ID)
		}
		ids[row.Title] = row.ID.String()
	}
	for id, title := range c.notices {
		if ids[title] != id {
			t.Errorf("notice %s, acknowledged as %s, is %q", title, id, ids[title])
		}
	}
	if len(rows) > c.sent {
		t.Errorf("%d notices were sent, %d are there", c.sent, len(rows))
	}
}

func (c *client) checkPictures(t *testing.T, b *campusgatetest.Process) {
	t.Helper()
	for url, want := range c.pictures {
		if shown := campusgatetest.Get(t, b.URL(url)); shown.Raw != want || shown.Header.Get("X-Picture") != "stored" {
			t.Errorf("%s is not the picture that was acknowledged: %s, %d bytes", url, shown.Header.Get("X-Picture"), len(shown.Raw))
		}
	}
	if shown := campusgatetest.Get(t, b.URL("/get/portrait/"+c.user)); shown.Header.Get("X-Picture") == "stored" || c.portraits[0] != "" {
		if shown.Raw != c.portraits[0] && shown.Raw != c.portraits[1] {
			t.Errorf("the portrait of %s is neither of the last two: %d bytes", c.user, len(shown.Raw))
		}
		c.portraits[0] = shown.Raw // from now on it is known
	}
}

func (c *client) checkOrders(t *testing.T, b *campusgatetest.Process, db *sql.DB) {
	t.Helper()
	var orders struct {
		List []struct {
			ID    string `json:"purchase_id"`
			State string `json:"purchase_state"`
		}
	}
	must(t, json.Unmarshal(b.Call(t, "/purchase?token="+c.token, "purchase/list", `{}`).Data, &orders))
	states, finished := map[string]string{}, int64(0)
	for _, order := range orders.List {
		states[order.ID] = order.State
		if order.State == "finish" {
			finished++
		}
	}
	for id, want := range c.orders {
		if got := states[id]; got == "" || want != "" && got != want {
			t.Errorf("order %s, acknowledged as %q, is %q", id, want, got)
		}
	}
	if len(orders.List) > c.applied {
		t.Errorf("%d orders were sent, %d are there", c.applied, len(orders.List))
	}
	var left, sale int64
	must(t, db.QueryRowContext(t.Context(), `
		SELECT CAST(ROUND(wealth * 100) AS INTEGER), (SELECT product_sale FROM products WHERE product_id = ?)
		FROM users WHERE id = ?`, c.product, c.user).Scan(&left, &sale))
	if left+finished*crashPrice != crashFunds || sale != finished {
		t.Errorf("%d orders are paid, %d sold, of %d fen %d are left", finished, sale, crashFunds, left)
	}
}

// checkPictureFiles finds only whole pictures, and nothing unfinished.
func checkPictureFiles(t *testing.T, folder string) {
	t.Helper()
	must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch from := filepath.Base(filepath.Dir(path)); from {
		case "shop":
			content, err := os.ReadFile(path)
			sum := md5.Sum(content)
			if hex.EncodeToString(sum[:]) != entry.Name() {
				t.Errorf("%s is not whole: %d bytes", path, len(content))
			}
			return err
		case "portrait":
			return nil
		default:
			t.Errorf("%s was left behind", path)
			return nil
		}
	}))
}
