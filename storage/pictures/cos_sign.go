package pictures

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// Object returns the one form of a link to an object of the bucket, below the bucket's path;
// ok is false for any other link.
func (c *COS) Object(link string) (object string, ok bool) {
	parsed, err := url.Parse(link)
	if err != nil || !strings.EqualFold(parsed.Host, c.bucket.Host) {
		return "", false
	}
	key := strings.TrimPrefix(path.Clean("/"+parsed.Path), "/")
	if key == "" || !strings.HasPrefix(key, c.prefix) {
		return "", false
	}
	return (&url.URL{Scheme: c.bucket.Scheme, Host: c.bucket.Host, Path: "/" + key}).String(), true
}

// Sign returns a link to an object, in the form of [COS.Object], that works for a time
// whatever the bucket's rights. It asks nobody.
func (c *COS) Sign(ctx context.Context, object string, valid time.Duration) (string, error) {
	parsed, err := url.Parse(object)
	if err != nil {
		return "", fmt.Errorf("sign link: %w", err)
	}
	signed, err := c.objects.GetPresignedURL(ctx, http.MethodGet, strings.TrimPrefix(parsed.Path, "/"), c.id, c.key, valid, nil)
	if err != nil {
		return "", fmt.Errorf("sign link: %w", err)
	}
	return signed.String(), nil
}
