package dispatch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Requests are walked in place: the values of an object are slices of the body,
// so a picture of a megabyte is neither copied nor decoded before its endpoint
// is known. The general decoders do not fit the protocol: they match keys in any
// letter case, copy their input, and turn a lone surrogate into U+FFFD unseen.

// maxDepth bounds nesting, and with it the stack of skipValue. It is what
// encoding/json allows.
const maxDepth = 10_000

var (
	errSyntax = errors.New("not a JSON object")
	errText   = errors.New("must be valid UTF-8 without NUL")
)

// members walks the keys of one JSON object.
type members struct {
	text     []byte
	position int
	started  bool
	// checked text was walked before: its strings need no second look for
	// control characters.
	checked bool
}

// openObject starts a walk over text, which must begin with an object.
func openObject(text []byte, checked bool) (members, bool) {
	start := skipSpace(text, 0)
	if byteAt(text, start) != '{' {
		return members{}, false
	}
	return members{text: text, position: start + 1, checked: checked}, true
}

// next returns the next key, unquoted, and its raw value. At the end of the
// object both are nil and position is behind its bracket.
func (m *members) next() (key, value []byte, err error) {
	i := skipSpace(m.text, m.position)
	if byteAt(m.text, i) == '}' {
		m.position = i + 1
		return nil, nil, nil
	}
	if m.started {
		if byteAt(m.text, i) != ',' {
			return nil, nil, errSyntax
		}
		i = skipSpace(m.text, i+1)
	}
	m.started = true
	keyEnd := skipString(m.text, i, m.checked)
	if keyEnd < 0 {
		return nil, nil, errSyntax
	}
	key = m.text[i+1 : keyEnd-1]
	if bytes.IndexByte(key, '\\') >= 0 {
		key, _ = unescape(key)
	}
	i = skipSpace(m.text, keyEnd)
	if byteAt(m.text, i) != ':' {
		return nil, nil, errSyntax
	}
	start := skipSpace(m.text, i+1)
	end := skipValue(m.text, start, 1, m.checked)
	if end < 0 {
		return nil, nil, errSyntax
	}
	m.position = end
	return key, m.text[start:end], nil
}

// elements walks one JSON list that was walked before.
type elements struct {
	text     []byte
	position int
}

// openList starts a walk over text, which is a list.
func openList(text []byte) elements { return elements{text, 1} }

// next returns the next raw value, nil at the end.
func (e *elements) next() []byte {
	start := skipSpace(e.text, e.position)
	if byteAt(e.text, start) == ',' {
		start = skipSpace(e.text, start+1)
	}
	end := skipValue(e.text, start, 1, true)
	if end < 0 {
		return nil // its bracket
	}
	e.position = end
	return e.text[start:end]
}

// byteAt is 0, which stands nowhere in JSON, behind the end.
func byteAt(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
		i++
	}
	return i
}

// skipValue returns the end of the value at i, or -1 if there is none.
func skipValue(text []byte, i, depth int, checked bool) int {
	switch byteAt(text, i) {
	case '"':
		return skipString(text, i, checked)
	case '{', '[':
		return skipContainer(text, i, depth+1, checked)
	case 't':
		return skipLiteral(text, i, "true")
	case 'f':
		return skipLiteral(text, i, "false")
	case 'n':
		return skipLiteral(text, i, "null")
	default:
		return skipNumber(text, i)
	}
}

func skipLiteral(text []byte, i int, literal string) int {
	if end := i + len(literal); end <= len(text) && string(text[i:end]) == literal {
		return end
	}
	return -1
}

// skipContainer skips an object or an array.
func skipContainer(text []byte, i, depth int, checked bool) int {
	if depth > maxDepth {
		return -1
	}
	isObject, closing := text[i] == '{', text[i]+2 // { and }, [ and ] are two apart in ASCII
	i = skipSpace(text, i+1)
	if byteAt(text, i) == closing {
		return i + 1
	}
	for {
		if isObject {
			if i = skipString(text, i, checked); i < 0 {
				return -1
			}
			if i = skipSpace(text, i); byteAt(text, i) != ':' {
				return -1
			}
			i = skipSpace(text, i+1)
		}
		if i = skipValue(text, i, depth, checked); i < 0 {
			return -1
		}
		i = skipSpace(text, i)
		switch byteAt(text, i) {
		case closing:
			return i + 1
		case ',':
			i = skipSpace(text, i+1)
		default:
			return -1
		}
	}
}

func skipNumber(text []byte, i int) int {
	if byteAt(text, i) == '-' {
		i++
	}
	switch c := byteAt(text, i); {
	case c == '0':
		i++
	case '1' <= c && c <= '9':
		i = skipDigits(text, i)
	default:
		return -1
	}
	if byteAt(text, i) == '.' {
		start := i + 1
		if i = skipDigits(text, start); i == start {
			return -1
		}
	}
	if c := byteAt(text, i); c == 'e' || c == 'E' {
		i++
		if c := byteAt(text, i); c == '+' || c == '-' {
			i++
		}
		start := i
		if i = skipDigits(text, start); i == start {
			return -1
		}
	}
	return i
}

func skipDigits(text []byte, i int) int {
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return i
}

// skipString returns the end of the string at i, behind its quote, or -1. Each
// byte is searched a bounded number of times, however many escapes there are.
func skipString(text []byte, i int, checked bool) int {
	if byteAt(text, i) != '"' {
		return -1
	}
	quote := i // the last one found: it ends the string, or is escaped
	for i++; ; {
		if quote < i {
			next := bytes.IndexByte(text[i:], '"')
			if next < 0 {
				return -1
			}
			quote = i + next
		}
		if checked && text[quote-1] != '\\' {
			return quote + 1 // nothing before it can escape it
		}
		run := text[i:quote]
		escape := bytes.IndexByte(run, '\\')
		if escape >= 0 {
			run = run[:escape]
		}
		if !checked && hasControl(run) {
			return -1
		}
		if escape < 0 {
			return quote + 1
		}
		if i = skipEscape(text, i+escape); i < 0 {
			return -1
		}
	}
}

// skipEscape returns the end of the escape sequence at i, or -1.
func skipEscape(text []byte, i int) int {
	switch byteAt(text, i+1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 <= len(text) {
			if _, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16); err == nil {
				return i + 6
			}
		}
	}
	return -1
}

// hasControl reports whether a byte below 0x20 is in text, eight bytes at a time:
// a picture's base64 passes through here.
func hasControl(text []byte) bool {
	const lows, highs = 0x0101010101010101, 0x8080808080808080
	var found uint64
	for len(text) >= 32 {
		a, b := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:])
		c, d := binary.LittleEndian.Uint64(text[16:]), binary.LittleEndian.Uint64(text[24:])
		found |= (a-lows*0x20)&^a | (b-lows*0x20)&^b | (c-lows*0x20)&^c | (d-lows*0x20)&^d
		text = text[32:]
	}
	if found&highs != 0 {
		return true
	}
	for _, c := range text {
		if c < 0x20 {
			return true
		}
	}
	return false
}

// unquote returns the text of a JSON string that was walked before. Text that a
// database cannot keep as it is, is refused with errText.
func unquote(raw []byte) ([]byte, error) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') >= 0 {
		unescaped, ok := unescape(inner)
		if !ok {
			return nil, errText
		}
		inner = unescaped
	}
	if !storable(inner) {
		return nil, errText
	}
	return inner, nil
}

// storable text is valid UTF-8 without NUL.
func storable(text []byte) bool {
	return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
}

// unescape resolves the escapes of a string's inside. It is not ok when a
// surrogate stands alone: that is no character.
func unescape(inner []byte) (text []byte, ok bool) {
	text, ok = make([]byte, 0, len(inner)), true
	for i := 0; i < len(inner); {
		if inner[i] != '\\' {
			next := bytes.IndexByte(inner[i:], '\\')
			if next < 0 {
				next = len(inner) - i
			}
			text = append(text, inner[i:i+next]...)
			i += next
			continue
		}
		switch c := inner[i+1]; c {
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		case 'u':
			r := hexRune(inner[i+2:])
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if i+12 <= len(inner) && inner[i+6] == '\\' && inner[i+7] == 'u' {
					low = hexRune(inner[i+8:])
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					ok = false
				} else {
					i += 6
				}
			}
			text = utf8.AppendRune(text, r)
			i += 4
		default:
			text = append(text, c)
		}
		i += 2
	}
	return text, ok
}

func hexRune(digits []byte) rune {
	value, _ := strconv.ParseUint(string(digits[:4]), 16, 16)
	return rune(value)
}
