package media_test

import (
	"net/http"
	"testing"

	"campusgate/handlers/handlerstest"
)

func TestPortraitUploadFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.Base64(handlerstest.PNG(t, 1))
	right := handlerstest.Fields{"name": `"me.png"`, "id": handlerstest.Quoted(alice), "base64": handlerstest.Quoted(picture), "type": `"png"`}
	for _, token := range []string{"", aliceToken} {
		for key := range right {
			for _, test := range []denial{
				{"absent", right.With(key, "").String(), -3, "Error data key", key},
				{"null", right.With(key, "null").String(), -3, "Error data key", key},
				{"empty", right.With(key, `""`).String(), -201, "Necessary key-value can't be empty", key},
				{"boolean", right.With(key, "true").String(), -203, "Arg's value type error", key},
				{"fraction", right.With(key, "1.5").String(), -203, "Arg's value type error", key},
				{"list", right.With(key, "[]").String(), -203, "Arg's value type error", key},
			} {
				t.Run(key+" "+test.name, func(t *testing.T) {
					unchanged(t, g, func() { test.check(t, g.Call("portrait/upload", token, test.data)) })
				})
			}
		}
		for _, test := range []denial{
			{
				"the document's example", `{"name":"string","id":"string","base64":"string","type":"string"}`,
				-204, "Arg's value error", "id",
			},
			{"id of letters", right.With("id", `"1180x"`).String(), -204, "Arg's value error", "id"},
			{"id with a sign", right.With("id", "-1180310086").String(), -204, "Arg's value error", "id"},
			{"id with a blank", right.With("id", `" 1180310086"`).String(), -204, "Arg's value error", "id"},
			{"id of wide digits", right.With("id", `"１１８０３１００８６"`).String(), -204, "Arg's value error", "id"},
			{"id a path", right.With("id", `"../1180310086"`).String(), -204, "Arg's value error", "id"},
			{"base64 of no alphabet", right.With("base64", `"$$$$"`).String(), -204, "Arg's value error", "base64"},
			{"no picture", right.With("base64", `"AAAA"`).String(), -204, "Arg's value error", "base64"},
			{"a number as the name", right.With("name", "12345").String(), -203, "Arg's value type error", "name"},
			{"a number as the type", right.With("type", "12345").String(), -203, "Arg's value type error", "type"},
		} {
			t.Run(test.name, func(t *testing.T) {
				unchanged(t, g, func() { test.check(t, g.Call("portrait/upload", token, test.data)) })
			})
		}
	}
	for name, data := range map[string]string{
		"id as text":              right.String(),
		"id as a number":          right.With("id", alice).String(),
		"the bytes decide":        right.With("type", `"gif"`).String(),
		"a type of nothing":       right.With("type", `" "`).With("name", `" "`).String(),
		"base64 as a data URL":    right.With("base64", handlerstest.Quoted("data:image/png;base64,"+picture)).String(),
		"a key that nobody knows": right.With("from", `"garden"`).String(),
	} {
		t.Run(name, func(t *testing.T) {
			wantURL(t, g.Call("portrait/upload", aliceToken, data), "./api/external/get/portrait/"+alice)
			a := g.Do(http.MethodGet, "/get/portrait/"+alice, "")
			if a.Raw != string(handlerstest.PNG(t, 1)) || a.Header.Get("Content-Type") != "image/png" {
				t.Errorf("shown as %s", a.Header.Get("Content-Type"))
			}
		})
	}
}

// portrait/upload, pic/upload from portrait and the two GETs know one picture.
func TestPortraitIsOnePicture(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	shade := uint8(0)
	for range 2 { // each replaces what the other wrote
		for call, data := range map[string]func([]byte) string{
			"portrait/upload": func(picture []byte) string { return handlerstest.PortraitData(alice, picture) },
			"pic/upload":      func(picture []byte) string { return handlerstest.PicData("portrait", picture, `"name":`+alice) },
		} {
			shade++
			picture := handlerstest.PNG(t, shade)
			g.OK(call, aliceToken, data(picture))
			for _, path := range []string{"/get/portrait/" + alice, "/get/pic/portrait/" + alice} {
				if a := g.Do(http.MethodGet, path, ""); a.Raw != string(picture) || a.Header.Get("X-Picture") != "stored" {
					t.Errorf("%s does not show what %s wrote", path, call)
				}
			}
		}
	}
	if got := len(g.Files()); got != 1 {
		t.Errorf("%d pictures are stored", got)
	}
}

func TestPortraitOwner(t *testing.T) {
	t.Parallel()
	picture := handlerstest.PNG(t, 1)
	type upload struct {
		name, call, token, data string
		status                  int
		message                 string
	}
	mine := upload{"the user", "portrait/upload", aliceToken, handlerstest.PortraitData(alice, picture), 0, "successful"}
	minePic := upload{"the user by pic", "pic/upload", aliceToken, handlerstest.PicData("portrait", picture, `"name":"`+alice+`"`), 0, "successful"}
	anonymous := upload{"anonymous", "portrait/upload", "", handlerstest.PortraitData(alice, handlerstest.PNG(t, 2)), 0, "successful"}
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
			{"other id", "portrait/upload", bobToken, handlerstest.PortraitData(alice, picture), -103, "No permission to operate"},
			{"other name", "pic/upload", bobToken, handlerstest.PicData("portrait", picture, `"name":"`+alice+`"`), -103, "No permission to operate"},
			{"one's own", "portrait/upload", bobToken, handlerstest.PortraitData(bob, picture), 0, "successful"},
			{"a name of letters", "pic/upload", bobToken, handlerstest.PicData("portrait", picture, `"name":"tea"`), -103, "No permission to operate"},
		}},
		{"never replaces the user's own", []upload{mine, forbidden, mine}},
		{"nor the one by pic/upload", []upload{minePic, forbidden, minePic}},
		{"the user replaces it", []upload{anonymous, anonymous, mine, forbidden}},
		{"the user replaces it by pic/upload", []upload{anonymous, minePic, forbidden, mine}},
		{"an unknown token is not anonymous", []upload{
			{"unknown", "portrait/upload", "null", handlerstest.PortraitData(alice, picture), -101, "Error token"},
			{"no user", "portrait/upload", lostToken, handlerstest.PortraitData(alice, picture), -102, "Get userid failed for the token"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := handlerstest.Start(t)
			for _, one := range test.uploads {
				send := func() {
					if a := g.Call(one.call, one.token, one.data).Want(t, one.status, one.message); one.status != 0 && string(a.Data) != "{}" {
						t.Errorf("%s: %s", one.name, a.Raw)
					}
				}
				if one.status == 0 {
					send()
				} else {
					unchanged(t, g, send)
				}
			}
		})
	}
	t.Run("where the operator allows no anonymous ones", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Media.AnonymousPortraits = false })
		unchanged(t, g, func() {
			g.Call(anonymous.call, "", anonymous.data).
				WantRaw(t, `{"id":1,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`)
			g.Post("", "", handlerstest.Envelope(anonymous.call, anonymous.data)).Want(t, -100, "Missing necessary args")
		})
		g.OK(mine.call, mine.token, mine.data)
	})
}

func TestPortraitURLPrefix(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) {
		o.Settings.Media.URLPrefix = "https://img.example.org"
		o.Server.BasePath = "/gateway"
	})
	wantURL(t, g.Call("portrait/upload", aliceToken, handlerstest.PortraitData(alice, handlerstest.PNG(t, 1))), "https://img.example.org/api/external/get/portrait/"+alice)
}
