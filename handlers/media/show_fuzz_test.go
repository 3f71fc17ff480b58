package media

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzReferer: a page that may embed has, as plain text says, one of the hosts
// that are allowed, whatever stands around it.
func FuzzReferer(f *testing.F) {
	for _, seed := range []string{
		"http://www.zustservice.cn/", "https://WWW.zustservice.cn:8443/shop?a=b#c", "http://www.zustservice.cn.evil.cn/", "http://evil.cn/www.zustservice.cn",
		"http://www.zustservice.cn@evil.cn/", "http://evil.cn#@www.zustservice.cn/", `http://evil.cn\@www.zustservice.cn/`, "//www.zustservice.cn", "www.zustservice.cn",
		"http://a.campus.example./", "http://campus.example/", "http://[::1]/", "http://%77ww.zustservice.cn/", "javascript://www.zustservice.cn/%0aalert(1)", "http://a.campus.example\x00/",
		"http:/www.zustservice.cn", "http:www.zustservice.cn", "http://www.zustservice.cn:x/", "http://gate.example:80/",
		"http://www.zustservice.cn/100%", "http://evil.cn/%//www.zustservice.cn/", "http:/%//www.zustservice.cn/", "http://www.zustservice.cn%/",
	} {
		f.Add(seed)
	}
	media := calls{Deps{Settings: Settings{AllowReferers: []string{"www.zustservice.cn", "*.campus.example", "127.0.0.1"}}}}
	authority := regexp.MustCompile(`^(?:[A-Za-z][-+.A-Za-z0-9]*:)?//(?:[^/?#\\]*@)?\[?([^/?#@\\\[\]]*?)\]?(?::[0-9]*)?(?:[/?#]|$)`)
	f.Fuzz(func(t *testing.T, referer string) {
		if !media.mayEmbed(referer, "gate.example:4081") {
			return
		}
		match := authority.FindStringSubmatch(referer)
		if match == nil {
			t.Fatalf("%q may embed, and has no host", referer)
		}
		host := strings.ToLower(strings.TrimSuffix(match[1], "."))
		if !slices.Contains([]string{"gate.example", "www.zustservice.cn", "127.0.0.1"}, host) && !strings.HasSuffix(host, ".campus.example") {
			t.Fatalf("%q may embed by its host %q", referer, host)
		}
	})
}
