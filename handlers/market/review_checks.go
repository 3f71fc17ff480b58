package market

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// A finding is what the checks say of a version of a product: where the verdict is not
// [pictures.Normal], the note names the field.
type finding struct {
	verdict pictures.Verdict
	note    string
}

// check looks at the words of a version, and then at its pictures, outside of any
// transaction: they may take their time. Without an answer about a picture it fails.
func (d Deps) check(ctx context.Context, product storage.MarketDetail) (finding, error) {
	shown := readContent(product.Content)
	if note := d.refusedIn(product, shown); note != "" {
		return finding{pictures.Forbidden, note}, nil
	}
	if d.AuditPicture == nil {
		return finding{verdict: pictures.Normal}, nil
	}
	return d.audit(ctx, shownPictures(product, shown))
}

// refusedIn is a note of which field of a product has a refused word, "" where none has.
func (d Deps) refusedIn(product storage.MarketDetail, shown *content) string {
	texts := append([]words.Text{{Key: "product_name", Value: product.Name}, {Key: "product_key", Value: product.Key}}, shown.texts()...)
	if refused, ok := errors.AsType[*dispatch.Error](d.Words.Check(texts...)); ok {
		return refused.Detail
	}
	return ""
}

// A shownPicture is one that a product shows, by the field that it is in.
type shownPicture struct{ field, url string }

// shownPictures are all pictures of a product, each once.
func shownPictures(product storage.MarketDetail, shown *content) (all []shownPicture) {
	add := func(field, url string) {
		if url != "" && !slices.ContainsFunc(all, func(p shownPicture) bool { return p.url == url }) {
			all = append(all, shownPicture{field, url})
		}
	}
	for i, pic := range product.Pics {
		add(fmt.Sprintf("pics[%d]", i), pic)
	}
	add("pic_url", product.PicURL) // of goods it may be another
	for _, url := range shown.pictures {
		add("product_content", url)
	}
	return all
}

// maxAudited bounds the pictures of a product that are audited: each one costs money.
const maxAudited = 30

// audit is the worst that is found of pictures. One that is forbidden is enough, whatever
// was not answered about others.
func (d Deps) audit(ctx context.Context, all []shownPicture) (finding, error) {
	worst := finding{verdict: pictures.Normal}
	if len(all) > maxAudited {
		worst = finding{pictures.Suspected, all[maxAudited].field + ": there are more pictures than can be checked"}
		all = all[:maxAudited]
	}
	found, failures := make([]finding, len(all)), make([]error, len(all))
	var audits sync.WaitGroup
	for i, picture := range all {
		audits.Go(func() { found[i], failures[i] = d.auditOne(ctx, picture) })
	}
	audits.Wait()
	for _, f := range found {
		if f.verdict > worst.verdict {
			worst = f
		}
	}
	if worst.verdict == pictures.Forbidden {
		return worst, nil
	}
	return worst, errors.Join(failures...)
}

// auditOne is what is found of a picture. One that lies elsewhere may be another one
// tomorrow, so a person has to look.
func (d Deps) auditOne(ctx context.Context, picture shownPicture) (finding, error) {
	key, ok := wire.PictureKey(picture.url)
	if !ok {
		return finding{pictures.Suspected, picture.field + ": has a picture from elsewhere, which cannot be checked"}, nil
	}
	verdict, err := d.AuditPicture(ctx, key)
	switch {
	case errors.Is(err, pictures.ErrNotFound):
		return finding{pictures.Forbidden, picture.field + ": the picture is not there any more"}, nil
	case err != nil:
		return finding{}, err
	case verdict == pictures.Forbidden:
		return finding{verdict, picture.field + ": has a picture that is refused"}, nil
	case verdict == pictures.Suspected:
		return finding{verdict, picture.field + ": has a picture that an admin has to look at"}, nil
	default:
		return finding{verdict: verdict}, nil
	}
}
