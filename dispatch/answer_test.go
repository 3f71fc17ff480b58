package dispatch

import (
	"testing"

	"github.com/goccy/go-json"
)

// FuzzEncode: an answer is what the JSON library would write of it as a whole.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{
		"", "successful", "验证码hash值不匹配", "Necessary key-value can't be empty", "<b>&</b>", "\"\\/", "\x00\x1f\x7f",
		"a\xffb", "\u2028\u2029‐", "\xe2\x80", "𠮷", "\ufffd",
	} {
		f.Add(int64(-1), -201, text, text, text)
	}
	f.Fuzz(func(t *testing.T, id int64, status int, message, data, detail string) {
		for _, given := range []any{data, emptyObject{}, map[string]string{data: data}, nil} {
			response := Response{ID: id, Status: status, Message: message, Data: given, Detail: detail}
			want, err := json.Marshal(&response)
			if err != nil {
				t.Fatal(err)
			}
			if got := encoded(t, response); got != string(want) {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		}
	})
}
