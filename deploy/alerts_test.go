package deploy_test

import (
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// Prometheus reads the rules as promtool does; their metrics are the server's, and
// operating.md says what to look at.
func TestAlertsAreRead(t *testing.T) {
	t.Parallel()
	groups, problems := rulefmt.ParseFile("alerts.yaml", false, model.UTF8Validation)
	for _, problem := range problems {
		t.Error(problem)
	}
	if groups == nil || len(groups.Groups) != 1 || len(groups.Groups[0].Rules) != 8 {
		t.Fatalf("read %+v, want one group of eight rules", groups)
	}
	document := read(t, "../docs/operating.md")
	for _, rule := range groups.Groups[0].Rules {
		if !strings.Contains(document, "| "+rule.Alert+" |") {
			t.Errorf("operating.md does not tell of %s", rule.Alert)
		}
		expression, err := parser.ParseExpr(rule.Expr)
		if err != nil {
			t.Error(err)
			continue
		}
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			selector, ok := node.(*parser.VectorSelector)
			if ok && strings.HasPrefix(selector.Name, "campusgate_") {
				if _, known := exported[selector.Name]; !known {
					t.Errorf("%s: there is no metric %s", rule.Alert, selector.Name)
				}
			}
			return nil
		})
	}
}
