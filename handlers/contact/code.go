package contact

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-json"

	"campusgate/handlers/contact/mail"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// codes mails codes, as jobs: nobody's request waits for a mail server.
type codes struct{ Deps }

// run mails one code. One that has expired is mailed to nobody. A mail that the server may
// have taken is not sent again: whoever waits for the code asks for another.
func (c codes) run(ctx context.Context, job storage.Job) error {
	var code wire.MailedCode
	if err := json.Unmarshal([]byte(job.Data), &code); err != nil {
		return errors.New("the job's data is unreadable") // an error of the library repeats it
	}
	now, err := c.Now(ctx)
	if err != nil || now >= code.Expires {
		return err
	}
	minutes := wire.MailCodeTime / time.Minute
	text := fmt.Sprintf("验证码 %s，%d 分钟内有效。如果不是您本人操作，请忽略这封邮件。\n\n"+
		"Your code is %[1]s. It expires in %[2]d minutes.\n", code.Code, minutes)
	err = c.Mail.Send(ctx, code.To, "验证码 / Verification code", text, "code-"+strings.ReplaceAll(job.Key, " ", "-"))
	if _, refused := errors.AsType[*mail.RefusedError](err); refused || errors.Is(err, mail.ErrUnconfirmed) {
		c.Logger.WarnContext(ctx, "a mail with a code was not taken", "address", wire.MaskEmail(code.To), "error", err)
		return nil
	}
	return err
}
