package deploy_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// exported are the server's metrics and their labels. What Prometheus' own
// libraries add is told by its prefix.
var exported = map[string][]string{
	"campusgate_requests_total":                  {"type", "subtype", "status"},
	"campusgate_request_duration_seconds_bucket": {"type", "subtype", "le"},
	"campusgate_requests_in_flight":              nil,
	"campusgate_open_connections":                nil,
	"campusgate_live_connections":                nil,
	"campusgate_database_connections":            {"pool", "state"},
	"campusgate_database_wait_seconds_total":     {"pool"},
	"campusgate_database_wait_total":             {"pool"},
	"campusgate_picture_cache_bytes":             nil,
	"campusgate_picture_cache_entries":           nil,
	"campusgate_picture_cache_requests_total":    {"result"},
	"campusgate_captchas":                        nil,
	"campusgate_redis_connections":               {"state"},
	"campusgate_clicks_waiting":                  nil,
	"campusgate_jobs":                            {"kind", "state"},
	"campusgate_jobs_oldest_due_seconds":         {"kind"},
	"campusgate_order_steps_total":               {"step", "result"},
	"campusgate_payments_total":                  {"channel", "result"},
	"campusgate_payment_attempts_open":           {"channel"},
	"campusgate_payment_anomalies":               {"channel"},
	"campusgate_build_info":                      {"version", "commit", "go"},
	"go_goroutines":                              nil,
	"process_cpu_seconds_total":                  nil,
	"process_resident_memory_bytes":              nil,
	"process_start_time_seconds":                 nil,
}

// A source is where Grafana gets figures from.
type source struct{ Type, UID string }

// dashboard is the part of Grafana's model that the file uses: what is not here
// is not in the file.
type dashboard struct {
	Title, UID, Description, Timezone, Refresh string
	Tags                                       []string
	Editable                                   bool
	SchemaVersion, Version, GraphTooltip       int
	Time                                       struct{ From, To string }
	Templating                                 struct{ List []variable }
	Annotations                                struct {
		List []struct {
			Name, Expr, TitleFormat, IconColor string
			Enable                             bool
			Datasource                         source
		}
	}
	Panels []panel
}

type variable struct {
	Name, Label, Type, Definition, AllValue string
	Query, Current                          json.RawMessage
	Datasource                              source
	Refresh, Sort, Hide                     int
	Multi, IncludeAll                       bool
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct {
		Defaults struct {
			Unit   string
			Min    int
			Custom json.RawMessage
		}
		Overrides []json.RawMessage
	}
	Options json.RawMessage
	Targets []struct {
		RefID, Expr, LegendFormat string
		Range                     bool
		Datasource                source
	}
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	var d dashboard
	decoder := json.NewDecoder(bytes.NewReader([]byte(read(t, "grafana.json"))))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every graph is on the grid, beside the others and not over them, and asks the
// Prometheus that the operator chooses.
func TestDashboardIsLaidOut(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	chosen := source{Type: "prometheus", UID: "${datasource}"}
	taken := map[[2]int]string{}
	var ids []int
	for _, p := range d.Panels {
		ids = append(ids, p.ID)
		if p.Title == "" || p.Type != "timeseries" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 || p.Datasource != chosen {
			t.Errorf("panel %d: %+v", p.ID, p)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x < 0 || x >= 24 {
					t.Fatalf("%q lies over %q or beside the grid", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		var refs []string
		for _, target := range p.Targets {
			refs = append(refs, target.RefID)
			if target.Datasource != chosen || target.LegendFormat == "" {
				t.Errorf("%q: %+v", p.Title, target)
			}
		}
		if slices.Sort(refs); len(slices.Compact(refs)) != len(p.Targets) {
			t.Errorf("%q has a name of a query twice: %v", p.Title, refs)
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != len(d.Panels) {
		t.Errorf("a number stands for two panels: %v", ids)
	}
	var names []string
	for _, v := range d.Templating.List {
		names = append(names, v.Name+" "+v.Type)
	}
	if !slices.Equal(names, []string{"datasource datasource", "instance query"}) || d.Templating.List[1].Datasource != chosen {
		t.Errorf("variables %v", names)
	}
}

// inserted is what Grafana puts in before Prometheus sees a query.
var inserted = strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*")

// Prometheus' own parser reads every query; each metric and label in it is one
// that the server has, of the chosen replicas.
func TestDashboardQueries(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	legendLabel := regexp.MustCompile(`\{\{(\w+)\}\}`)
	check := func(title, query, legend string) {
		expression, err := parser.ParseExpr(inserted.Replace(query))
		if err != nil {
			t.Errorf("%q: %s: %v", title, query, err)
			return
		}
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			var used []string
			selector, ok := node.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			known, ok := exported[selector.Name]
			if !ok {
				t.Errorf("%q: the server has no %s", title, selector.Name)
			}
			chosen := false
			for _, matcher := range selector.LabelMatchers {
				used = append(used, matcher.Name)
				chosen = chosen || matcher.Name == "instance" && matcher.Type == labels.MatchRegexp
			}
			if !chosen {
				t.Errorf("%q: %s is of every replica", title, selector.Name)
			}
			for _, group := range legendLabel.FindAllStringSubmatch(legend, -1) {
				used = append(used, group[1])
			}
			for _, label := range used {
				if label != labels.MetricName && label != "instance" && !slices.Contains(known, label) {
					t.Errorf("%q: %s has no %s", title, selector.Name, label)
				}
			}
			return nil
		})
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			check(p.Title, target.Expr, target.LegendFormat)
		}
	}
	for _, annotation := range d.Annotations.List {
		check(annotation.Name, annotation.Expr, annotation.TitleFormat)
	}
	metric, _, found := strings.Cut(strings.TrimPrefix(d.Templating.List[1].Definition, "label_values("), ", instance)")
	if _, known := exported[metric]; !known || !found {
		t.Errorf("the replicas are listed by %s", d.Templating.List[1].Definition)
	}
}
