package dispatch

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-json"
)

// pictureBytes are of the size that makes 1.3 MB of base64, as a picture of the
// largest size does.
const pictureBytes = 1_000_000

func benchmarkPicture() (picture, text []byte) {
	picture = make([]byte, pictureBytes)
	for i := range picture {
		picture[i] = byte(i * i >> 3)
	}
	return picture, []byte(base64.StdEncoding.EncodeToString(picture))
}

type uploadBench struct {
	From   string `json:"from" rule:"required oneof=property|shop"`
	Base64 []byte `json:"base64" rule:"required"`
}

// BenchmarkDecodeUpload is an upload from its body to its handler. It is to take at
// most 1.3 times what decoding its base64 takes: both are timed in turn, and
// "x-base64" is the median of their ratios.
func BenchmarkDecodeUpload(b *testing.B) {
	picture, text := benchmarkPicture()
	body := fmt.Appendf(nil, `{"id":1,"status":0,"type":"pic","subtype":"upload","data":{"from":"shop","base64":"%s"}}`, text)
	upload := Handle(Path{Pattern: "/pic"}, Need{}, "pic", "upload", "", func(_ context.Context, in uploadBench) (struct{}, error) {
		if len(in.Base64) != len(picture) {
			return struct{}{}, fmt.Errorf("%d bytes", len(in.Base64))
		}
		return struct{}{}, nil
	})
	var ratios []float64
	for b.Loop() {
		begin := time.Now()
		request, err := parseRequest(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := upload.call(b.Context(), request.Data); err != nil {
			b.Fatal(err)
		}
		took := time.Since(begin)
		ratios = append(ratios, float64(took)/float64(decodeOnly(b, text)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-base64")
	b.ReportMetric(0, "ns/op") // of both together: it says nothing
}

// decodeOnly is what an upload costs at least.
func decodeOnly(b *testing.B, text []byte) time.Duration {
	b.Helper()
	begin := time.Now()
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	if _, err := base64.StdEncoding.Decode(decoded, text); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

var validateBody = []byte(`{"id":1,"status":0,"type":"img","subtype":"validate","data":{"hash":"9e107d9d372bb6826bd81d3542a419d6"}}`)

type validateBench struct {
	Hash    string `json:"hash" rule:"required max=32"`
	Consume bool   `json:"consume"`
}

// BenchmarkEnvelope is a small call through the registry, checks included.
func BenchmarkEnvelope(b *testing.B) {
	path := Path{Pattern: "/captcha"}
	registry, err := NewRegistry(RegistryOptions{Logger: slog.New(slog.DiscardHandler)},
		Handle(path, Need{}, "img", "validate", "", func(context.Context, validateBench) (struct{}, error) { return struct{}{}, nil }))
	if err != nil {
		b.Fatal(err)
	}
	in, at := Inbound{Path: path.Pattern, Body: validateBody}, registry.routes[path.Pattern]
	b.ReportAllocs()
	for b.Loop() {
		if out := registry.Post(b.Context(), in, at); out.ID != 1 || out.Status != 0 {
			b.Fatalf("%+v", out.Response)
		}
	}
}

// BenchmarkEnvelopeUnmarshal decodes the same with a general decoder, without
// any check.
func BenchmarkEnvelopeUnmarshal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var envelope struct {
			ID      int64         `json:"id"`
			Type    string        `json:"type"`
			Subtype string        `json:"subtype"`
			Data    validateBench `json:"data"`
		}
		if err := json.Unmarshal(validateBody, &envelope); err != nil {
			b.Fatal(err)
		}
	}
}
