package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// maxReason is how much of a server's text is shown, in characters.
const maxReason = 200

// failure is the error of a step that is not about the mail, with the server's answer or
// what the connection ended with.
func (s *Sender) failure(ctx context.Context, step string, err error) error {
	answer, answered := errors.AsType[*textproto.Error](err)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", step, ctx.Err())
	case !answered:
		return fmt.Errorf("%s: %s", step, oneLine(err.Error(), maxReason))
	}
	text := fmt.Sprintf("%d %s", answer.Code, oneLine(s.hide.Replace(answer.Msg), maxReason))
	if isDenial(answer.Code) {
		return fmt.Errorf("%s: %w: %s", step, ErrDenied, text)
	}
	return fmt.Errorf("%s: %s", step, text)
}

// isDenial reports whether a code is about an account (RFC 4954).
func isDenial(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// isRefusal reports whether a code is for good, and neither about how a command was
// written (500 to 504) nor about an account.
func isRefusal(code int) bool { return code/100 == 5 && code > 504 && !isDenial(code) }

// answer is the error of a step that is about the mail, of which the server decides.
func (s *Sender) answer(ctx context.Context, step string, err error) error {
	answer, ok := errors.AsType[*textproto.Error](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return s.failure(ctx, step, err)
	case isRefusal(answer.Code):
		return &RefusedError{Reason: codes(answer)}
	default:
		return fmt.Errorf("%s: the server answers %s", step, codes(answer))
	}
}

var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// codes are the numbers of an answer.
func codes(answer *textproto.Error) string {
	return strings.TrimSpace(strconv.Itoa(answer.Code) + " " + enhancedCode.FindString(answer.Msg))
}

// hiding takes the password out of what a server repeats.
func hiding(o Options) *strings.Replacer {
	if o.Password == "" {
		return strings.NewReplacer()
	}
	hide := []string{o.Password, "***"}
	for _, sent := range []string{o.Password, "\x00" + o.Username + "\x00" + o.Password} {
		hide = append(hide, base64.StdEncoding.EncodeToString([]byte(sent)), "***")
	}
	return strings.NewReplacer(hide...)
}
