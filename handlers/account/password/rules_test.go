package password

import (
	"strings"
	"testing"
)

func TestAllowed(t *testing.T) {
	t.Parallel()
	const phone, name = "13700000010", "wang_lingchao"
	for password, want := range map[string]bool{
		"":                               false,
		"7 chars":                        false,
		"8 chars.":                       true,
		"我在教学楼丢了":                        false, // 7 characters of 21 bytes
		"我在教学楼丢了卡":                       true,
		strings.Repeat("长", 64):          true,
		strings.Repeat("长", 65):          false,
		phone:                            false,
		phone + "0":                      true,
		name:                             false,
		"Wang_Lingchao":                  false,
		name + "!":                       true,
		"password":                       false,
		"PassWord":                       false,
		"12345678":                       false,
		"hardcock":                       false, // the last of the list
		"correct horse battery staple":   true,
		"password ":                      true,
		"# Permission is hereby granted": true,
	} {
		if got := Allowed(password, phone, name); got != want {
			t.Errorf("%q is allowed: %t, want %t", password, got, want)
		}
	}
	if !Allowed("a password", "", "") {
		t.Error("a user without phone and name has no password")
	}
	if got := len(common()); got != 1000 {
		t.Errorf("the list has %d passwords, want 1000", got)
	}
}
