package office_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// TestJobs: dead jobs are listed, the longest dead first, and retried once, which is a row of
// the audit.
func TestJobs(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("job/list", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	first := g.Bury("channel.refund", "1574951152000010001R1")
	g.Clock.Advance(time.Hour)
	second := g.Bury("erase_account", handlerstest.Bob)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.AddJob(t.Context(), storage.Job{Kind: "channel.refund", Key: "waits", Due: g.Clock.Now().Unix()})
	}))
	row := func(id int64, kind, target, end string) string {
		return fmt.Sprintf(`{"job_id":%d,"kind":"%s","target":"%s","tries":12,"error":"the server of 137****0000 does not answer","end_time":"%s"}`, id, kind, target, end)
	}
	refund, erase := row(first, "channel.refund", "1574951152000010001R1", "2019-11-28 22:25:52"), row(second, "erase_account", handlerstest.Bob, "2019-11-28 23:25:52")
	for data, want := range map[string]string{
		`{}`:                        `{"num":2,"list":[` + refund + "," + erase + `]}`,
		`{"count":1,"page":2}`:      `{"num":2,"list":[` + erase + `]}`,
		`{"kind":"channel.refund"}`: `{"num":1,"list":[` + refund + `]}`,
		`{"kind":"channel"}`:        `{"num":0,"list":[]}`,
	} {
		g.OK("job/list", adminToken, data).WantData(t, want)
	}
	for data, key := range map[string]string{`{"page":501}`: "page", `{"count":101}`: "count", `{"kind":"` + strings.Repeat("a", 65) + `"}`: "kind"} {
		g.Call("job/list", adminToken, data).WantDenied(t, data, -204, "Arg's value error", key)
	}

	id := fmt.Sprintf(`{"job_id":%d}`, first)
	answers := handlerstest.Count(handlerstest.Together(5, func(int) handlerstest.Answer { return g.Call("job/retry", adminToken, id) }))
	if answers["0 successful"] != 1 || answers["101 Job not dead"] != 4 {
		t.Errorf("retried by five at once: %v", answers)
	}
	g.OK("job/list", adminToken, `{}`).WantData(t, `{"num":1,"list":[`+erase+`]}`)
	due, err := g.DB.DueJobs(t.Context(), []string{"channel.refund"}, g.Clock.Now().Unix(), 9)
	if err != nil || len(due) != 2 || due[0].Tries != 0 {
		t.Errorf("due are %+v, %v", due, err)
	}
	for _, c := range []struct {
		data, text string
		status     int
	}{
		{id, "Job not dead", 101},
		{`{"job_id":999}`, "Job not exist", 100},
		{`{"job_id":99999999999999999999}`, "Job not exist", 100},
		{`{"job_id":"a"}`, "Arg's value type error", -203},
		{`{"job_id":""}`, "Necessary key-value can't be empty", -201},
		{`{}`, "Error data key", -3},
	} {
		g.Call("job/retry", adminToken, c.data).WantDenied(t, c.data, c.status, c.text, "job_id")
	}
	g.OK("audit/list", adminToken, `{"call":"job/retry"}`).WantData(t, fmt.Sprintf(
		`{"num":1,"list":[{"user_id":%s,"call":"job/retry","target":"job %d","before":"dead after 12 tries","after":"channel.refund 1574951152000010001R1","creat_time":"2019-11-28 23:25:52"}]}`,
		handlerstest.Admin, first))
}
