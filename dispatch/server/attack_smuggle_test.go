package server

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const saySmuggled = `{"id":666,"type":"echo","subtype":"say","data":{"text":"smuggled"}}`

// TestAttackSmuggling: requests whose end a proxy may see elsewhere, beyond those of
// TestUnreadable. Either all of it is refused, or one answer is given and the
// connection ends: what lies where the next request might begin is never served.
func TestAttackSmuggling(t *testing.T) {
	smuggled := postHeader + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(saySmuggled), saySmuggled)
	length := func(lines string) string { return postHeader + lines + "\r\n\r\n" + sayHi + smuggled }
	chunked := func(lines string) string {
		return postHeader + lines + "\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(sayHi), sayHi) + smuggled
	}
	right := fmt.Sprintf("Content-Length: %d", len(sayHi))
	tests := map[string]string{
		"a list of equal lengths":        length(fmt.Sprintf("%s, %d", right, len(sayHi))),
		"a list of lengths":              length(right + ", 0"),
		"a hexadecimal length":           length("Content-Length: 0x" + fmt.Sprintf("%x", len(sayHi))),
		"a length in wide digits":        length("Content-Length: ４"),
		"a length with a fraction":       length(right + ".0"),
		"a length beyond every number":   length("Content-Length: 18446744073709551616"),
		"a length of 2^64 and some":      length("Content-Length: 18446744073709551620"),
		"a length with a NUL":            length(right + "\x00"),
		"a length with words":            length(right + " bytes"),
		"an empty length":                length("Content-Length:"),
		"a second length in other case":  length(right + "\r\ncontent-length: 0"),
		"a line without a colon":         length(right + "\r\nNo colon here"),
		"a line without a name":          length(": x\r\n" + right),
		"a length with a blank before :": length("Content-Length : 4\r\n" + right),
		"a name with a NUL":              length("X\x00Any: a\r\n" + right),
		"a value with a NUL":             length("X-Any: a\x00b\r\n" + right),
		"a value with a bare CR":         length("X-Any: a\rContent-Length: 0\r\n" + right),
		"a bare CR for an end":           postHeader + right + "\r\r" + sayHi + smuggled,
		"two hosts":                      length("Host: other\r\n" + right),

		"chunked, then identity":        chunked("Transfer-Encoding: chunked, identity"),
		"identity, then chunked":        chunked("Transfer-Encoding: identity, chunked"),
		"chunked twice":                 chunked("Transfer-Encoding: chunked, chunked"),
		"chunked and more":              chunked("Transfer-Encoding: chunked x"),
		"quoted":                        chunked(`Transfer-Encoding: "chunked"`),
		"gzip, then chunked":            chunked("Transfer-Encoding: gzip, chunked"),
		"a vertical tab before it":      chunked("Transfer-Encoding: \x0bchunked"),
		"a NUL behind it":               chunked("Transfer-Encoding: chunked\x00"),
		"an empty one before it":        chunked("Transfer-Encoding:\r\nTransfer-Encoding: chunked"),
		"beside a length":               chunked("Transfer-Encoding: xchunked\r\nContent-Length: 4"),
		"beside a length, an empty one": chunked("Transfer-Encoding: \r\nContent-Length: 4"),

		"a chunk of negative length":    postHeader + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + smuggled,
		"a chunk with 0x":               postHeader + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk with a sign":           postHeader + "Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk longer than numbers":   postHeader + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk that is longer":        postHeader + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n" + smuggled,
		"a chunk without its end":       postHeader + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n" + smuggled,
		"a chunk without a length":      postHeader + "Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk that ends in LF":       postHeader + "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n" + smuggled,
		"the end with more behind it":   postHeader + "Transfer-Encoding: chunked\r\n\r\n0\r\nx" + smuggled,
		"a bare LF in an extension":     postHeader + "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a version of its own":          strings.Replace(length(right), "HTTP/1.1", "HTTP/1.1x", 1),
		"version 9":                     strings.Replace(length(right), "HTTP/1.1", "HTTP/9.9", 1),
		"no version":                    strings.Replace(length(right), " HTTP/1.1", "", 1),
		"HTTP/2's preface":              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + smuggled,
		"chunks in HTTP/1.0":            strings.Replace(chunked("Transfer-Encoding: chunked"), "HTTP/1.1", "HTTP/1.0", 1),
		"a blank before the first line": strings.Replace(length(right), "Host", " Host", 1),
		"a NUL in the path":             strings.Replace(length(right), "/open", "/op\x00en", 1),
	}
	server := start(t, func(o *Options) { o.ReadTimeout, o.IdleTimeout = 2*time.Second, 2*time.Second })
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			text := server.send(t, request+"\r\n\r\n")
			answers := bufio.NewReader(strings.NewReader(text))
			got := nextReply(t, answers)
			rest, _ := io.ReadAll(answers)
			if strings.Contains(text, "smuggled") || len(rest) > 0 || !got.closes {
				t.Errorf("%d, closes %t, %s then %.300q", got.status, got.closes, got.body, rest)
			}
			if got.status != http.StatusOK && got.status != http.StatusBadRequest {
				t.Errorf("HTTP %d %s", got.status, got.body)
			}
		})
	}
	t.Logf("%d ways to hide a request", len(tests))
}

// TestAttackFraming: what has one end only is served, and so is what follows.
func TestAttackFraming(t *testing.T) {
	chunk := fmt.Sprintf("%x", len(sayHi))
	tests := map[string]string{
		"a chunk extension":      postHeader + "Transfer-Encoding: chunked\r\n\r\n" + chunk + ";name=value\r\n" + sayHi + "\r\n0\r\n\r\n",
		"an extension of quotes": postHeader + "Transfer-Encoding: chunked\r\n\r\n" + chunk + ";a=\"b;c\"\r\n" + sayHi + "\r\n0;x\r\n\r\n",
		"chunks of one byte":     postHeader + "Transfer-Encoding: chunked\r\n\r\n" + oneByOne(sayHi) + "0\r\n\r\n",
		"a length with zeros":    postHeader + fmt.Sprintf("Content-Length: 000%d\r\n\r\n%s", len(sayHi), sayHi),
		"expecting to continue":  postHeader + fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(sayHi), sayHi),
		// RFC 9112, section 5.2: a fold is a blank.
		"a folded length":         postHeader + fmt.Sprintf("Content-Length:\r\n %d\r\n\r\n%s", len(sayHi), sayHi),
		"a folded line":           postHeader + fmt.Sprintf("X-Any: a\r\n Content-Length: 0\r\nContent-Length: %d\r\n\r\n%s", len(sayHi), sayHi),
		"a folded encoding":       postHeader + "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunk + "\r\n" + sayHi + "\r\n0\r\n\r\n",
		"an encoding in capitals": postHeader + "Transfer-Encoding: CHUNKED\r\n\r\n" + chunk + "\r\n" + sayHi + "\r\n0\r\n\r\n",
	}
	server := start(t, nil)
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			last := strings.Replace(postHeader, "Host", "Connection: close\r\nHost", 1) + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(saySmuggled), saySmuggled)
			text := strings.ReplaceAll(server.send(t, request+last), "HTTP/1.1 100 Continue\r\n\r\n", "")
			answers := bufio.NewReader(strings.NewReader(text))
			if got := nextReply(t, answers); got.body != saidHi {
				t.Errorf("answered %d %s", got.status, got.body)
			}
			if got := nextReply(t, answers); !strings.Contains(got.body, `"id":666,"status":0`) {
				t.Errorf("then %d %s", got.status, got.body)
			}
		})
	}
}

func oneByOne(text string) string {
	var chunks strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&chunks, "1\r\n%s\r\n", text[i:i+1])
	}
	return chunks.String()
}
