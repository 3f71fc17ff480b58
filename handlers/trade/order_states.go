package trade

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"campusgate/dispatch"
)

type listStates struct{}

// namedState is a state with its names.
type namedState struct {
	State string `json:"state"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// stateStep is a call that takes a step.
type stateStep struct {
	Subtype string   `json:"subtype"`
	Who     []string `json:"who" doc:"buyer, seller, admin"`
	From    []string `json:"from" doc:"states; of order/commit there is none"`
	To      []string `json:"to" doc:"states, or former: that in which a refund was asked for; empty: it stays as it is"`
}

// stateClock is a step that is taken by itself.
type stateClock struct {
	Clock   string   `json:"clock"`
	From    []string `json:"from" doc:"states"`
	To      []string `json:"to" doc:"states, or former, or settled: finish for good"`
	Setting string   `json:"setting" doc:"how long it runs, as a configuration has it"`
}

// orderStates are what an order's states are and how they follow from each other.
type orderStates struct {
	States []namedState `json:"states"`
	Steps  []stateStep  `json:"steps"`
	Clocks []stateClock `json:"clocks"`
}

func (listStates) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "The whole table of the life of an order: see docs/orders.md.",
		Example: `{}`,
	}
}

// tellStates makes the answer from the table of steps.
func (d Deps) tellStates() orderStates {
	told := orderStates{States: []namedState{}, Steps: []stateStep{}, Clocks: []stateClock{}}
	for _, s := range states {
		if s.wire == "" {
			told.States = append(told.States, namedState{string(s.name), s.chinese, s.english})
		}
	}
	for i := range steps {
		row := &steps[i]
		from, to := row.fromNames(), row.toNames()
		j := slices.IndexFunc(orderClocks, func(c orderClock) bool { return c.name == row.name })
		if j >= 0 {
			setting := periodText(orderClocks[j].period(&d.Settings.Periods))
			told.Clocks = append(told.Clocks, stateClock{row.name, from, to, setting})
		} else if row.who != clock {
			told.Steps = append(told.Steps, stateStep{row.name, row.who.names(), from, to})
		}
	}
	return told
}

// fromNames are the states in which the step can be taken, as they are shown, each once.
func (s *step) fromNames() []string {
	names := []string{}
	for _, p := range s.from {
		if name := string(wireState(p.state)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// toNames are the states to which it leads, each once. Settled is finish for good: here the
// difference is told.
func (s *step) toNames() []string {
	names := []string{}
	for _, name := range s.to {
		if name == stateAppealed {
			name = wireState(name)
		}
		if !slices.Contains(names, string(name)) {
			names = append(names, string(name))
		}
	}
	return names
}

// periodText is a period as a configuration has it: 30m, 7d.
func periodText(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String() // 1h0m0s
	for _, zero := range []string{"0s", "0m"} {
		if short, cut := strings.CutSuffix(text, zero); cut && strings.ContainsAny(short[len(short)-1:], "hm") {
			text = short
		}
	}
	return text
}

func (o orderCalls) states(context.Context, listStates) (orderStates, error) {
	return o.tellStates(), nil
}
