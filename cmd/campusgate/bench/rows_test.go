package bench

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"net/url"
	"regexp"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// sides are the gateways and the floors of a campus.
type sides struct {
	server, uncached, quiet side // as by default; auth.cache_ttl off; log.level warn
	floor, uncachedFloor    side
}

// launchSides starts them all.
func (c *benchCampus) launchSides(t testing.TB) sides {
	t.Helper()
	cached, uncached := c.floor, c.floor
	cached.CacheTTL = 2 * time.Second
	return sides{
		server:        c.gateways(t),
		uncached:      c.gateways(t, "CAMPUSGATE_AUTH_CACHE_TTL=0s"),
		quiet:         c.gateways(t, "CAMPUSGATE_LOG_LEVEL=warn"),
		floor:         c.floors(t, cached),
		uncachedFloor: c.floors(t, uncached),
	}
}

func (c *benchCampus) gateways(t testing.TB, more ...string) side {
	t.Helper()
	s := side{environ: append(c.environ[:len(c.environ):len(c.environ)], more...), counts: true}
	for range c.replicas {
		s.processes = append(s.processes, launchGateway(t, s.environ))
	}
	return s
}

func (c *benchCampus) floors(t testing.TB, options floorOptions) side {
	t.Helper()
	s := side{counts: true}
	for range c.replicas {
		s.processes = append(s.processes, launchFloor(t, options))
	}
	return s
}

// callRows are the calls whose floor does the same.
func callRows(s sides) []contest {
	validate := campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)), 200)
	info := productInfo()
	shops := campusgatetest.Asking(campusgatetest.Posting("/get/shop"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("shop/list", `{}`)), 200)
	found := campusgatetest.Asking(campusgatetest.Getting("/api/external/get/property"+campusgatetest.CampusQuery(0)+"&type=1&lab="+url.QueryEscape(campusgatetest.FoundWord), ""), 200)
	all := campusgatetest.Asking(campusgatetest.Getting("/api/external/get/property"+campusgatetest.CampusQuery(0)+"&type=2", ""), 200)
	return []contest{
		{name: "img/validate", server: s.server, floor: s.floor, work: validate, same: true, judge: ofFloor(0.95)},
		{name: "img/validate, no request log", server: s.quiet, floor: s.floor, work: validate, same: true, judge: ofFloor(0.95)},
		{name: "product/info, auth.cache_ttl 0", server: s.uncached, floor: s.uncachedFloor, work: info, same: true, judge: ofFloor(0.90)},
		{name: "product/info, auth.cache_ttl 2s", server: s.server, floor: s.floor, work: info, same: true, judge: ofFloor(0.90)},
		{name: "product/info, no request log", server: s.quiet, floor: s.floor, work: info, same: true, judge: ofFloor(0.90)},
		{name: "shop/list, 30 rows", server: s.server, floor: s.floor, work: shops, same: true, judge: ofFloor(0.90)},
		{name: "GET property, 50 found in 1,000", server: s.server, floor: s.floor, work: found, same: true, judge: ofFloor(0.90)},
		{name: "GET property, 1,000 rows", server: s.server, floor: s.floor, work: all, same: true, judge: ofFloor(0.90)},
		{name: "product/detail", server: s.server, floor: s.floor, work: asking("/browse", "product/detail", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusGoods(0))), same: true, judge: ofFloor(0.90)},
		{name: "course/info, 50 sections", server: s.server, floor: s.floor, work: asking("/browse", "course/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusCourse)), same: true, judge: ofFloor(0.90)},
		{name: "cart/list, 100 lines", server: s.server, floor: s.floor, work: asking("/cart", "cart/list", `{"count":100}`), same: true, judge: ofFloor(0.90)},
		{name: "order/prepare, 50 lines from 10 sellers", server: s.server, floor: s.floor, work: asking("/order", "order/prepare", campusgatetest.CampusOrder()), judge: slower(1.3)},
		{name: "purchase/apply + pay", server: s.server, floor: s.floor, work: campusgatetest.Buy, judge: ofFloor(0.75)}, // 0.85, less 0.1 for the row of the ledger,
		{name: "order/commit + pay", server: s.server, floor: s.floor, work: campusgatetest.Order, judge: ofFloor(0.80)},
	}
}

// asking sends a call as the user 0.
func asking(path, call, data string) campusgatetest.Work {
	return campusgatetest.Asking(campusgatetest.Posting(path+campusgatetest.CampusQuery(0), campusgatetest.Envelope(call, data)), 200)
}

func productInfo() campusgatetest.Work {
	return campusgatetest.Asking(campusgatetest.Posting("/get/product"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("product/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusProduct(0)))), 200)
}

var clicks = regexp.MustCompile(`"product_click":\d+`)

// withoutClicks is an answer without what differs each time.
func withoutClicks(body []byte) string { return string(clicks.ReplaceAll(body, nil)) }

// photo is the base64, without padding, of a JPEG of about so many bytes, which
// compresses as a photo does.
func photo(t testing.TB, size int) (encoded string) {
	t.Helper()
	width := 1280 * size / (900 << 10)
	height := 960
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range drawn.Pix {
		x, y := i/4%width, i/4/width
		drawn.Pix[i] = byte(x*y>>12 + (i&3)*x>>4 + rand.IntN(48))
	}
	var buffer bytes.Buffer
	for quality := 90; quality > 30 && (buffer.Len() == 0 || buffer.Len() > size); quality-- {
		buffer.Reset()
		must(t, jpeg.Encode(&buffer, drawn, &jpeg.Options{Quality: quality}))
	}
	// What follows a picture's end belongs to its bytes: the size is exact, and a
	// multiple of 3, so that its last 4 characters are 3 bytes that nobody draws.
	buffer.Write(make([]byte, size-buffer.Len()+3-size%3))
	return base64.StdEncoding.EncodeToString(buffer.Bytes())
}

// uploading uploads the picture, each time with other last bytes: a new picture.
func uploading(encoded string) campusgatetest.Work {
	const end = `"}}`
	request := campusgatetest.Posting("/pic"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("pic/upload", `{"from":"shop","base64":"`+encoded+`"}`))
	return func(c *campusgatetest.Connection) error {
		if c.Request == nil {
			c.Request = bytes.Clone(request)
		}
		last := c.Request[len(c.Request)-len(end)-4:][:4]
		base64.StdEncoding.Encode(last, []byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())})
		if _, err := c.Ask(c.Request); err != nil {
			return err
		}
		if !bytes.Contains(c.Body, []byte(`"status":0,`)) {
			return fmt.Errorf("pic/upload: %s", c.Body)
		}
		return nil
	}
}

// uploadRow is an upload beside its decoding, checking and hashing alone.
func uploadRow(t testing.TB, e effort, s sides) contest {
	t.Helper()
	encoded := photo(t, e.photo)
	for _, floor := range campusgatetest.Dial(t, s.floor.addresses(), len(s.floor.processes)) {
		given := fmt.Appendf(nil, "POST /upload HTTP/1.1\r\nHost: campus\r\nContent-Length: %d\r\n\r\n%s", len(encoded), encoded)
		must(t, campusgatetest.Asking(given, 200)(floor))
	}
	return contest{
		name: "pic/upload, 900 KB", server: s.server, floor: s.floor, judge: cpuAtMost(1.3), once: true,
		work: uploading(encoded), floorWork: campusgatetest.Asking(campusgatetest.Getting("/alone", ""), 200),
	}
}

// pictureRows are pictures beside nginx.
func pictureRows(t *testing.T, s sides) []contest {
	t.Helper()
	picture, encoded := campusgatetest.Noise(t, 112) // about 50 KB
	at := campusgatetest.Dial(t, s.server.addresses(), 1)[0]
	must(t, campusgatetest.Asking(campusgatetest.Posting("/pic"+campusgatetest.CampusQuery(0), campusgatetest.Envelope("pic/upload", `{"from":"shop","base64":"`+encoded+`"}`)), 200)(at))
	path := "/api/external/get/pic/shop/" + campusgatetest.MD5(picture)
	logged, quiet := launchNginx(t, picture, true), launchNginx(t, picture, false)
	tag := tagOf(t, logged.addresses()[0])
	show, floorShow := campusgatetest.Asking(campusgatetest.Getting(path, ""), 200), campusgatetest.Asking(campusgatetest.Getting(nginxPicture, ""), 200)
	unchanged := campusgatetest.Asking(campusgatetest.Getting(path, `If-None-Match: "`+campusgatetest.MD5(picture)+"\"\r\n"), 304)
	floorUnchanged := campusgatetest.Asking(campusgatetest.Getting(nginxPicture, "If-None-Match: "+tag+"\r\n"), 304)
	return []contest{
		{name: "GET pic, 50 KB", server: s.server, floor: logged, work: show, floorWork: floorShow, same: true, judge: ofFloor(1)},
		{name: "GET pic, 50 KB, no request log", server: s.quiet, floor: quiet, work: show, floorWork: floorShow, same: true, judge: ofFloor(1)},
		{name: "GET pic, If-None-Match", server: s.server, floor: logged, work: unchanged, floorWork: floorUnchanged, judge: ofFloor(1)},
		{name: "GET pic, If-None-Match, no request log", server: s.quiet, floor: quiet, work: unchanged, floorWork: floorUnchanged, judge: ofFloor(1)},
	}
}

// tagOf is nginx' own tag of the picture.
func tagOf(t testing.TB, address string) string {
	t.Helper()
	return campusgatetest.Get(t, "http://"+address+nginxPicture).Header.Get("ETag")
}

// grownRows compare a campus with one of few rows, asked the same.
func grownRows(server, floor side) []contest {
	own := campusgatetest.CampusQuery(0)
	list := func(path, call, data string) campusgatetest.Work {
		return campusgatetest.Asking(campusgatetest.Posting(path+own, campusgatetest.Envelope(call, data)), 200)
	}
	key := url.QueryEscape(campusgatetest.RareWord)
	var rows []contest
	for _, row := range []struct {
		name string
		work campusgatetest.Work
		max  float64
	}{
		{"GET property by type, page 3", campusgatetest.Asking(campusgatetest.Getting("/api/external/get/property"+own+"&type=1&page=3&count=20", ""), 200), 2},
		{"product/list by type, page 3", list("/get/product", "product/list", `{"type":"up","page":3,"count":20}`), 2},
		{"product/list by shop", list("/get/product", "product/list", `{"shop_id":100000000,"page":1,"count":20}`), 2},
		{"shop/list by user", list("/get/shop", "shop/list", `{"mode":1,"page":1,"count":20}`), 2},
		{"purchase/list by user", list("/purchase", "purchase/list", `{"page":1,"count":20}`), 2},
		{"order/list of a shop", list("/order", "order/list", `{"role":"seller","page":1,"count":20}`), 2},
		{"order/list of a shop, by state", list("/order", "order/list", `{"role":"seller","state":"need_send","page":1,"count":20}`), 2},
		{"message/list of a conversation", list("/message", "message/list", fmt.Sprintf(`{"user_id":%s,"product_id":%d,"count":20}`, campusgatetest.CampusUser(1), campusgatetest.CampusProduct(0))), 2},
		{"GET property by key, 20 found", campusgatetest.Asking(campusgatetest.Getting("/api/external/get/property"+own+"&type=1&key="+key, ""), 200), 3},
	} {
		rows = append(rows, contest{name: row.name, server: server, floor: floor, work: row.work, judge: slower(row.max), once: true})
	}
	return rows
}
