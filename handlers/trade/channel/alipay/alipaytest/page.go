package alipaytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
)

// payPath is where the page's button posts to.
const payPath = "/pay"

// numberOf is the attempt of a URL of Create.
func numberOf(r *http.Request) string {
	var content content
	_ = json.Unmarshal([]byte(r.URL.Query().Get("biz_content")), &content) // Open has read it
	return content.OutTradeNo
}

// page is what a browser sees that opens a URL of Create: a button, which pays, tells the
// application, and sends the browser back.
func (s *Service) page(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		if err := s.Open(s.server.URL + r.URL.RequestURI()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="zh-CN"><link rel="icon" href="data:,"><title>支付宝</title>
<form method="post" action="%s?no=%s"><button>确认付款</button></form>`, payPath, html.EscapeString(numberOf(r)))
		return
	}
	no := r.URL.Query().Get("no")
	if !s.Pay(no) {
		http.Error(w, "it cannot be paid", http.StatusBadRequest)
		return
	}
	body, err := s.notification(no, nil)
	if err == nil {
		var response *http.Response
		if response, err = http.Post(s.NotifyURL(no), "application/x-www-form-urlencoded; charset=utf-8", bytes.NewReader(body)); err == nil { //nolint:noctx // the test ends it
			err = response.Body.Close()
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	s.mutex.Lock()
	place := s.trades[no].ReturnURL
	s.mutex.Unlock()
	http.Redirect(w, r, place, http.StatusSeeOther)
}
