package words

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"campusgate/dispatch"
)

// checker knows the built-in words and these.
func checker(t testing.TB, own ...string) *Checker {
	t.Helper()
	c, err := New("own", strings.NewReader(strings.Join(own, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	c := checker(t, "password", "代考", "加vx", "出售K粉", "P2P", "Café", "вода", "ﾃｽﾄ語", "two words", "賭 博", "110")
	for _, text := range []string{
		"password", "PassWord", "my password.", "密码password是", "password1", "1password", "(password)", "ｐａｓｓｗｏｒｄ", "pássword",
		"𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝", "ⓟⓐⓢⓢⓦⓞⓡⓓ", "pass\u200bword", "pass\u00adword", "\u202epassword", "paſsword",
		"p.a.s.s.w.o.r.d", "p a s s w o r d", "I a m p-a*s_s/w\no🎲r\td x", "看p,a,s,s,w,o,r,d看",
		"代考", "找代考的", "代 考", "代*考", "代。考", "代\n考", "代\u200b考", "代\ufe0f考", "現代考古", "时代，考研", // met by chance
		"加vx", "加VX:123", "加 v x 123", "加v-x", "加ＶＸ123", "加vx聊", "出售K粉", "出售 k.粉", "出售ｋ粉",
		"p2p", "P 2 P", "a P2P.", "Cafe", "c a f é", "ВОДА!", "テスト语", "two words", "two, words", "t w o w o r d s", "赌博", "賭博", "赌.博", "打110!", "1-1-0",
		strings.Repeat("a", 30000) + " password",
	} {
		if !c.Refuses(text) {
			t.Errorf("takes %.40q", text)
		}
	}
	for _, text := range []string{
		"", " ", "pass", "pass word", "pass-word", "passwords", "mypassword", "passwörter", "p.ass.word", "passw ord", "pa ss wo rd", "p a s s w o r",
		"代", "考代", "代a考", "代1考", "vx", "加v", "加vxy", "加a vx", "v加x", "出售OK粉", "p2", "2p", "P22P", "cafes", "водами",
		"twowords", "two other words", "words two", "1100", "11 0", "1.10", "no refused word", "\x00\xff\xfe",
		strings.Repeat("passwor ", 10000),
	} {
		if c.Refuses(text) {
			t.Errorf("refuses %.40q", text)
		}
	}
}

// The built-in words refuse what they are for, and no text that a student writes
// honestly.
func TestBuiltInWords(t *testing.T) {
	t.Parallel()
	c := checker(t)
	for _, text := range []string{
		"兼職刷單，日賺千元", "网络 赌*博网站", "專業代辦畢業證", "四六级答案，考前发", "F.A.K.E I.D", "buy Heroin here", "出售Ｋ粉", "论 文 代 写", "Online-Casino",
	} {
		if !c.Refuses(text) {
			t.Errorf("takes %q", text)
		}
	}
	for _, text := range []string{
		"现代考古学教材", "这个时代，考研的人很多", "代替考虑一下", "印刷单位：出版社", "惹了大麻烦", "洗钱包，去污剂", "好笑气氛", "枪手电影海报",
		"办理毕业证请到教务处", "身份证复印件", "银行卡丢了", "刷卡机", "收购旧书", "考试资料，有答案", "毕业论文写作指导", "隐形眼镜", "博彩众长", "网上赌气", "真人CS",
		"heroine", "The heroines of Casino Royale", "cocain", "fake identity", "an online shop", "essay", "a fake student id",
		"浙江科技学院东和公寓3号楼301室", "杭州市西湖区留和路318号", "王小明", "O'Neill-Smith", "+86 137-0000-0000",
		"寒假学生证丢了", "国庆放假身份证丢失", "暑假驾照速成班", "寒假毕业证领取", "暑假发票报销", "南京六合彩虹小区3幢", "杭州百家乐器行楼上",
		"出售木马摇椅", "出售试题集", "出售答案之书", "时时彩排", "棋牌上分类", "碎冰毒辣太阳", "孩子听话水杯", "在线赌博物馆", "这台电脑不可卡，因为内存大",
		"手机", "数码", "租房", "服装", "居家", "美妆", "运动", "家电", "玩具乐器",
	} {
		if c.Refuses(text) {
			t.Errorf("refuses %q", text)
		}
	}
}

// What a client is told names the key and never the word.
func TestCheck(t *testing.T) {
	t.Parallel()
	c := checker(t, "password")
	if err := c.Check(Text{"name", "pass"}, Text{"address", "word"}); err != nil {
		t.Errorf("got %v", err)
	}
	err := c.Check(Text{"name", "harmless"}, Text{"address", "a password"}, Text{"note", "password"})
	var failure *dispatch.Error
	if !errors.As(err, &failure) || failure.Status != dispatch.ContentRefused || failure.Detail != "address: has a refused word" {
		t.Errorf("got %v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "words.txt")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("\ufeffpassword\r\n\r\n # a comment\n  禁 词  \npassword\n六合彩\nlast one")
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"password": true, "禁词": true, "Last one": true, "六合彩": true, "百家乐平台": true, "a comment": false} {
		if got := c.Refuses(text); got != want {
			t.Errorf("%s: refused %t, want %t", text, got, want)
		}
	}
	if c, err = Load(""); err != nil || !c.Refuses("百家乐平台") || c.Refuses("password") {
		t.Errorf("without a file: %v", err)
	}
	const length = "must be 2 to 64 letters, digits or Chinese characters"
	for content, want := range map[string]string{
		"ok\n\nx": path + ":3: " + length, "ok\n赌": path + ":2: " + length, "!?…": path + ":1: " + length, "*赌*": path + ":1: " + length,
		"# 1\n" + strings.Repeat("a", 65): path + ":2: " + length, "\xff\xfe": path + ":1: must be UTF-8", "ok\nd\xe9j\xe0": path + ":2: must be UTF-8",
		"ok\n" + strings.Repeat("a", 1<<20): path + ":2: must be at most 64 characters",
	} {
		write(content)
		if _, err := Load(path); err == nil || err.Error() != want {
			t.Errorf("%.20q: got %v, want %s", content, err, want)
		}
	}
	write(manyWords(12000))
	if _, err := Load(path); err == nil || !strings.HasSuffix(err.Error(), ": there are more words than fit: about 10922 of four Chinese characters do") {
		t.Errorf("got %v", err)
	}
	write(strings.Repeat("a", 64) + "\n" + strings.Repeat("字", 64) + "\n" + manyWords(5000))
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
	absent := filepath.Join(path, "absent")
	if _, err := Load(absent); err == nil || !strings.Contains(err.Error(), absent) {
		t.Errorf("got %v", err)
	}
}

// manyWords are words of four Chinese characters, one a line.
func manyWords(count int) string {
	var list strings.Builder
	for i := range count {
		for range 3 {
			list.WriteRune(rune(0x4e00 + i%26))
			i /= 26
		}
		list.WriteString("字\n")
	}
	return list.String()
}

// What stands for a character stands for itself.
func TestLettersStand(t *testing.T) {
	t.Parallel()
	all := tableOfLetters()
	for r := range rune(0x110000) {
		if once := all.of(r); all.of(once) != once && once != unseen {
			t.Errorf("%U stands for %U, and that for %U", r, once, all.of(once))
		}
	}
	for from, want := range map[rune]rune{
		'A': 'a', 'Ａ': 'a', 'é': 'e', 'ſ': 's', 'K': 'k', '𝟗': '9', '①': '1', '９': '9', 'Ж': 'ж', 'ｶ': 'カ', 'ガ': 'カ', '賭': '赌', '豈': '岂', '字': '字', '한': '한', '𠮷': '𠮷', 'ß': 'ß',
		' ': sign, '-': sign, '🎲': sign, '，': sign, '\x00': sign, '½': sign, utf8.RuneError: sign,
		'\u200b': unseen, '\u0301': unseen, '\ufe0f': unseen, '\ufeff': unseen, '\u3164': unseen, '\u2062': unseen,
	} {
		if got := all.of(from); got != want {
			t.Errorf("%U stands for %U, want %U", from, got, want)
		}
	}
}

// A text of the greatest length takes well under a millisecond, whatever it is, and no
// memory but that of its form.
func TestRefusesAllocations(t *testing.T) {
	c := checker(t)
	for _, text := range []string{"浙江科技学院东和公寓", strings.Repeat("赌博网，", 5000), strings.Repeat("x ", 10000), strings.Repeat("𝐩1", 10000)} {
		if got := testing.AllocsPerRun(100, func() { c.Refuses(text) }); got > 1 {
			t.Errorf("%.10q: %v allocations", text, got)
		}
	}
}

func BenchmarkRefuses(b *testing.B) {
	c := checker(b)
	for name, text := range map[string]string{
		"name": "王小明", "chinese": strings.Repeat("出售银行没", 4000), "latin": strings.Repeat("online casin ", 1539), "spelled": strings.Repeat("x ", 10000),
		"emoji": strings.Repeat("🎲", 20000), "mathematical": strings.Repeat("𝐩1", 10000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Refuses(text)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	list := manyWords(5000)
	for name, own := range map[string]string{"built in": "", "5,000 more": list} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New("own", strings.NewReader(own)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
