package wire_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

type noteRequest struct {
	Text  string `json:"text" rule:"required"`
	Count *int64 `json:"count"`
}

type noteAnswer struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
}

var errNoteRefused = dispatch.Fail(dispatch.ContentRefused, "text: contains refused words")

// onceGate has the calls note/add and note/put, whose effect is a row of the audit.
type onceGate struct {
	t        *testing.T
	db       *storage.DB
	registry *dispatch.Registry
	now      time.Time
	fail     bool          // the effect fails after it has written
	began    chan struct{} // an effect has begun, where it is not nil
	resume   chan struct{} // and waits for this
}

func startOnce(t *testing.T, db *storage.DB) *onceGate {
	t.Helper()
	g := &onceGate{t: t, db: db, now: time.Unix(1_000_000, 0)}
	need := dispatch.Need{Token: dispatch.TokenNeeded, Once: 24 * time.Hour}
	path := dispatch.Path{Pattern: "/note"}
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{
		Authenticate: func(_ context.Context, token string) (dispatch.Account, error) {
			return dispatch.Account{User: token}, nil
		},
		Logger: slog.New(slog.DiscardHandler),
	},
		dispatch.Handle(path, need, "note", "add", "Add a note", g.add),
		dispatch.Handle(path, need, "note", "put", "Put a note", g.add),
	)
	if err != nil {
		t.Fatal(err)
	}
	g.registry = registry
	return g
}

func (g *onceGate) add(ctx context.Context, in noteRequest) (noteAnswer, error) {
	return wire.Once(ctx, g.db, g.now, func(tx *storage.Tx) (noteAnswer, error) {
		if err := tx.AddAudit(ctx, storage.Audit{Call: "note", Target: in.Text}); err != nil {
			return noteAnswer{}, err
		}
		if g.began != nil {
			g.began <- struct{}{}
			<-g.resume
		}
		rows, err := tx.Audits(ctx, storage.Page{})
		if err == nil && g.fail {
			err = errNoteRefused
		}
		return noteAnswer{len(rows), in.Text}, err
	})
}

// post answers as text: status and data.
func (g *onceGate) post(ctx context.Context, user, call, data string) string {
	body := `{"id":1,"status":0,"type":"note","subtype":"` + call + `","data":` + data + `}`
	r := g.registry.Dispatch(ctx, dispatch.Inbound{
		Path: "/note", Body: []byte(body), Token: dispatch.Token{Given: true, Text: user},
	})
	return fmt.Sprintf("%d %+v %s", r.Status, r.Data, r.Detail)
}

func (g *onceGate) want(user, call, data, want string) {
	g.t.Helper()
	if got := g.post(g.t.Context(), user, call, data); got != want {
		g.t.Errorf("%s posts %s %s: got %q, want %q", user, call, data, got, want)
	}
}

func (g *onceGate) wantEffects(want int) {
	g.t.Helper()
	if rows, err := g.db.Audits(g.t.Context(), storage.Page{}); err != nil || len(rows) != want {
		g.t.Errorf("%d effects, %v; want %d", len(rows), err, want)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		g := startOnce(t, db)
		g.want("12", "add", `{"text":"tea"}`, "0 {Number:1 Text:tea} ")
		g.want("12", "add", `{"text":"tea"}`, "0 {Number:2 Text:tea} ") // without a key
		g.want("12", "add", `{"text":"tea","request_key":"key-0001"}`, "0 {Number:3 Text:tea} ")
		g.want("12", "add", `{"text":"tea","request_key":"key-0001"}`, "0 {Number:3 Text:tea} ")
		g.want("12", "add", `{ "request_key" : "key-0001", "other":1, "count":null, "text":"t\u0065a" }`, "0 {Number:3 Text:tea} ")
		const other = "-303 {} request_key: was used with other data"
		g.want("12", "add", `{"text":"tee","request_key":"key-0001"}`, other)
		g.want("12", "add", `{"text":"tea","count":0,"request_key":"key-0001"}`, other)
		g.wantEffects(3)
		g.want("12", "add", `{"text":"tea","request_key":"KEY-0001"}`, "0 {Number:4 Text:tea} ")
		g.want("13", "add", `{"text":"tea","request_key":"key-0001"}`, "0 {Number:5 Text:tea} ")
		g.want("12", "put", `{"text":"tea","request_key":"key-0001"}`, "0 {Number:6 Text:tea} ")

		g.now = g.now.Add(24*time.Hour - time.Second)
		g.want("12", "add", `{"text":"tea","request_key":"key-0001"}`, "0 {Number:3 Text:tea} ")
		g.now = g.now.Add(time.Second)
		g.want("12", "add", `{"text":"coffee","request_key":"key-0001"}`, "0 {Number:7 Text:coffee} ")
	})
}

func TestRequestKeyForm(t *testing.T) {
	t.Parallel()
	g := startOnce(t, storagetest.Open(t))
	for _, c := range []struct{ key, want string }{
		{`"seven-7"`, "-204 {} request_key: must be 8 to 64 characters"},
		{`"eight--8"`, "0 {Number:1 Text:tea} "},
		{`"0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDE_"`, "0 {Number:2 Text:tea} "},
		{`"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"`, "-204 {} request_key: must be 8 to 64 characters"},
		{`"with blank"`, "-204 {} request_key: must be letters, digits, _ and -"},
		{`"point.point"`, "-204 {} request_key: must be letters, digits, _ and -"},
		{`"字字字字字字字字"`, "-204 {} request_key: must be letters, digits, _ and -"},
		{`""`, "-201 {} request_key: must not be empty"},
		{`12345678`, "-203 {} request_key: must be text"},
		{`null`, "0 {Number:3 Text:tea} "},
	} {
		g.want("12", "add", `{"text":"tea","request_key":`+c.key+`}`, c.want)
	}
	g.want("12", "add", `{"request_key":"x"}`, "-3 {} text: missing")
}

// A call that failed has no effect and leaves its key free.
func TestOnceFailed(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		g := startOnce(t, db)
		g.fail = true
		for range 2 {
			g.want("12", "add", `{"text":"tea","request_key":"key-0001"}`, "-305 {} text: contains refused words")
		}
		g.wantEffects(0)
		g.fail = false
		g.want("12", "add", `{"text":"coffee","request_key":"key-0001"}`, "0 {Number:1 Text:coffee} ")
	})
}

func TestOnceTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		g := startOnce(t, db)
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() { g.want("12", "add", `{"text":"tea","request_key":"key-0001"}`, "0 {Number:1 Text:tea} ") })
		}
		group.Wait()
		g.wantEffects(1)
	})
}

// While the first runs, the second waits as long as its deadline lets it.
func TestOnceWaits(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		g := startOnce(t, db)
		g.began, g.resume = make(chan struct{}), make(chan struct{})
		const data = `{"text":"tea","request_key":"key-0001"}`
		first := make(chan string)
		go func() { first <- g.post(context.Background(), "12", "add", data) }()
		<-g.began
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if got, want := g.post(ctx, "12", "add", data), "-304 {} request_key: the same call is still running"; got != want {
			t.Errorf("at its deadline the second answers %q, want %q", got, want)
		}
		second := make(chan string)
		go func() { second <- g.post(context.Background(), "12", "add", data) }()
		g.resume <- struct{}{}
		for name, answer := range map[string]chan string{"first": first, "second": second} {
			if got, want := <-answer, "0 {Number:1 Text:tea} "; got != want {
				t.Errorf("the %s answers %q, want %q", name, got, want)
			}
		}
		g.wantEffects(1)
	})
}

// The need is told in the reference, and nobody can declare one that has no meaning.
func TestOnceIsDeclared(t *testing.T) {
	t.Parallel()
	g := startOnce(t, storagetest.Open(t))
	e := g.registry.Endpoints()[0]
	statuses := map[dispatch.Status]bool{}
	for _, status := range e.Statuses() {
		statuses[status] = true
	}
	if last := e.Fields[len(e.Fields)-1]; last.Name != "request_key" || !statuses[dispatch.RepeatedRequest] || !statuses[dispatch.StateChanged] {
		t.Errorf("the last field is %s, the statuses are %v", last.Name, e.Statuses())
	}
	for name, endpoint := range map[string]dispatch.Endpoint{
		"without a token": dispatch.Handle(dispatch.Path{Pattern: "/note"}, dispatch.Need{Once: time.Hour}, "note", "add", "Add", g.add),
		"by GET": dispatch.Query(dispatch.Path{Pattern: "/note"}, dispatch.Need{Token: dispatch.TokenNeeded, Once: time.Hour}, "note", "add", "Add",
			func(context.Context, struct{}) (noteAnswer, error) { return noteAnswer{}, errors.New("unused") }),
	} {
		if _, err := dispatch.NewRegistry(dispatch.RegistryOptions{}, endpoint); err == nil {
			t.Errorf("a request_key %s is accepted", name)
		}
	}
}

// A call that fails behind its kept effect frees its key by Forget, and no other's.
func TestForget(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		g := startOnce(t, db)
		forget := false
		path := dispatch.Path{Pattern: "/late"}
		registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{
			Authenticate: func(_ context.Context, token string) (dispatch.Account, error) {
				return dispatch.Account{User: token}, nil
			},
			Logger: slog.New(slog.DiscardHandler),
		}, dispatch.Handle(path, dispatch.Need{Token: dispatch.TokenNeeded, Once: 24 * time.Hour}, "late", "add", "Add a note",
			func(ctx context.Context, in noteRequest) (noteAnswer, error) {
				answer, err := g.add(ctx, in)
				if err != nil || !forget {
					return answer, err
				}
				if err := db.InTx(ctx, func(tx *storage.Tx) error { return wire.Forget(ctx, tx) }); err != nil {
					return answer, err
				}
				return answer, errNoteRefused
			}))
		if err != nil {
			t.Fatal(err)
		}
		post := func(key, want string) {
			t.Helper()
			r := registry.Dispatch(t.Context(), dispatch.Inbound{
				Path: "/late", Token: dispatch.Token{Given: true, Text: "12"},
				Body: []byte(`{"id":1,"status":0,"type":"late","subtype":"add","data":{"text":"tea"` + key + `}}`),
			})
			if got := fmt.Sprintf("%d %+v", r.Status, r.Data); got != want {
				t.Errorf("%s: got %s, want %s", key, got, want)
			}
		}
		post(`,"request_key":"key-0001"`, "0 {Number:1 Text:tea}")
		forget = true
		post(`,"request_key":"key-0002"`, "-305 {}")
		post("", "-305 {}")
		forget = false
		post(`,"request_key":"key-0001"`, "0 {Number:1 Text:tea}")
		post(`,"request_key":"key-0002"`, "0 {Number:4 Text:tea}")
		post(`,"request_key":"key-0002"`, "0 {Number:4 Text:tea}")
	})
}
