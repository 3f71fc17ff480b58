package handlers_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"campusgate/dispatch"
	"campusgate/handlers"
	"campusgate/storage"
	"campusgate/storage/captchas"
)

// description is what the registry says of the API, with its schemas of envelopes
// and answers.
type description struct {
	text, typeScript []byte
	document         *openapi3.T
	schemas          map[string]*jsonschema.Schema // shop/creat Envelope, shop/creat Answer
}

// described is the description of every test gateway.
var described = sync.OnceValues(func() (*description, error) {
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Logger: slog.New(slog.DiscardHandler)}, handlers.All(handlers.Deps{})...)
	if err != nil {
		return nil, err
	}
	var text, script bytes.Buffer
	if err := registry.WriteOpenAPI(&text, "/api/external", "test"); err != nil {
		return nil, err
	}
	if err := registry.WriteTypeScript(&script); err != nil {
		return nil, err
	}
	d := &description{text: text.Bytes(), typeScript: script.Bytes(), schemas: map[string]*jsonschema.Schema{}}
	if d.document, err = openapi3.NewLoader().LoadFromData(d.text); err != nil {
		return nil, err
	}
	parsed, err := jsonschema.UnmarshalJSON(&text)
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", parsed); err != nil {
		return nil, err
	}
	for name, component := range d.document.Components.Schemas {
		for _, kind := range []string{"Envelope", "Answer"} {
			if !strings.HasSuffix(name, kind) {
				continue
			}
			schema, err := compiler.Compile("openapi.json#/components/schemas/" + name)
			if err != nil {
				return nil, err
			}
			d.schemas[component.Value.Title+" "+kind] = schema
		}
	}
	return d, nil
})

// asDescribed checks an answer against the document: its status with its text,
// and every field of its data and no other.
func (a answer) asDescribed(t testing.TB, call string) answer {
	t.Helper()
	if err := checkSchema(t, call+" Answer", a.Raw); err != nil {
		t.Errorf("%s answered what the OpenAPI document does not know: %s: %v", call, a.Raw, err)
	}
	return a
}

// requestAsDescribed checks an envelope that worked against the document.
func requestAsDescribed(t testing.TB, call, body string) {
	t.Helper()
	if err := checkSchema(t, call+" Envelope", body); err != nil {
		t.Errorf("%s took what the OpenAPI document does not allow: %.300s: %v", call, body, err)
	}
}

func checkSchema(t testing.TB, name, text string) error {
	t.Helper()
	d, err := described()
	must(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	must(t, err)
	return d.schemas[name].Validate(value)
}

// The document keeps to OpenAPI 3.1, and its examples to their schemas.
func TestOpenAPIIsValid(t *testing.T) {
	d, err := described()
	must(t, err)
	must(t, d.document.Validate(t.Context()))
}

// Every call of the registry is in both descriptions.
func TestEveryCallIsDescribed(t *testing.T) {
	d, err := described()
	must(t, err)
	capital := func(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
	for _, e := range handlers.All(handlers.Deps{}) {
		if e.Type == "get" {
			continue // a picture
		}
		name := e.Type + capital(e.Subtype)
		item := d.document.Paths.Value(e.Path.Pattern)
		switch {
		case item == nil:
			t.Errorf("%s is not in the document", e.Path.Pattern)
			continue
		case item.Get != nil:
			name = "get" + capital(name)
		case item.Post.RequestBody.Value.Content["application/json"].Examples[name] == nil:
			t.Errorf("%s has no example", name)
		}
		if d.document.Components.Schemas[capital(name)+"Answer"] == nil {
			t.Errorf("the document has no answer of %s", name)
		}
		if !bytes.Contains(d.typeScript, []byte("\n    "+name+": (data: "+capital(name)+"Request")) {
			t.Errorf("the TypeScript has no function %s", name)
		}
	}
}

// exampleHash is the hash of the examples: md5 of "abc".
const exampleHash = "900150983cd24fb0d6963f7d28e17f72"

// withExamples is a gateway that has what the examples speak of. Its hash is of a
// picture, or of an SMS to the example's phone.
func withExamples(t *testing.T, kind captchas.Kind) *gateway {
	g := start(t, func(o *options) {
		code := captchas.Code{Kind: kind}
		if kind == captchas.Message {
			code.Phone = "13700000000"
		}
		must(t, o.captchas.Add(t.Context(), exampleHash, code))
	})
	g.document()
	now := g.clock.Now().Unix()
	must(t, g.db.InsertProduct(t.Context(), storage.Product{
		ProductID: 5873413, ProductName: "测试商品1", ProductKey: "测试商品", ProductPrice: 100_50,
		ShopID: documentShop, CreatTime: now, UpdateTime: now, ProductStatus: 1,
	}))
	g.addNotice(notice())
	return g
}

// The examples are requests that work.
func TestExamples(t *testing.T) {
	d, err := described()
	must(t, err)
	sent := map[string]bool{}
	for path, item := range d.document.Paths.Map() {
		if path == "/" || item.Post == nil {
			continue
		}
		for name, example := range item.Post.RequestBody.Value.Content["application/json"].Examples {
			body, err := json.Marshal(example.Value.Value)
			must(t, err)
			var envelope struct{ Type, Subtype string }
			must(t, json.Unmarshal(body, &envelope))
			call := envelope.Type + "/" + envelope.Subtype
			sent[call] = true
			t.Run(name, func(t *testing.T) {
				kind := captchas.Picture
				if call == "sms/validate" {
					kind = captchas.Message
				}
				g := withExamples(t, kind)
				if call == "property/update" || call == "property/delete" {
					g.sql("UPDATE properties SET id = 12334567")
				}
				a := g.post(path, aliceToken, string(body)).want(t, 0, "successful").asDescribed(t, call)
				if string(a.Data) == "[]" {
					t.Errorf("nothing is listed: %s", a.Raw)
				}
			})
		}
	}
	if len(sent) != len(paths) {
		t.Errorf("%d of %d calls have an example", len(sent), len(paths))
	}
}

func TestExampleOfTheQuery(t *testing.T) {
	d, err := described()
	must(t, err)
	query := url.Values{"token": {aliceToken}}
	for _, parameter := range d.document.Paths.Value("/get/property").Get.Parameters {
		if parameter.Value.Example != nil {
			text, err := json.Marshal(parameter.Value.Example)
			must(t, err)
			query.Set(parameter.Value.Name, strings.Trim(string(text), `"`))
		}
	}
	a := withExamples(t, captchas.Picture).do(http.MethodGet, "/get/property?"+query.Encode(), "")
	if a.want(t, 0, "successful").asDescribed(t, "GET property"); string(a.Data) == "[]" {
		t.Errorf("nothing is found: %s", a.Raw)
	}
}

// The examples of the pictures' paths are shown where they were uploaded.
func TestExamplesOfPictures(t *testing.T) {
	d, err := described()
	must(t, err)
	g := start(t)
	picture := base64Of(pngOf(t, 1))
	g.ok("pic/upload", aliceToken, `{"from":"shop","name":"tea.png","base64":"`+picture+`"}`)
	g.ok("pic/upload", aliceToken, `{"from":"portrait","name":"`+alice+`","base64":"`+picture+`"}`)
	for _, pattern := range []string{"/get/portrait/{id}", "/get/pic/{from}/{name}"} {
		path := pattern
		for _, parameter := range d.document.Paths.Value(pattern).Get.Parameters {
			example, _ := parameter.Value.Example.(string)
			path = strings.ReplaceAll(path, "{"+parameter.Value.Name+"}", example)
		}
		if a := g.do(http.MethodGet, path, ""); a.Header.Get("X-Picture") != "stored" {
			t.Errorf("%s shows the picture %q", path, a.Header.Get("X-Picture"))
		}
	}
}
