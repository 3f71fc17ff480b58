package board

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// propertyRow is a notice on the wire, its fields in the document's order.
type propertyRow struct {
	ID             int64  `json:"id"`
	Type           int64  `json:"type" doc:"1: lost, 2: found"`
	State          int64  `json:"state" doc:"0: open, 1: closed"`
	Lab            string `json:"lab" doc:"labels, separated by |"`
	Title          string `json:"title"`
	Content        string `json:"content"`
	OccurrenceTime string `json:"occurrence_time"`
	UserID         string `json:"user_id" doc:"the user who published it"`
	UserName       string `json:"user_name"`
	UserPhone      string `json:"user_phone"`
	UserQQ         string `json:"user_qq"`
	User2ID        string `json:"user2_id" doc:"the user who answered it"`
	User2Name      string `json:"user2_name"`
	User2Phone     string `json:"user2_phone"`
	User2QQ        string `json:"user2_qq"`
	PublishTime    string `json:"publish_time"`
	UpdateTime     string `json:"update_time"`
	PicNum         int64  `json:"pic_num"`
	PicURL1        string `json:"pic_url1"`
	PicURL2        string `json:"pic_url2"`
	PicURL3        string `json:"pic_url3"`
}

func (p propertyCalls) row(n storage.Property) propertyRow {
	return propertyRow{
		ID: n.ID, Type: n.Type, State: n.State, Lab: n.Lab, Title: n.Title, Content: n.Content,
		OccurrenceTime: p.Clock.Text(n.OccurrenceTime),
		UserID:         n.UserID, UserName: n.UserName, UserPhone: n.UserPhone, UserQQ: n.UserQQ,
		User2ID: n.User2ID, User2Name: n.User2Name, User2Phone: n.User2Phone, User2QQ: n.User2QQ,
		PublishTime: p.Clock.Text(n.PublishTime), UpdateTime: p.Clock.Text(n.UpdateTime),
		PicNum: n.PicNum, PicURL1: n.PicURL1, PicURL2: n.PicURL2, PicURL3: n.PicURL3,
	}
}

// propertyID is the answer of add, update and delete.
type propertyID struct {
	UID int64 `json:"uid" doc:"the notice's id"`
}

// addProperty leaves out what the call ignores: id, user_id, user2_* and
// update_time.
type addProperty struct {
	Type           int64  `json:"type" rule:"required oneof=1|2" doc:"1: lost, 2: found"`
	State          int64  `json:"state" rule:"oneof=0|1" doc:"0: open, 1: closed"`
	Lab            string `json:"lab" rule:"required max=50" doc:"labels, separated by |"`
	Title          string `json:"title" rule:"required max=20"`
	Content        string `json:"content" rule:"required max=500"`
	OccurrenceTime string `json:"occurrence_time" rule:"present datetime" doc:"if empty, the publish_time"`
	UserName       string `json:"user_name" rule:"required max=10"`
	UserPhone      string `json:"user_phone" rule:"present max=15 number=whole"`
	UserQQ         string `json:"user_qq" rule:"present max=15 number=whole"`
	PublishTime    string `json:"publish_time" rule:"datetime" doc:"now if empty or absent"`
	PicNum         int64  `json:"pic_num" rule:"range=0..3" doc:"how many of the three pictures are given"`
	PicURL1        string `json:"pic_url1" rule:"when=pic_num>=1 max=1024"`
	PicURL2        string `json:"pic_url2" rule:"when=pic_num>=2 max=1024"`
	PicURL3        string `json:"pic_url3" rule:"when=pic_num>=3 max=1024"`
}

func (addProperty) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The notice belongs to the token's user. `update_time` equals `publish_time`; pictures beyond `pic_num` are ignored. With `market.review_goods` refused words are -305.",
		Example:  `{"type": 1, "lab": "测试", "title": "测试标题", "content": "我找到一件东西", "occurrence_time": "2019-04-22 16:17:42", "user_name": "王凌超", "user_phone": "123456", "user_qq": "893721708", "publish_time": ""}`,
		Statuses: []dispatch.Status{dispatch.ContentRefused},
	}
}

func (p propertyCalls) add(ctx context.Context, in addProperty) (propertyID, error) {
	published, err := p.Clock.Parse("publish_time", in.PublishTime, p.Clock.Unix())
	if err != nil {
		return propertyID{}, err
	}
	occurred, err := p.Clock.Parse("occurrence_time", in.OccurrenceTime, published)
	if err != nil {
		return propertyID{}, err
	}
	if err := p.DocumentWords.Check(words.Text{Key: "lab", Value: in.Lab}, words.Text{Key: "title", Value: in.Title},
		words.Text{Key: "content", Value: in.Content}, words.Text{Key: "user_name", Value: in.UserName}); err != nil {
		return propertyID{}, err
	}
	urls := [3]string{in.PicURL1, in.PicURL2, in.PicURL3}
	clear(urls[in.PicNum:])
	id, err := p.DB.InsertProperty(ctx, storage.Property{
		Type: in.Type, State: in.State, Lab: in.Lab, Title: in.Title, Content: in.Content,
		OccurrenceTime: occurred, UserID: dispatch.CallerFrom(ctx).User,
		UserName: in.UserName, UserPhone: in.UserPhone, UserQQ: in.UserQQ,
		PublishTime: published, UpdateTime: published,
		PicNum: in.PicNum, PicURL1: urls[0], PicURL2: urls[1], PicURL3: urls[2],
	})
	if err != nil {
		return propertyID{}, wire.DatabaseFailure(err)
	}
	return propertyID{UID: id}, nil
}

// updateProperty leaves out what the document's table does not list.
type updateProperty struct {
	ID             int64   `json:"id" rule:"required range=any" doc:"your own notice"`
	Type           *int64  `json:"type" rule:"filled oneof=1|2" doc:"1: lost, 2: found"`
	State          *int64  `json:"state" rule:"filled oneof=0|1" doc:"0: open, 1: closed"`
	Lab            *string `json:"lab" rule:"filled max=50" doc:"labels, separated by |"`
	Title          *string `json:"title" rule:"filled max=20"`
	Content        *string `json:"content" rule:"filled max=500"`
	OccurrenceTime string  `json:"occurrence_time" rule:"datetime" doc:"unchanged if empty"`
	UserID         *string `json:"user_id" rule:"filled number=whole" doc:"cannot be changed; any other than the token's user is -200"`
	UserName       *string `json:"user_name" rule:"filled max=10"`
	UserPhone      *string `json:"user_phone" rule:"max=15 number=whole"`
	UserQQ         *string `json:"user_qq" rule:"max=15 number=whole"`
	User2ID        *string `json:"user2_id" rule:"max=15 number=whole" doc:"the user who answered it"`
	User2Name      *string `json:"user2_name" rule:"max=10"`
	User2Phone     *string `json:"user2_phone" rule:"max=15 number=whole"`
	User2QQ        *string `json:"user2_qq" rule:"max=15 number=whole"`
	UpdateTime     string  `json:"update_time" rule:"datetime" doc:"now if empty or absent"`
}

func (updateProperty) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "An absent key leaves its field unchanged. If there is no such notice, or it is another user's, the status is -200. With `market.review_goods` refused words are -305.",
		Example:  `{"id": 12334567, "title": "测试标题", "content": "我找到一件东西"}`,
		Statuses: []dispatch.Status{dispatch.ContentRefused},
	}
}

func (p propertyCalls) update(ctx context.Context, in updateProperty) (propertyID, error) {
	user := dispatch.CallerFrom(ctx).User
	if in.UserID != nil && *in.UserID != user {
		return propertyID{}, notOwnProperty()
	}
	change := storage.PropertyChange{
		Type: in.Type, State: in.State, Lab: in.Lab, Title: in.Title, Content: in.Content,
		UserName: in.UserName, UserPhone: in.UserPhone, UserQQ: in.UserQQ,
		User2ID: in.User2ID, User2Name: in.User2Name, User2Phone: in.User2Phone, User2QQ: in.User2QQ,
	}
	var err error
	if change.UpdateTime, err = p.Clock.Parse("update_time", in.UpdateTime, p.Clock.Unix()); err != nil {
		return propertyID{}, err
	}
	if in.OccurrenceTime != "" {
		occurred, err := p.Clock.Parse("occurrence_time", in.OccurrenceTime, 0)
		if err != nil {
			return propertyID{}, err
		}
		change.OccurrenceTime = &occurred
	}
	if err := p.DocumentWords.Check(words.Given("lab", in.Lab), words.Given("title", in.Title), words.Given("content", in.Content),
		words.Given("user_name", in.UserName), words.Given("user2_name", in.User2Name)); err != nil {
		return propertyID{}, err
	}
	return propertyChanged(in.ID, p.DB.UpdateProperty(ctx, in.ID, user, change))
}

type deleteProperty struct {
	ID     int64   `json:"id" rule:"required range=any" doc:"your own notice"`
	UserID *string `json:"user_id" rule:"filled number=whole" doc:"any other than the token's user is -200"`
}

func (deleteProperty) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "If there is no such notice, or it is another user's, the status is -200.",
		Example: `{"id": 12334567, "user_id": "1180310086"}`,
	}
}

func (p propertyCalls) delete(ctx context.Context, in deleteProperty) (propertyID, error) {
	user := dispatch.CallerFrom(ctx).User
	if in.UserID != nil && *in.UserID != user {
		return propertyID{}, notOwnProperty()
	}
	return propertyChanged(in.ID, p.DB.DeleteProperty(ctx, in.ID, user))
}

// propertyChanged is the answer of a change of one notice.
func propertyChanged(id int64, err error) (propertyID, error) {
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return propertyID{}, notOwnProperty()
	case err != nil:
		return propertyID{}, wire.DatabaseFailure(err)
	}
	return propertyID{UID: id}, nil
}

func notOwnProperty() error {
	return dispatch.Fail(dispatch.DatabaseFailure, "id: no such notice, or another user's")
}

type listProperties struct {
	Type           int64   `json:"type" rule:"required oneof=1|2" doc:"1: lost, 2: found"`
	Key            *string `json:"key" doc:"part of lab, title or content, or a whole id or user_id; can be combined only with page and count"`
	ID             *int64  `json:"id" rule:"range=any" doc:"exact match"`
	State          *int64  `json:"state" rule:"range=any" doc:"exact match"`
	Lab            *string `json:"lab" doc:"part of the text"`
	Title          *string `json:"title" doc:"part of the text"`
	Content        *string `json:"content" doc:"part of the text"`
	OccurrenceTime string  `json:"occurrence_time" rule:"datetime" doc:"exact match"`
	UserID         *string `json:"user_id" doc:"part of the text"`
	UserName       *string `json:"user_name" doc:"part of the text"`
	UserPhone      *string `json:"user_phone" doc:"part of the text"`
	UserQQ         *string `json:"user_qq" doc:"part of the text"`
	User2ID        *string `json:"user2_id" doc:"part of the text"`
	User2Name      *string `json:"user2_name" doc:"part of the text"`
	User2Phone     *string `json:"user2_phone" doc:"part of the text"`
	User2QQ        *string `json:"user2_qq" doc:"part of the text"`
	PublishTime    string  `json:"publish_time" rule:"datetime" doc:"exact match"`
	UpdateTime     string  `json:"update_time" rule:"datetime" doc:"exact match"`
	PicNum         *int64  `json:"pic_num" rule:"range=any" doc:"exact match"`
	PicURL1        *string `json:"pic_url1" doc:"part of the text"`
	PicURL2        *string `json:"pic_url2" doc:"part of the text"`
	PicURL3        *string `json:"pic_url3" doc:"part of the text"`
	Page           *int64  `json:"page" rule:"range=1..1000000000000" doc:"all rows if neither page nor count is given"`
	Count          *int64  `json:"count" rule:"range=1..500" doc:"rows of a page; 20 if only page is given"`
}

func (listProperties) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example: `{"type": 1, "lab": "测试"}`,
		Notes:   "The request is sent as query parameters, and its failures have their own table. Partial matches ignore the case of A–Z; `%` and `_` have no special meaning; an empty text matches every row, an empty integer or time is refused. A parameter named `_` is ignored. The rows are sorted by `update_time`, then `id`, both descending. The answer's `id` is -1; if nothing matches, `data` is `[]`.",
	}
}

func (p propertyCalls) list(ctx context.Context, in listProperties) ([]propertyRow, error) {
	filter := storage.PropertyFilter{
		Type: in.Type, Key: in.Key, ID: in.ID, State: in.State, PicNum: in.PicNum,
		Lab: in.Lab, Title: in.Title, Content: in.Content,
		UserID: in.UserID, UserName: in.UserName, UserPhone: in.UserPhone, UserQQ: in.UserQQ,
		User2ID: in.User2ID, User2Name: in.User2Name, User2Phone: in.User2Phone, User2QQ: in.User2QQ,
		PicURL1: in.PicURL1, PicURL2: in.PicURL2, PicURL3: in.PicURL3,
	}
	for _, exact := range []struct {
		key, text string
		to        **int64
	}{
		{"occurrence_time", in.OccurrenceTime, &filter.OccurrenceTime},
		{"publish_time", in.PublishTime, &filter.PublishTime},
		{"update_time", in.UpdateTime, &filter.UpdateTime},
	} {
		if exact.text == "" {
			continue
		}
		unix, ok := p.Clock.Read(exact.text)
		if !ok {
			return nil, dispatch.Fail(dispatch.QueryTypeError, exact.key+": does not exist in the server's time zone")
		}
		*exact.to = &unix
	}
	notices, err := p.DB.Properties(ctx, filter, wire.Page(in.Page, in.Count))
	if err != nil {
		return nil, wire.DatabaseFailure(err)
	}
	rows := make([]propertyRow, len(notices))
	for i, notice := range notices {
		rows[i] = p.row(notice)
	}
	return rows, nil
}
