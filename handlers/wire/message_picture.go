package wire

import (
	"regexp"
	"strings"
)

// MessagePictures is the source of pictures in messages: no GET of other pictures shows them.
const MessagePictures = "message"

// messagePicturePath is what the URLs of message/upload have before the name.
const messagePicturePath = "/api/external/get/message/"

// messagePictureName is the form of their names: random, and no MD5.
var messagePictureName = regexp.MustCompile(`^[a-z2-7]{26}$`)

// MessagePictureURL is where a picture of a message is shown; "" for none.
func MessagePictureURL(prefix, name string) string {
	if name == "" {
		return ""
	}
	return prefix + messagePicturePath + name
}

// MessagePicture is the name of the picture that a URL of message/upload shows, whatever host
// is before its path; ok is false for every other text.
func MessagePicture(url string) (name string, ok bool) {
	at := strings.LastIndex(url, messagePicturePath)
	if at < 0 {
		return "", false
	}
	name = url[at+len(messagePicturePath):]
	return name, IsMessagePicture(name)
}

// IsMessagePicture reports whether a name has the form of those that message/upload gives.
func IsMessagePicture(name string) bool { return messagePictureName.MatchString(name) }
