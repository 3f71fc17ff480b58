package handlers_test

import (
	"net/http"
	"testing"
)

// portraitData is the data of portrait/upload.
func portraitData(id string, picture []byte) string {
	return `{"name":"me.png","id":"` + id + `","base64":"` + base64Of(picture) + `","type":"png"}`
}

func TestPortraitUploadFields(t *testing.T) {
	g := start(t)
	picture := base64Of(pngOf(t, 1))
	right := fields{"name": `"me.png"`, "id": quoted(alice), "base64": quoted(picture), "type": `"png"`}
	for _, token := range []string{"", aliceToken} {
		for key := range right {
			for _, test := range []denial{
				{"absent", right.with(key, "").String(), -3, "Error data key", key},
				{"null", right.with(key, "null").String(), -3, "Error data key", key},
				{"empty", right.with(key, `""`).String(), -201, "Necessary key-value can't be empty", key},
				{"boolean", right.with(key, "true").String(), -203, "Arg's value type error", key},
				{"fraction", right.with(key, "1.5").String(), -203, "Arg's value type error", key},
				{"list", right.with(key, "[]").String(), -203, "Arg's value type error", key},
			} {
				t.Run(key+" "+test.name, func(t *testing.T) {
					g.unchanged(t, func() { test.want(t, g.call("portrait/upload", token, test.data)) })
				})
			}
		}
		for _, test := range []denial{
			{
				"the document's example", `{"name":"string","id":"string","base64":"string","type":"string"}`,
				-204, "Arg's value error", "id",
			},
			{"id of letters", right.with("id", `"1180x"`).String(), -204, "Arg's value error", "id"},
			{"id with a sign", right.with("id", "-1180310086").String(), -204, "Arg's value error", "id"},
			{"id with a blank", right.with("id", `" 1180310086"`).String(), -204, "Arg's value error", "id"},
			{"id of wide digits", right.with("id", `"１１８０３１００８６"`).String(), -204, "Arg's value error", "id"},
			{"id a path", right.with("id", `"../1180310086"`).String(), -204, "Arg's value error", "id"},
			{"base64 of no alphabet", right.with("base64", `"$$$$"`).String(), -204, "Arg's value error", "base64"},
			{"no picture", right.with("base64", `"AAAA"`).String(), -204, "Arg's value error", "base64"},
			{"a number as the name", right.with("name", "12345").String(), -203, "Arg's value type error", "name"},
			{"a number as the type", right.with("type", "12345").String(), -203, "Arg's value type error", "type"},
		} {
			t.Run(test.name, func(t *testing.T) {
				g.unchanged(t, func() { test.want(t, g.call("portrait/upload", token, test.data)) })
			})
		}
	}
	for name, data := range map[string]string{
		"id as text":              right.String(),
		"id as a number":          right.with("id", alice).String(),
		"the bytes decide":        right.with("type", `"gif"`).String(),
		"a type of nothing":       right.with("type", `" "`).with("name", `" "`).String(),
		"base64 as a data URL":    right.with("base64", quoted("data:image/png;base64,"+picture)).String(),
		"a key that nobody knows": right.with("from", `"garden"`).String(),
	} {
		t.Run(name, func(t *testing.T) {
			g.call("portrait/upload", aliceToken, data).wantURL(t, "./api/external/get/portrait/"+alice)
			a := g.do(http.MethodGet, "/get/portrait/"+alice, "")
			if a.Raw != string(pngOf(t, 1)) || a.Header.Get("Content-Type") != "image/png" {
				t.Errorf("shown as %s", a.Header.Get("Content-Type"))
			}
		})
	}
}

// portrait/upload, pic/upload from portrait and the two GETs know one picture.
func TestPortraitIsOnePicture(t *testing.T) {
	g := start(t)
	shade := uint8(0)
	for range 2 { // each replaces what the other wrote
		for call, data := range map[string]func([]byte) string{
			"portrait/upload": func(picture []byte) string { return portraitData(alice, picture) },
			"pic/upload":      func(picture []byte) string { return picData("portrait", picture, `"name":`+alice) },
		} {
			shade++
			picture := pngOf(t, shade)
			g.ok(call, aliceToken, data(picture))
			for _, path := range []string{"/get/portrait/" + alice, "/get/pic/portrait/" + alice} {
				if a := g.do(http.MethodGet, path, ""); a.Raw != string(picture) || a.Header.Get("X-Picture") != "stored" {
					t.Errorf("%s does not show what %s wrote", path, call)
				}
			}
		}
	}
	if got := len(g.files()); got != 1 {
		t.Errorf("%d pictures are stored", got)
	}
}

func TestPortraitOwner(t *testing.T) {
	picture := pngOf(t, 1)
	type upload struct {
		name, call, token, data string
		status                  int
		message                 string
	}
	mine := upload{"the user", "portrait/upload", aliceToken, portraitData(alice, picture), 0, "successful"}
	minePic := upload{"the user by pic", "pic/upload", aliceToken, picData("portrait", picture, `"name":"`+alice+`"`), 0, "successful"}
	anonymous := upload{"anonymous", "portrait/upload", "", portraitData(alice, pngOf(t, 2)), 0, "successful"}
	refused := func(one upload, message string, status int) upload {
		one.status, one.message = status, message
		return one
	}
	forbidden := refused(anonymous, "No permission to operate", -103)
	for _, test := range []struct {
		name    string
		uploads []upload
	}{
		{"another user", []upload{
			{"other id", "portrait/upload", bobToken, portraitData(alice, picture), -103, "No permission to operate"},
			{"other name", "pic/upload", bobToken, picData("portrait", picture, `"name":"`+alice+`"`), -103, "No permission to operate"},
			{"one's own", "portrait/upload", bobToken, portraitData(bob, picture), 0, "successful"},
			{"a name of letters", "pic/upload", bobToken, picData("portrait", picture, `"name":"tea"`), -103, "No permission to operate"},
		}},
		{"never replaces the user's own", []upload{mine, forbidden, mine}},
		{"nor the one by pic/upload", []upload{minePic, forbidden, minePic}},
		{"the user replaces it", []upload{anonymous, anonymous, mine, forbidden}},
		{"the user replaces it by pic/upload", []upload{anonymous, minePic, forbidden, mine}},
		{"an unknown token is not anonymous", []upload{
			{"unknown", "portrait/upload", "null", portraitData(alice, picture), -101, "Error token"},
			{"no user", "portrait/upload", lostToken, portraitData(alice, picture), -102, "Get userid failed for the token"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := start(t)
			for _, one := range test.uploads {
				send := func() {
					if a := g.call(one.call, one.token, one.data).want(t, one.status, one.message); one.status != 0 && string(a.Data) != "{}" {
						t.Errorf("%s: %s", one.name, a.Raw)
					}
				}
				if one.status == 0 {
					send()
				} else {
					g.unchanged(t, send)
				}
			}
		})
	}
	t.Run("where the operator allows no anonymous ones", func(t *testing.T) {
		g := start(t, func(o *options) { o.settings.AnonymousPortraits = false })
		g.unchanged(t, func() {
			g.call(anonymous.call, "", anonymous.data).
				wantRaw(t, `{"id":1,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`)
			g.post("", "", envelope(anonymous.call, anonymous.data)).want(t, -100, "Missing necessary args")
		})
		g.ok(mine.call, mine.token, mine.data)
	})
}

func TestPortraitURLPrefix(t *testing.T) {
	g := start(t, func(o *options) {
		o.settings.URLPrefix = "https://img.example.org"
		o.server.BasePath = "/gateway"
	})
	g.call("portrait/upload", aliceToken, portraitData(alice, pngOf(t, 1))).
		wantURL(t, "https://img.example.org/api/external/get/portrait/"+alice)
}
