package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/cmd/campusgate/console"
	"campusgate/storage"
)

// curlLines are the lines of a demo's text that a person can paste.
func curlLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "curl ") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestDemoPrintsLinesThatWork(t *testing.T) {
	t.Parallel()
	for name, basePath := range map[string]string{"default": "/api/external", "at the root": ""} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_SERVER_BASE_PATH="+basePath), "--demo")
			r.Stdout.Await(t, `demo","subtype":"day".*\n`)
			lines := curlLines(r.Stdout.String())
			if len(lines) < 3 {
				t.Fatalf("too few curl lines:\n%s", r.Stdout)
			}
			for _, line := range lines {
				var envelope struct {
					Status  *int            `json:"status"`
					Message string          `json:"message"`
					Data    json.RawMessage `json:"data"`
				}
				answer := campusgatetest.Bash(t, line)
				err := json.Unmarshal([]byte(answer), &envelope)
				if err != nil || envelope.Status == nil || *envelope.Status != 0 || envelope.Message != "successful" {
					t.Errorf("%s\nanswers %s", line, answer)
				}
				if string(envelope.Data) == "[]" {
					t.Errorf("%s\nfinds nothing", line)
				}
			}
		})
	}
}

// The demo's accounts can do what they are for: sell, campusgatetest.Buy, look for notices.
func TestDemoHasSomethingToTry(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir()), "--demo")
	seller, buyer := r.DemoToken(t, campusgatetest.DemoSeller), r.DemoToken(t, campusgatetest.DemoBuyer)
	if seller == buyer {
		t.Error("both accounts have the same token")
	}
	r.Call(t, "/get/shop?token="+seller, "shop/list", `{"mode":1}`)
	r.Call(t, "/get/product?token="+buyer, "product/list", `{"shop_id":811729970}`)
	for _, kind := range []string{"1", "2"} {
		if got := campusgatetest.Get(t, r.URL("/get/property?type="+kind+"&token="+buyer)); got.Status != 0 || string(got.Data) == "[]" {
			t.Errorf("notices of type %s: %s", kind, got.Raw)
		}
	}
	order := r.Call(t, "/purchase?token="+buyer, "purchase/apply",
		`{"product_id":4517733,"product_num":1,"product_unitprice":101.5,"product_totalprice":101.5}`).Field("purchase_id")
	r.Call(t, "/purchase?token="+buyer, "purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
}

// The demo's admin is one, which the audit tells, and its other accounts are none.
func TestDemoHasAnAdmin(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := serve(t, campusgatetest.Embedded(folder), "--demo")
	for user, status := range map[string]int{
		campusgatetest.DemoAdmin: 0, campusgatetest.DemoSeller: -103, campusgatetest.DemoBuyer: -103,
	} {
		got := campusgatetest.Request(t, http.MethodPost, r.URL("/user?token="+r.DemoToken(t, user)), campusgatetest.Envelope("user/list", `{}`))
		if got.Status != status {
			t.Errorf("%s is answered %s, want the status %d", user, got.Raw, status)
		}
	}
	r.Stop()
	audits, err := campusgatetest.OpenEmbedded(t, folder).Audits(t.Context(), storage.Page{})
	must(t, err)
	if len(audits) != 2 || audits[0].Call != "serve --demo" || audits[0].Target != "user "+campusgatetest.DemoAdmin || audits[0].After != storage.RoleAdmin {
		t.Errorf("the audit has %+v", audits)
	}
}

// A demo of a version that had no admin gets one, once. An account that has its id is left
// alone, and so is the role of an admin who is there.
func TestDemoGetsAnAdmin(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	start := func() (printed string) {
		r := serve(t, campusgatetest.Embedded(folder), "--demo")
		r.Stdout.Await(t, "/console\n")
		if status := r.Stop(); status != exitOK {
			t.Fatalf("exit status %d:\n%s", status, r.Stderr)
		}
		return strings.Join(demoAccountLine.FindAllString(r.Stdout.String(), -1), "\n")
	}
	user := func(id string) string { return "'" + id + "'" }
	first := start()
	admin, others, _ := strings.Cut(first[strings.Index(first, "\n  "+campusgatetest.DemoAdmin)+1:], "\n")
	without := strings.Replace(first, "\n"+admin, "", 1)
	execute(t, folder, "DELETE FROM users WHERE id = "+user(campusgatetest.DemoAdmin))
	execute(t, folder, "DELETE FROM tokens WHERE user_id = "+user(campusgatetest.DemoAdmin))
	execute(t, folder, "DELETE FROM profiles WHERE user_id = "+user(campusgatetest.DemoAdmin))
	second := start()
	sellers := strings.TrimSuffix(without, "\n"+others)
	if third := start(); !strings.HasPrefix(second, sellers+"\n  "+campusgatetest.DemoAdmin+"  演示管理员 (admin)") || !strings.HasSuffix(second, others) || second == first || third != second {
		t.Errorf("first\n%s\nthen\n%s\nthen\n%s", first, second, third)
	}
	execute(t, folder, "UPDATE profiles SET role = '' WHERE user_id = "+user(campusgatetest.DemoAdmin))
	if got := start(); got != strings.ReplaceAll(second, " (admin)", "") {
		t.Errorf("without its role\n%s", got)
	}
	execute(t, folder, "DELETE FROM tokens WHERE user_id = "+user(campusgatetest.DemoAdmin))
	execute(t, folder, "UPDATE users SET name = '别人' WHERE id = "+user(campusgatetest.DemoAdmin))
	if got := start(); got != without {
		t.Errorf("where its id is somebody else's\n%s", got)
	}
}

// A demo of a version that had one seller gets the second, with a shop and goods.
func TestDemoGetsASecondSeller(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	serve(t, campusgatetest.Embedded(folder), "--demo").Stop()
	for table, column := range map[string]string{"users": "id", "tokens": "user_id", "profiles": "user_id", "addresses": "user_id", "shops": "user_id"} {
		execute(t, folder, "DELETE FROM "+table+" WHERE "+column+" = '"+campusgatetest.DemoSecond+"'")
	}
	execute(t, folder, "DELETE FROM products WHERE shop_id = 811729971")
	execute(t, folder, "DELETE FROM ledger WHERE account_to = 'user:"+campusgatetest.DemoSecond+"'")
	r := serve(t, campusgatetest.Embedded(folder), "--demo")
	second := r.DemoToken(t, campusgatetest.DemoSecond)
	for _, c := range []struct{ path, call, data, want string }{
		{"/get/product", "product/list", `{"shop_id":811729971}`, "校徽帆布袋"},
		{"/address", "address/list", `{}`, "红楼"},
	} {
		if got := r.Call(t, c.path+"?token="+second, c.call, c.data); !strings.Contains(got.Raw, c.want) {
			t.Errorf("%s: %s, want %s", c.call, got.Raw, c.want)
		}
	}
}

// Each product and notice of the demo has a picture, which is stored and shown as an upload is. A
// demo of a version that had none gets them; a picture that its seller has chosen stays.
func TestDemoHasPictures(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pictures := func() map[int64]string {
		r := serve(t, campusgatetest.Embedded(folder), "--demo")
		defer r.Stop()
		var products []struct {
			ProductID int64  `json:"product_id"`
			PicURL    string `json:"pic_url"`
		}
		must(t, json.Unmarshal(r.Call(t, "/get/product?token="+r.DemoToken(t, campusgatetest.DemoBuyer), "product/list", `{"type":"up"}`).Data, &products))
		urls, shown := map[int64]string{}, map[string]bool{}
		stored := func(url string) {
			_, name, _ := strings.Cut(url, "/get/")
			answer := campusgatetest.Get(t, r.URL("/get/"+name))
			if answer.Header.Get("X-Picture") != "stored" || answer.Header.Get("Content-Type") != "image/png" {
				t.Errorf("%q is shown as %v", url, answer.Header)
			}
		}
		for _, product := range products {
			stored(product.PicURL)
			urls[product.ProductID], shown[product.PicURL] = product.PicURL, true
		}
		for _, kind := range []string{"1", "2"} {
			var notices []struct {
				PicNum  int64  `json:"pic_num"`
				PicURL1 string `json:"pic_url1"`
			}
			answer := campusgatetest.Get(t, r.URL("/get/property?type="+kind+"&token="+r.DemoToken(t, campusgatetest.DemoBuyer)))
			must(t, json.Unmarshal(answer.Data, &notices))
			if len(notices) != 1 || notices[0].PicNum != 1 {
				t.Fatalf("the notices of type %s are %+v", kind, notices)
			}
			stored(notices[0].PicURL1)
		}
		if len(urls) != 5 || len(shown) < 4 {
			t.Errorf("the products have the pictures %v", urls)
		}
		return urls
	}
	want := pictures()
	execute(t, folder, "UPDATE products SET pic_url = '' WHERE product_id IN (4517733, 4517743)")
	execute(t, folder, "UPDATE properties SET pic_num = 0, pic_url1 = ''")
	execute(t, folder, "UPDATE products SET pic_url = '"+want[4517733]+"' WHERE product_id = 4517734")
	want[4517734] = want[4517733]
	if diff := cmp.Diff(want, pictures()); diff != "" {
		t.Error(diff)
	}
}

var demoAccountLine = regexp.MustCompile(`(?m)^  118031008\d .*$`)

// Who tries user/update and user/logout as an account of the demo still has the demo.
func TestDemoOutlivesItsCalls(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := serve(t, campusgatetest.Embedded(folder), "--demo")
	seller, buyer := r.DemoToken(t, campusgatetest.DemoSeller), r.DemoToken(t, campusgatetest.DemoBuyer)
	r.Call(t, "/user?token="+seller, "user/update", `{"user_name":"seller"}`)
	r.Call(t, "/user?token="+buyer, "user/logout", `{}`)
	var accounts []console.Account
	must(t, json.Unmarshal([]byte(campusgatetest.Get(t, r.URL("/console/demo.json")).Raw), &accounts))
	if len(accounts) != 4 || accounts[0].Name != "seller" || accounts[0].Token != seller || accounts[1].Token == buyer {
		t.Fatalf("the console is told of %+v", accounts)
	}
	if status := r.Stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, r.Stderr)
	}
	again := serve(t, campusgatetest.Embedded(folder), "--demo")
	if got := again.DemoToken(t, campusgatetest.DemoBuyer); got != accounts[1].Token {
		t.Errorf("the buyer's token is %s, want %s", got, accounts[1].Token)
	}
}

// A page under development, on a port of its own, may try the demo. Nobody's page may
// call where the operator has said so, or where there is no demo.
func TestDemoAdmitsLocalPages(t *testing.T) {
	const page = "http://localhost:3000"
	for _, c := range []struct {
		arguments, environ []string
		want               string
	}{
		{[]string{"--demo"}, nil, page},
		{[]string{"--demo"}, []string{"CAMPUSGATE_SERVER_ALLOW_ORIGINS="}, ""},
		{nil, nil, ""},
		{nil, []string{"CAMPUSGATE_SERVER_ALLOW_ORIGINS=https://a.example.org," + page}, page},
	} {
		r := serve(t, append(campusgatetest.Embedded(t.TempDir()), c.environ...), c.arguments...)
		if got := campusgatetest.Get(t, r.URL("/openapi.json"), "Origin", page).Header.Get("Access-Control-Allow-Origin"); got != c.want {
			t.Errorf("%q with %q admits %q, want %q", c.arguments, c.environ, got, c.want)
		}
	}
}

func TestDemoPrintsTheSameAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var printed []string
	for range 2 {
		r := serve(t, campusgatetest.Embedded(folder), "--demo")
		r.DemoToken(t, campusgatetest.DemoBuyer)
		if status := r.Stop(); status != exitOK {
			t.Fatalf("exit status %d:\n%s", status, r.Stderr)
		}
		printed = append(printed, strings.ReplaceAll(r.Stdout.String(), r.Address, "ADDRESS"))
		for range 8 { // of which some would sort before a demo's that is as random
			var out, err strings.Builder
			p := process{environ: campusgatetest.Embedded(folder), stdout: &out, stderr: &err}
			if status := p.run(t.Context(), []string{"token", "issue", "--user", campusgatetest.DemoSeller}); status != exitOK {
				t.Fatalf("exit status %d:\n%s", status, err.String())
			}
		}
	}
	if printed[0] != printed[1] {
		t.Errorf("first\n%s\nthen\n%s", printed[0], printed[1])
	}
}

func TestDemoLeavesOtherDataAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	token := addUser(t, campusgatetest.Embedded(folder), "1180310001", "别人", "1")
	r := serve(t, campusgatetest.Embedded(folder), "--demo")
	r.Stdout.Await(t, "left unchanged")
	if got := campusgatetest.Get(t, r.URL("/get/property?type=1&token="+token)); got.Status != 0 || string(got.Data) != "[]" {
		t.Errorf("the gateway answers %s, want no notices", got.Raw)
	}
	if status := r.Stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, r.Stderr)
	}
	for _, user := range []string{campusgatetest.DemoSeller, campusgatetest.DemoBuyer} {
		if _, err := campusgatetest.OpenEmbedded(t, folder).User(t.Context(), user); err == nil {
			t.Errorf("the demo's account %s was added", user)
		}
	}
	if strings.Contains(r.Stdout.String(), "curl") {
		t.Errorf("lines are printed that do not work here:\n%s", r.Stdout)
	}
}

// The README shows a curl line and its answer; a demo gives that answer.
func TestReadmeShowsWhatIsAnswered(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	must(t, err)
	command, answer := readmeExchange(string(text))
	if command == "" || answer == "" {
		t.Fatal("README.md has no sh block with curl and a json block after it")
	}
	const listens = "127.0.0.1:4081"
	if !strings.Contains(command, listens) {
		t.Fatalf("README.md asks not %s: %s", listens, command)
	}
	r := serve(t, campusgatetest.Embedded(t.TempDir()), "--demo")
	got := campusgatetest.Bash(t, strings.ReplaceAll(command, listens, r.Address))
	if strings.TrimSpace(got) != strings.TrimSpace(answer) {
		t.Errorf("the answer is\n%s\nREADME.md shows\n%s", got, answer)
	}
}

// readmeExchange finds the first sh block that begins with curl and the json
// block after it.
func readmeExchange(text string) (command, answer string) {
	for rest := text; ; {
		_, block, found := strings.Cut(rest, "```sh\n")
		if !found {
			return "", ""
		}
		command, rest, _ = strings.Cut(block, "```")
		if strings.HasPrefix(command, "curl ") {
			_, block, _ = strings.Cut(rest, "```json\n")
			answer, _, _ = strings.Cut(block, "```")
			return command, answer
		}
	}
}
