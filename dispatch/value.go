package dispatch

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen, a hundredth of a yuan. On the wire it is a
// JSON number of yuan with at most two decimals.
type Fen int64

// MarshalJSON writes yuan: 1050 is 10.5.
func (f Fen) MarshalJSON() ([]byte, error) { return f.append(make([]byte, 0, 16)), nil }

// UnmarshalJSON reads what MarshalJSON wrote, as an answer that is kept.
func (f *Fen) UnmarshalJSON(text []byte) error {
	yuan, cents, _ := strings.Cut(string(text), ".")
	if yuan == "" || len(cents) > 2 {
		return fmt.Errorf("%q is no yuan with at most two decimals", text)
	}
	fen, err := strconv.ParseInt(yuan+(cents + "00")[:2], 10, 64)
	*f = Fen(fen)
	return err
}

func (f Fen) String() string { return string(f.append(nil)) }

func (f Fen) append(to []byte) []byte {
	if f < 0 {
		to, f = append(to, '-'), -f
	}
	to = strconv.AppendInt(to, int64(f/100), 10)
	switch cents := f % 100; {
	case cents == 0:
	case cents%10 == 0:
		to = append(to, '.', byte('0'+cents/10))
	default:
		to = append(to, '.', byte('0'+cents/10), byte('0'+cents%10))
	}
	return to
}

// maxFen bounds amounts to what float64, JavaScript's number, holds to the fen.
const maxFen = 1e13

// fenOf converts yuan. Noise up to a millionth of a fen is none (JavaScript says
// 0.1 + 0.2 = 0.30000000000000004), and so are the last bits of a large number.
func fenOf(yuan float64) (Fen, bool) {
	exact := yuan * 100
	rounded := math.Round(exact)
	noise := 1e-6 + math.Abs(exact)*0x1p-50
	if math.Abs(exact) > maxFen || math.Abs(exact-rounded) > noise {
		return 0, false
	}
	return Fen(rounded), true
}

// isDecimal reports whether text is -?[0-9]+(\.[0-9]+)?, the form of a float sent
// as text.
func isDecimal(text []byte) bool {
	i := 0
	if byteAt(text, 0) == '-' {
		i = 1
	}
	end := skipDigits(text, i)
	if end == i {
		return false
	}
	if byteAt(text, end) == '.' {
		start := end + 1
		if end = skipDigits(text, start); end == start {
			return false
		}
	}
	return end == len(text)
}

const asciiSpace = " \t\n\v\f\r"

// maxDataURLPrefix bounds the prefix of a data URL, data:image/png;base64, in bytes.
const maxDataURLPrefix = 256

// decodeBase64 reads the standard alphabet with or without padding, and with or
// without the prefix of a data URL. ASCII white space is ignored: rarely there, it
// is looked for only where the text does not decode as it stands.
func decodeBase64(text []byte) ([]byte, bool) {
	text = bytes.TrimLeft(text, asciiSpace)
	if comma := bytes.IndexByte(text[:min(len(text), maxDataURLPrefix)], ','); comma >= 0 {
		prefix := bytes.ToLower(withoutSpace(text[:comma])) // a scheme's case does not matter
		if !bytes.HasPrefix(prefix, []byte("data:")) || !bytes.HasSuffix(prefix, []byte(";base64")) {
			return nil, false
		}
		text = text[comma+1:]
	}
	decoded, err := decodePadded(text)
	if err != nil {
		decoded, err = decodePadded(withoutSpace(text))
	}
	return decoded, err == nil
}

func decodePadded(text []byte) ([]byte, error) {
	encoding := base64.StdEncoding
	if !bytes.HasSuffix(text, []byte("=")) {
		encoding = base64.RawStdEncoding
	}
	decoded := make([]byte, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(decoded, text)
	return decoded[:n], err
}

func withoutSpace(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if strings.ContainsRune(asciiSpace, r) {
			return -1
		}
		return r
	}, text)
}
