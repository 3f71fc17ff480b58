// Package smstest is Tencent Cloud SMS, API 2021-01-11, inside a test: it verifies
// signatures and requests as the provider does, and answers what it is told to.
package smstest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/captcha/sms"
)

// The only account that the server knows.
const (
	SecretID   = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
	SecretKey  = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
	AppID      = "1400006666"
	Sign       = "校园平台"
	TemplateID = "449739"
	NoticeID   = "449740" // of the template of notices
	Region     = "ap-guangzhou"
)

// RequestID is that of every request.
const RequestID = "c7ae5b4b-9ad1-4a1e-a9b4-4f0b6a3c9d11"

// Message is an SMS that the server took: a code, or the words of a notice with blanks
// between them.
type Message struct{ Phone, Code string }

// Server is the provider.
type Server struct {
	t       *testing.T
	address string

	mutex    sync.Mutex
	server   *http.Server
	calls    int
	messages []Message
	refused  *failure // answers to each SMS
	broken   *failure // answers to each request
	raw      string   // answers each request, where it is not ""
	hanging  bool
	mute     bool // does as asked, and breaks the connection in place of an answer
}

// Start runs a server on a free port until the test ends.
func Start(t *testing.T) *Server {
	t.Helper()
	s := &Server{t: t, address: "127.0.0.1:0"}
	s.Restart()
	t.Cleanup(s.Stop)
	return s
}

// URL is the server's endpoint.
func (s *Server) URL() string { return "http://" + s.address }

// Options are those of the server's account, with a time-out that no test reaches.
func (s *Server) Options() sms.TencentOptions {
	return sms.TencentOptions{
		Endpoint: s.URL(), SecretID: SecretID, SecretKey: SecretKey, Region: Region,
		AppID: AppID, Sign: Sign, TemplateID: TemplateID, NoticeTemplateID: NoticeID, Timeout: 30 * time.Second,
	}
}

// Stop ends the server and its connections.
func (s *Server) Stop() {
	if err := s.server.Close(); err != nil {
		s.t.Error(err)
	}
}

// Restart runs a stopped server again, on the same port.
func (s *Server) Restart() {
	s.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{Handler: s}
	go func(server *http.Server) {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.t.Error(err)
		}
	}(s.server)
}

// Calls is how many requests came, of any kind.
func (s *Server) Calls() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.calls
}

// Messages are the SMS that were taken, in order.
func (s *Server) Messages() []Message {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.messages)
}

// Take answers as usual again.
func (s *Server) Take() { s.behave(func() {}) }

// RefuseMessages answers each SMS with a code of the provider.
func (s *Server) RefuseMessages(code, message string) {
	s.behave(func() { s.refused = &failure{code, message} })
}

// RefuseRequests answers each request, once it is found to be signed, with a code
// of the provider.
func (s *Server) RefuseRequests(code, message string) {
	s.behave(func() { s.broken = &failure{code, message} })
}

// Answer answers each request with a body, whatever it is.
func (s *Server) Answer(body string) { s.behave(func() { s.raw = body }) }

// Hang accepts requests and does not answer them.
func (s *Server) Hang() { s.behave(func() { s.hanging = true }) }

// Mute takes SMS and breaks the connection without an answer.
func (s *Server) Mute() { s.behave(func() { s.mute = true }) }

func (s *Server) behave(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.refused, s.broken, s.raw, s.hanging, s.mute = nil, nil, "", false, false
	change()
}

// ServeHTTP answers a call of the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	s.mutex.Lock()
	s.calls++
	hanging, mute, raw := s.hanging, s.mute, s.raw
	s.mutex.Unlock()
	if hanging {
		<-r.Context().Done() // the client gives up, or the server is stopped
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if raw == "" {
		answer, failed := s.call(r, body)
		if failed != nil {
			answer = map[string]any{"Error": failed}
		}
		answer["RequestId"] = RequestID
		encoded, err := json.Marshal(map[string]any{"Response": answer})
		if err != nil {
			panic(err)
		}
		raw = string(encoded)
	}
	if mute {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, raw) // the client may have gone
}

func (s *Server) call(r *http.Request, body []byte) (map[string]any, *failure) {
	if failed := authenticate(r, body); failed != nil {
		return nil, failed
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch action := r.Header.Get("X-TC-Action"); {
	case s.broken != nil:
		return nil, s.broken
	case r.Header.Get("X-TC-Version") != "2021-01-11":
		return nil, &failure{"NoSuchVersion", "The version does not exist."}
	case r.Header.Get("X-TC-Region") != Region:
		return nil, &failure{"UnsupportedRegion", "The region is not supported."}
	case action == "SendSms":
		return s.send(body)
	case action == "DescribeSmsTemplateList":
		return map[string]any{"DescribeTemplateStatusSet": []any{}}, nil
	default:
		return nil, &failure{"InvalidAction", "The request action is invalid."}
	}
}

var (
	phoneOfChina = regexp.MustCompile(`^\+861[3-9]\d{9}$`)
	sixDigits    = regexp.MustCompile(`^\d{6}$`)
)

// send takes or refuses the SMS of a SendSms request.
func (s *Server) send(body []byte) (map[string]any, *failure) {
	var request struct {
		PhoneNumberSet, TemplateParamSet []string
		SignName                         string
		AppID                            string `json:"SmsSdkAppId"`
		TemplateID                       string `json:"TemplateId"`
	}
	if err := json.Unmarshal(body, &request); err != nil || len(request.PhoneNumberSet) != 1 {
		return nil, &failure{"InvalidParameter", "The request has no phone number."}
	}
	phone, parameters, notice := request.PhoneNumberSet[0], request.TemplateParamSet, request.TemplateID == NoticeID
	status := failure{"Ok", "send success"}
	switch {
	case s.refused != nil:
		status = *s.refused
	case request.AppID != AppID:
		status = failure{"InvalidParameterValue.SdkAppIdNotExist", "SdkAppId does not exist."}
	case request.SignName != Sign:
		status = failure{"FailedOperation.SignatureIncorrectOrUnapproved", "The signature is not approved."}
	case request.TemplateID != TemplateID && !notice:
		status = failure{"FailedOperation.TemplateUnapprovedOrNotExist", "The template is not approved."}
	case len(parameters) != 1 && !notice:
		status = failure{"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "The template has one variable."}
	case !notice && !sixDigits.MatchString(parameters[0]):
		status = failure{"InvalidParameterValue.TemplateParameterFormatError", "The variable is not 6 digits."}
	case !phoneOfChina.MatchString(phone):
		status = failure{"InvalidParameterValue.IncorrectPhoneNumber", "The phone number is wrong."}
	default:
		s.messages = append(s.messages, Message{Phone: phone, Code: strings.Join(parameters, " ")})
	}
	return map[string]any{"SendStatusSet": []any{map[string]any{
		"SerialNo": "5000:1045710669157053657849499619", "PhoneNumber": phone, "Fee": 1,
		"SessionContext": "", "Code": status.Code, "Message": status.Message, "IsoCode": "CN",
	}}}, nil
}
