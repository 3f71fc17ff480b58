package dispatch

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestValues is what a value has to be, for each type and each rule word.
func TestValues(t *testing.T) {
	tests := []struct {
		sample any
		rule   string
		taken  map[string]string // JSON: the value in Go
		typ    []string          // what is of the wrong type
		value  []string          // what is a wrong value
		time   []string          // what is a wrong time
	}{
		{
			sample: int64(0),
			taken: map[string]string{
				`4`: "4", `-4`: "-4", `0`: "0", `-0`: "0", `"4"`: "4", `"-4"`: "-4", `"007"`: "7", `"\u0034"`: "4",
				`9223372036854775807`: "9223372036854775807", `"-9223372036854775808"`: "-9223372036854775808",
			},
			typ: []string{
				`1.0`, `1e3`, `"1.0"`, `"1e3"`, `"+1"`, `" 1"`, `"1 "`, `"-"`, `"--1"`, `"0x1"`, `"1_000"`, `"１"`, `"x"`, `"\ud800"`,
				`true`, `false`, `[]`, `[1]`, `{}`,
			},
			value: []string{`9223372036854775808`, `"-9223372036854775809"`, hugeInteger},
		},
		{
			sample: int64(0), rule: "range=any", // an id beyond int64 exists nowhere
			taken: map[string]string{
				`5`: "5", `9223372036854775808`: "9223372036854775807", `"-9223372036854775809"`: "-9223372036854775808", hugeInteger: "9223372036854775807",
			},
			typ: []string{`1.0`, `1e3`, `"x"`, `true`},
		},
		{
			sample: int64(0), rule: "range=-1..3",
			taken: map[string]string{`-1`: "-1", `"3"`: "3"},
			typ:   []string{`3.0`, `"x"`},
			value: []string{`-2`, `4`, `"4"`, hugeInteger},
		},
		{
			sample: int64(0), rule: "oneof=1|2",
			taken: map[string]string{`1`: "1", `"2"`: "2", `"02"`: "2"},
			typ:   []string{`"a"`, `1.0`},
			value: []string{`3`, `12`, `"11"`, hugeInteger},
		},
		{
			sample: new(int64), rule: "range=1..500",
			taken: map[string]string{`1`: "&1", `"500"`: "&500"},
			typ:   []string{`1.5`},
			value: []string{`0`, `501`},
		},
		{
			sample: false,
			taken:  map[string]string{`true`: "true", `false`: "false"},
			typ:    []string{`"true"`, `1`, `0`, `""`, `[]`},
		},
		{
			sample: new(bool),
			taken:  map[string]string{`true`: "&true", `false`: "&false"},
			typ:    []string{`"false"`, `0`},
		},
		{
			sample: "",
			taken: map[string]string{
				`"失物 𠮷"`: "失物 𠮷", `" x "`: " x ", `"\u5931\ud842\udfb7\n\/"`: "失𠮷\n/", `"null"`: "null", `"\u0001"`: "\x01",
			},
			typ: []string{`1`, `1.5`, `true`, `[]`, `{"a":"b"}`},
			value: []string{
				`"\u0000"`, `"a\u0000b"`, `"\ud842"`, `"\udfb7\ud842"`, "\"\xff\"", "\"a\\n\xe5\xa4\"",
			},
		},
		{
			sample: "", rule: "number=whole",
			taken: map[string]string{
				`"x"`: "x", `13800138000`: "13800138000", `0`: "0", `-5`: "-5", `"007"`: "007", `"1.5"`: "1.5", `99999999999999999999`: "99999999999999999999",
			},
			typ: []string{`1.0`, `1e3`, `1.5`, `true`, `[1]`},
		},
		{
			sample: "", rule: "number=whole max=3",
			taken: map[string]string{`123`: "123"},
			typ:   []string{`1.23456`},
			value: []string{`1234`, `"1234"`},
		},
		{
			sample: "", rule: "number=any",
			taken: map[string]string{`"x"`: "x", `1`: "1", `1.50`: "1.50", `1e3`: "1e3", `-0.0`: "-0.0"},
			typ:   []string{`true`, `{}`},
		},
		{
			sample: "", rule: "number=any oneof=up|down",
			taken: map[string]string{`"up"`: "up", `"\u0075p"`: "up"},
			typ:   []string{`true`},
			value: []string{`1`, `1.5`, `"UP"`, `"up "`, `"up|down"`},
		},
		{
			sample: new(string), rule: "number=whole",
			taken: map[string]string{`"x"`: "&x", `7`: "&7"},
			typ:   []string{`7.5`},
		},
		{
			sample: "", rule: "max=3", // characters, not bytes nor UTF-16 units
			taken: map[string]string{
				`"abc"`: "abc", `"失物招"`: "失物招", `"𠮷𠮷𠮷"`: "𠮷𠮷𠮷", `"\ud842\udfb7ab"`: "𠮷ab", `"\u0061\u0062\u0063"`: "abc",
			},
			value: []string{`"abcd"`, `"失物招领"`, `"𠮷𠮷𠮷𠮷"`, `"   x"`},
		},
		{
			sample: "", rule: "datetime",
			taken: map[string]string{
				`"2019-05-01 23:59:59"`: "2019-05-01 23:59:59", `"2020-02-29 00:00:00"`: "2020-02-29 00:00:00",
				`"2019-05-01\u002000:00:00"`: "2019-05-01 00:00:00",
			},
			typ: []string{`1556640000`},
			time: []string{
				`"2019-02-30 00:00:00"`, `"2019-02-29 00:00:00"`, `"2019-13-01 00:00:00"`, `"2019-05-01 24:00:00"`, `"2019-05-01 00:00:60"`,
				`"2019-05-01 00:00:00.5"`, `"2019-05-01 00:00:00,5"`, `"2019-5-1 00:00:00"`, `"2019-05-01 0:00:00"`, `"2019-05-01T00:00:00"`,
				`"2019-05-01 00:00:00Z"`, `"2019-05-01"`, `" 2019-05-01 00:00:00"`, `"now"`,
			},
		},
		{
			sample: Fen(0), rule: "range=0.01..999999.99",
			taken: map[string]string{
				`4`: "4", `4.00`: "4", `"100.5"`: "100.5", `"4"`: "4", `"007.50"`: "7.5", `0.01`: "0.01", `999999.99`: "999999.99",
				`0.30000000000000004`: "0.3", `0.29999999999999998`: "0.3", `1e2`: "100", `1.5E-1`: "0.15", `0.1e1`: "1", `0.010000001`: "0.01",
			},
			typ: []string{
				`"1e2"`, `"+1"`, `".5"`, `"1."`, `"1,5"`, `" 1"`, `"NaN"`, `"Inf"`, `"0x1p1"`, `"￥1"`, `"1_0"`, `"-"`, `true`, `[4]`, `{}`,
			},
			value: []string{
				`100.005`, `"100.005"`, `0.001`, `0.0100001`, `0`, `-1`, `"-1"`, `-0.01`, `999999.991`, `1000000`, `1e300`, `1e400`, hugeInteger, `0.00000000001`,
			},
		},
		{
			sample: Fen(0),
			taken:  map[string]string{`-1.25`: "-1.25", `"-0.05"`: "-0.05", `0`: "0", `99999999999.99`: "99999999999.99"},
			value:  []string{`0.005`, `100000000000.01`, `-1e400`},
		},
		{
			sample: new(Fen),
			taken:  map[string]string{`12.5`: "&12.5"},
			typ:    []string{`"x"`},
		},
		{
			sample: []byte(nil),
			taken: map[string]string{
				`"UVE="`: "[81 81]", `"UVE"`: "[81 81]", `"UQ=="`: "[81]", `"UQ"`: "[81]", `"UVFR"`: "[81 81 81]", `"+/+\/"`: "[251 255 191]",
				`"data:image/png;base64,UVE="`: "[81 81]", `"data:image\/png;base64,UVE"`: "[81 81]", `"data:;base64,UQ"`: "[81]",
				`"data:image/svg+xml;charset=utf-8;base64,UQ=="`: "[81]", `"data:image/png;base64,"`: "[]", `"data:image/png;base64, UQ"`: "[81]", `"\n data:image/png;base64,UQ"`: "[81]", `"DATA:image/PNG;BASE64,UQ"`: "[81]",
				`" U V\tE\r\n=\f"`: "[81 81]", `"UV\nFR\n"`: "[81 81 81]", `"UQ==\n"`: "[81]", `"U\u0051"`: "[81]",
			},
			typ: []string{`1234`, `true`, `[81]`, `{}`},
			value: []string{
				`"QQ="`, `"Q==="`, `"Q"`, `"="`, `"UQ==UQ=="`, `"UQ=Q"`, `"UVE=="`, `"-_-_"`, `"UV*E"`, `"UV.E"`, `"失"`, `"U\u0000Q="`, `"U\u00a0Q"`,
				`"\ud800"`, "\"UQ\xff\"", `"data:image/png,UVE="`, `"image/png;base64,UVE="`, `",UVE="`, `"data:image/png;base64,UVE=,UVE="`,
			},
		},
	}
	for _, test := range tests {
		wanted := test.taken
		for class, list := range map[string][]string{"type": test.typ, "value": test.value, "time": test.time} {
			for _, raw := range list {
				wanted[raw] = class
			}
		}
		request := oneField(test.sample, test.rule)
		for raw, want := range wanted {
			if got := decodeInto(request, `{"v":`+raw+`}`); got != want {
				t.Errorf("%T %q: %.60s is %q, want %q", test.sample, test.rule, raw, got, want)
			}
		}
	}
}

// hugeInteger is beyond every type of number.
var hugeInteger = "1" + strings.Repeat("0", 400)

// TestMoneyPages are sums as a page's JavaScript computes them.
func TestMoneyPages(t *testing.T) {
	request := oneField(Fen(0), "range=0.01..9998999900.01")
	for unit := Fen(1); unit <= 99999999; unit = unit*3 + 1 {
		for _, count := range []int64{1, 3, 7, 9999} {
			yuan := float64(unit) / 100 * float64(count)
			if got, want := decodeInto(request, fmt.Sprintf(`{"v":%v}`, yuan)), (unit * Fen(count)).String(); got != want {
				t.Errorf("%d × %s = %v is %s, want %s", count, unit, yuan, got, want)
			}
		}
	}
}

// An amount is read as it was written, as in an answer that is kept.
func TestFenKept(t *testing.T) {
	t.Parallel()
	for _, fen := range []Fen{0, 1, 10, 99, 100, 1050, 99999999, -1, -10, -1050} {
		text, err := fen.MarshalJSON()
		var got Fen
		if err == nil {
			err = got.UnmarshalJSON(text)
		}
		if err != nil || got != fen {
			t.Errorf("%d is written as %s and read as %d, %v", fen, text, got, err)
		}
	}
	for _, bad := range []string{`"1"`, "1.234", "", "a", "1e3"} {
		if err := new(Fen).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestFenText(t *testing.T) {
	for fen, want := range map[Fen]string{
		0: "0", 1: "0.01", 10: "0.1", 99: "0.99", 100: "1", 1050: "10.5", 99999999: "999999.99", -5: "-0.05", -150: "-1.5",
	} {
		if got, err := fen.MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("%d fen: %s, %v; want %s", int64(fen), got, err, want)
		}
	}
}

// TestBadTags: a server whose requests are declared wrongly does not start.
func TestBadTags(t *testing.T) {
	tests := []struct {
		request any
		want    string // in the panic's text
	}{
		{0, "int: not a struct of at most 32 fields"},
		{struct{ V string }{}, "V: the json tag must be a plain name"},
		{struct {
			V string `json:"v,omitempty"`
		}{}, "V: the json tag must be a plain name"},
		{requestOf(textField("A"), textField("B")), `B: "v" is declared twice`},
		{struct {
			paging
			Sheet int64 `json:"page"`
		}{}, `Sheet: "page" is declared twice`},
		{struct {
			*paging
		}{}, "paging: not exported"},
		{oneOfType(int32(0), ""), "V: unsupported type int32"},
		{oneOfType(0.5, ""), "V: unsupported type float64"},
		{oneOfType([]string{}, ""), "V: a list without the rule items=A..B"},
		{oneOfType([]string{}, "items=3..1"), `V: bad rule "items=3..1": an empty range`},
		{oneOfType([]string{}, "items=0..0"), `V: bad rule "items=0..0": an empty range`},
		{oneOfType([]string{}, "items=3"), `V: bad rule "items=3": strconv.ParseInt`},
		{oneOfType([]string{}, "items=1..2 range=1..2"), `V: bad rule "range=1..2": does not apply to this type`},
		{oneOfType("", "items=1..2"), `V: bad rule "items=1..2": does not apply to this type`},
		{oneOfType([][]string{}, "items=1..2"), "V: unsupported type [][]string"},
		{oneOfType([]*string{}, "items=1..2"), "V: unsupported type []*string"},
		{oneOfType([]int{}, "items=1..2"), "V: unsupported type int"},
		{oneOfType(&[]byte{}, ""), "V: unsupported type []uint8"},
		{oneOfType(struct{}{}, ""), "V: unsupported type struct {}"},
		{oneOfType("", "requird"), `V: bad rule "requird": unknown rule`},
		{oneOfType("", "max=x"), `V: bad rule "max=x": strconv.Atoi: parsing "x": invalid syntax`},
		{oneOfType("", "max=0"), `V: bad rule "max=0": not a positive number`},
		{oneOfType(int64(0), "password"), `V: bad rule "password": does not apply to this type`},
		{oneOfType(int64(0), "max=5"), `V: bad rule "max=5": does not apply to this type`},
		{oneOfType("", "clearable"), `V: bad rule "clearable": does not apply to this type`},
		{oneOfType("", "range=1..2"), `V: bad rule "range=1..2": does not apply to this type`},
		{oneOfType(Fen(0), "range=any"), `V: bad rule "range=any": strconv.ParseFloat: parsing "any": invalid syntax`},
		{oneOfType(int64(0), "range=1"), `V: bad rule "range=1": strconv.ParseInt: parsing "": invalid syntax`},
		{oneOfType(int64(0), "range=2..1"), `V: bad rule "range=2..1": an empty range`},
		{oneOfType(Fen(0), "range=0.001..1"), `V: bad rule "range=0.001..1": not whole fen`},
		{oneOfType(false, "oneof=1|2"), `V: bad rule "oneof=1|2": does not apply to this type`},
		{oneOfType(int64(0), "datetime"), `V: bad rule "datetime": does not apply to this type`},
		{oneOfType(int64(0), "number=whole"), `V: bad rule "number=whole": does not apply to this type`},
		{oneOfType("", "number=real"), `V: bad rule "number=real": does not apply to this type`},
		{oneOfType("", "when=n>=1"), `V: bad rule "when=n>=1": no integer field of that name is declared before it`},
		{struct {
			N int64  `json:"n"`
			V string `json:"v" rule:"when=n"`
		}{}, `V: bad rule "when=n": strconv.ParseInt`},
		{requestOf(reflect.StructField{Name: "v", PkgPath: "p", Type: reflect.TypeFor[string](), Tag: `json:"v"`}), "v: not exported"},
		{requestOf(manyFields(maxFields + 1)...), "not a struct of at most 32 fields"},
	}
	for _, test := range tests {
		request := reflect.TypeOf(test.request)
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "dispatch: ") || !strings.Contains(got, test.want) {
					t.Errorf("%s\n got %s\nwant %s", request, got, test.want)
				}
			}()
			compileSchema(request)
		}()
	}
}

func requestOf(fields ...reflect.StructField) any {
	return reflect.Zero(reflect.StructOf(fields)).Interface()
}

func manyFields(count int) (fields []reflect.StructField) {
	for i := range count {
		field := textField(fmt.Sprintf("V%d", i))
		field.Tag = reflect.StructTag(fmt.Sprintf(`json:"v%d"`, i))
		fields = append(fields, field)
	}
	return fields
}

func textField(name string) reflect.StructField {
	return reflect.StructField{Name: name, Type: reflect.TypeFor[string](), Tag: `json:"v"`}
}

// oneOfType is a request of one field.
func oneOfType(sample any, rule string) any { return reflect.Zero(oneField(sample, rule)).Interface() }
