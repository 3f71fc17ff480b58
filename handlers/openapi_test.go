package handlers_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"campusgate/handlers/captcha"
	"campusgate/handlers/contact/mail/mailtest"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/captchas"
)

// The document keeps to OpenAPI 3.1, and its examples to their schemas.
func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	d, err := handlerstest.Described()
	handlerstest.Must(t, err)
	handlerstest.Must(t, d.Document.Validate(t.Context()))
}

// Every call of the registry is in both descriptions.
func TestEveryCallIsDescribed(t *testing.T) {
	t.Parallel()
	d, err := handlerstest.Described()
	handlerstest.Must(t, err)
	capital := func(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
	for _, e := range handlerstest.Calls() {
		if e.Type == "get" || e.Summary == "" {
			continue // a picture, or what no client sends
		}
		name := e.Type + capital(e.Subtype)
		item := d.Document.Paths.Value(e.Path.Pattern)
		switch {
		case item == nil:
			t.Errorf("%s is not in the document", e.Path.Pattern)
			continue
		case item.Get != nil:
			name = "get" + capital(name)
		case item.Post.RequestBody.Value.Content["application/json"].Examples[name] == nil:
			t.Errorf("%s has no example", name)
		}
		if d.Document.Components.Schemas[capital(name)+"Answer"] == nil {
			t.Errorf("the document has no answer of %s", name)
		}
		if !bytes.Contains(d.TypeScript, []byte("\n    "+name+": (data: "+capital(name)+"Request")) {
			t.Errorf("the TypeScript has no function %s", name)
		}
	}
}

// What is a password is marked as one: the console shows every other field.
func TestPasswordsAreMarked(t *testing.T) {
	t.Parallel()
	d, err := handlerstest.Described()
	handlerstest.Must(t, err)
	marked := 0
	for name, schema := range d.Document.Components.Schemas {
		for key, field := range schema.Value.Properties {
			isPassword := key == "password" || name == "UserPasswordRequest"
			if got := field.Value.Format == "password"; got != isPassword {
				t.Errorf("%s: the format of %s is %q", name, key, field.Value.Format)
			}
			if isPassword {
				marked++
			}
		}
	}
	if marked == 0 {
		t.Error("no call has a password")
	}
}

// exampleHash is the hash of the examples: md5 of "abc".
const exampleHash = "900150983cd24fb0d6963f7d28e17f72"

// withExamples is a gateway that has what the examples speak of. Its hash is of a
// picture, or of an SMS to the example's phone.
func withExamples(t *testing.T, kind captchas.Kind) *rehearsal {
	var codes captcha.Store
	g := handlerstest.Start(t, handlerstest.ByMail(mailtest.Start(t, "none")), func(o *handlerstest.Options) {
		codes = o.Captchas
		code := captchas.Code{Kind: kind}
		if kind == captchas.Message {
			code.Phone = "13700000000"
		}
		handlerstest.Must(t, o.Captchas.Add(t.Context(), exampleHash, code))
	})
	g.Document()
	now := g.Clock.Now().Unix()
	handlerstest.Must(t, g.DB.InsertProduct(t.Context(), storage.Product{
		ProductID: 5873413, ProductName: "测试商品1", ProductKey: "测试商品", ProductPrice: 100_50,
		ShopID: handlerstest.DocumentShop, CreatTime: now, UpdateTime: now, ProductStatus: 1,
	}))
	g.AddNotice(handlerstest.Notice())
	g.Tell(alice, "example")
	return &rehearsal{Gateway: g, codes: codes}
}

// exampleData is the data of an example.
func exampleData(t *testing.T, envelope []byte) handlerstest.Fields {
	t.Helper()
	var example struct{ Data map[string]json.RawMessage }
	handlerstest.Must(t, json.Unmarshal(envelope, &example))
	data := handlerstest.Fields{}
	for key, value := range example.Data {
		data[key] = string(value)
	}
	return data
}

// The examples are requests that work.
func TestExamples(t *testing.T) {
	t.Parallel()
	d, err := handlerstest.Described()
	handlerstest.Must(t, err)
	sent := map[string]bool{}
	for path, item := range d.Document.Paths.Map() {
		if path == "/" || item.Post == nil {
			continue
		}
		for name, example := range item.Post.RequestBody.Value.Content["application/json"].Examples {
			body, err := json.Marshal(example.Value.Value)
			handlerstest.Must(t, err)
			var envelope struct{ Type, Subtype string }
			handlerstest.Must(t, json.Unmarshal(body, &envelope))
			call := envelope.Type + "/" + envelope.Subtype
			sent[call] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				kind := captchas.Picture
				if call == "sms/validate" {
					kind = captchas.Message
				}
				g := withExamples(t, kind)
				if call == "property/update" || call == "property/delete" {
					g.SQL("UPDATE properties SET id = 12334567")
				}
				if strings.HasPrefix(call, "course/") {
					g.Courses()
				}
				if strings.HasPrefix(call, "product/") {
					g.SecondHand()
				}
				if strings.HasPrefix(call, "user/") || strings.HasPrefix(call, "job/") || isTrade(call) {
					body = []byte(handlerstest.Envelope(call, rehearse(g.Gateway, g.codes, call).ready(call, exampleData(t, body)).String()))
				}
				a := g.Post(path, handlerstest.TokenFor(call), string(body)).Want(t, 0, "successful").AsDescribed(t, call)
				if string(a.Data) == "[]" {
					t.Errorf("nothing is listed: %s", a.Raw)
				}
			})
		}
	}
	if len(sent) != len(handlerstest.Paths) {
		t.Errorf("%d of %d calls have an example", len(sent), len(handlerstest.Paths))
	}
}

func TestExampleOfTheQuery(t *testing.T) {
	t.Parallel()
	d, err := handlerstest.Described()
	handlerstest.Must(t, err)
	query := url.Values{"token": {aliceToken}}
	for _, parameter := range d.Document.Paths.Value("/get/property").Get.Parameters {
		if parameter.Value.Example != nil {
			text, err := json.Marshal(parameter.Value.Example)
			handlerstest.Must(t, err)
			query.Set(parameter.Value.Name, strings.Trim(string(text), `"`))
		}
	}
	a := withExamples(t, captchas.Picture).Do(http.MethodGet, "/get/property?"+query.Encode(), "")
	if a.Want(t, 0, "successful").AsDescribed(t, "GET property"); string(a.Data) == "[]" {
		t.Errorf("nothing is found: %s", a.Raw)
	}
}

// The examples of the pictures' paths are shown where they were uploaded.
func TestExamplesOfPictures(t *testing.T) {
	t.Parallel()
	d, err := handlerstest.Described()
	handlerstest.Must(t, err)
	g := handlerstest.Start(t)
	picture := handlerstest.Base64(handlerstest.PNG(t, 1))
	g.OK("pic/upload", aliceToken, `{"from":"shop","name":"tea.png","base64":"`+picture+`"}`)
	g.OK("pic/upload", aliceToken, `{"from":"portrait","name":"`+alice+`","base64":"`+picture+`"}`)
	for _, pattern := range []string{"/get/portrait/{id}", "/get/pic/{from}/{name}"} {
		path := pattern
		for _, parameter := range d.Document.Paths.Value(pattern).Get.Parameters {
			example, _ := parameter.Value.Example.(string)
			path = strings.ReplaceAll(path, "{"+parameter.Value.Name+"}", example)
		}
		if a := g.Do(http.MethodGet, path, ""); a.Header.Get("X-Picture") != "stored" {
			t.Errorf("%s shows the picture %q", path, a.Header.Get("X-Picture"))
		}
	}
}
