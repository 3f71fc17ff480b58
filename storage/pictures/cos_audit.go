package pictures

import (
	"context"
	"errors"
	"fmt"

	"github.com/tencentyun/cos-go-sdk-v5"
)

// A Verdict is what an audit says of what a picture shows.
type Verdict int

// The verdicts, from the best to the worst.
const (
	Normal    Verdict = iota + 1
	Suspected         // a person has to look
	Forbidden
)

// Of an animation the first frames are audited. Pictures above 5 MiB are made smaller
// before: they are refused otherwise.
var auditing = cos.ImageRecognitionOptions{
	CIProcess: "sensitive-content-recognition", Interval: 1, MaxFrames: 30, LargeImageDetect: 1,
}

// errNoAuditing is what a bucket says that knows nothing of it.
var errNoAuditing = errors.New("the bucket does not audit contents: is it bound to Cloud Infinite (CI)?")

// Audit has the bucket's own content auditing look at a picture, by the rules that the
// operator has set there. It fails as Get does; a picture that cannot be audited is a
// failure too.
func (c *COS) Audit(ctx context.Context, key Key) (verdict Verdict, err error) {
	if key.check() != nil {
		return 0, fmt.Errorf("audit picture: %w", ErrNotFound)
	}
	err = c.try(ctx, func(ctx context.Context) error {
		verdict, err = c.audit(ctx, key)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("audit picture in COS: %w", err)
	}
	return verdict, nil
}

func (c *COS) audit(ctx context.Context, key Key) (Verdict, error) {
	options := auditing
	found, _, err := c.contents.ImageAuditing(ctx, c.prefix+key.String(), &options)
	if errors.Is(known(err), ErrNotFound) {
		if _, err := c.version(ctx, key); err != nil {
			return 0, err
		}
		return 0, errNoAuditing
	}
	if err != nil {
		return 0, err
	}
	switch {
	case found.State != "" && found.State != "Success":
		return 0, fmt.Errorf("the auditing ended as %q", found.State)
	case found.Result == 0 && found.Label == "Normal": // an answer without a result is none
		return Normal, nil
	case found.Result == 1:
		return Forbidden, nil
	case found.Result == 2:
		return Suspected, nil
	default:
		return 0, fmt.Errorf("the auditing answered result %d, label %q", found.Result, found.Label)
	}
}
