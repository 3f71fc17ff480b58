package market

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"campusgate/storage/pictures"
)

var (
	// browsers read an address without the line ends and tabs in it.
	lineEnds = strings.NewReplacer("\t", "", "\n", "", "\r", "")
	// lonePercent matches an escape, or a % that begins none.
	lonePercent = regexp.MustCompile(`%(?:[0-9A-Fa-f]{2})?`)
)

// cleanAddress is the address of a link or a picture as a browser understands it, in
// a form that [url.Parse] does, too: with blanks and lone % escaped. A data: address
// is that of a picture, and only a picture may have one: it is "" otherwise.
func cleanAddress(address string, ofPicture bool) string {
	address = lineEnds.Replace(strings.TrimFunc(address, func(r rune) bool { return r <= ' ' }))
	const scheme = "data:"
	if len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
		if !ofPicture {
			return ""
		}
		return dataPicture(address[len(scheme):])
	}
	address = strings.ReplaceAll(address, " ", "%20")
	if !strings.Contains(address, "%") {
		return address
	}
	return lonePercent.ReplaceAllStringFunc(address, func(escape string) string {
		if escape == "%" {
			return "%25"
		}
		return escape
	})
}

// plainPicture is how dataPicture begins.
var plainPicture = regexp.MustCompile(`^image/[a-z-]+;base64,`)

// isDataPicture is the sanitiser's own look at what dataPicture has written.
func isDataPicture(source *url.URL) bool {
	return plainPicture.MatchString(source.Opaque) && source.RawQuery == "" && source.Fragment == ""
}

// pictureTypes are media types of pictures as programs spell them. What a browser
// draws does not depend on the type, but for SVG, which is not wanted.
var pictureTypes = regexp.MustCompile(`^image/(?:(?:x-)?png|apng|p?jpe?g|gif|(?:x-|x-ms-)?bmp|webp|avif)$`)

// dataPicture is the data: address of a picture in its one plain spelling, or "". It
// takes what the Fetch standard does: any case, parameters, blanks in the base64, no
// padding, escapes in place of characters or of the bytes themselves.
func dataPicture(data string) string {
	head, body, found := strings.Cut(data, ",")
	if !found {
		return ""
	}
	parts := strings.Split(strings.ToLower(head), ";")
	last := strings.TrimSpace(parts[len(parts)-1])
	body, _, _ = strings.Cut(body, "#")
	picture, err := []byte(unescape(body)), error(nil)
	if last == "base64" && len(parts) > 1 {
		picture, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(withoutBlanks.Replace(string(picture)), "="))
	}
	if err != nil {
		return ""
	}
	mediaType := strings.TrimSpace(parts[0])
	if !pictureTypes.MatchString(mediaType) {
		// A phone's file without a type, or with a wrong one: the bytes decide.
		if mediaType, err = pictures.Inspect(picture); err != nil {
			return ""
		}
	}
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(picture)
}

var withoutBlanks = strings.NewReplacer(" ", "", "\f", "")

// unescape undoes escapes; a % that begins none stands for itself.
func unescape(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return lonePercent.ReplaceAllStringFunc(text, func(escape string) string {
		plain, err := url.PathUnescape(escape)
		if err != nil {
			return escape
		}
		return plain
	})
}

// videoAddress is where the video is that a token would embed, as the sites' codes
// and the page's editor write it, or "". The frame goes, and its address stays as text.
func videoAddress(token html.Token) (address string) {
	whole := func(a html.Attribute) bool { return strings.Contains(strings.ToLower(a.Key), "allowfullscreen") }
	if token.Data != "video" && (token.Data != "iframe" && token.Data != "embed" || !slices.ContainsFunc(token.Attr, whole)) {
		return ""
	}
	for _, a := range token.Attr {
		if a.Key == "src" {
			address = strings.TrimSpace(a.Val)
		}
	}
	if !videoSource.MatchString(address) {
		return ""
	}
	return address
}

var videoSource = regexp.MustCompile(`^(?i:https?:)?//[^\s<>"']{1,500}$`)
