package pingpptest

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"testing"
)

// gatewayPath is of Alipay's pages.
const gatewayPath = "/gateway.do"

// alipay is where a browser pays that uses Alipay by Ping++.
func (s *Service) alipay() string {
	if s.pages == nil {
		return "https://mapi.alipay.com" + gatewayPath
	}
	return s.pages.URL + gatewayPath
}

// ServePages has charges from now on paid on a page of this service instead of Alipay's, by
// https with a certificate that nobody knows: its button pays, and sends the browser back.
func (s *Service) ServePages(t testing.TB) {
	t.Helper()
	pages := httptest.NewTLSServer(http.HandlerFunc(s.page))
	t.Cleanup(pages.Close)
	s.change(func() { s.pages = pages })
}

func (s *Service) page(w http.ResponseWriter, r *http.Request) {
	no := r.URL.Query().Get("out_trade_no")
	if r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="zh-CN"><link rel="icon" href="data:,"><title>支付宝</title>
<form method="post" action="%s?out_trade_no=%s"><button>确认付款</button></form>`, gatewayPath, html.EscapeString(no))
		return
	}
	if !s.Pay(no) {
		http.Error(w, "it cannot be paid", http.StatusBadRequest)
		return
	}
	var place string
	s.change(func() {
		extra, _ := s.find(no).Fields["extra"].(map[string]any)
		place, _ = extra["success_url"].(string)
	})
	http.Redirect(w, r, place, http.StatusSeeOther)
}
