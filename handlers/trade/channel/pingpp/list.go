package pingpp

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"campusgate/handlers/trade/channel"
)

// How many entries of a list are in an answer, and how many answers are read of it.
const (
	pageSize = 100
	maxPages = 10
)

// list reads a list to its end, or until take says that it is done; take returns the id of
// an entry. A list that is longer than is read is [channel.ErrUnknown]: what is looked for
// may be behind.
func list[T any](ctx context.Context, c *Channel, path string, query url.Values, take func(T) (id string, done bool)) error {
	query.Set("limit", strconv.Itoa(pageSize))
	for range maxPages {
		var page struct {
			Object  string `json:"object"`
			HasMore bool   `json:"has_more"`
			Data    []T    `json:"data"`
		}
		if err := c.call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return err
		}
		if page.Object != "list" {
			return channel.Unknown("it is no list")
		}
		last := ""
		for _, entry := range page.Data {
			id, done := take(entry)
			if done {
				return nil
			}
			last = id
		}
		if !page.HasMore {
			return nil
		}
		if last == "" {
			return channel.Unknown("the list goes on behind nothing")
		}
		query.Set("starting_after", last)
	}
	return channel.Unknown("the list has more than %d entries", maxPages*pageSize)
}
