package trade

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"campusgate/storage"
)

var updatePages = flag.Bool("update", false, "write docs/orders.md anew")

// docs/orders.md is made from the table: go test ./handlers/trade -run TestOrdersPage -update
func TestOrdersPage(t *testing.T) {
	t.Parallel()
	const path = "../../docs/orders.md"
	page := ordersPage()
	if *updatePages {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(stored) != page {
		t.Errorf("%s is not what the table says: go test ./handlers/trade -run TestOrdersPage -update", path)
	}
}

func ordersPage() string {
	var w strings.Builder
	w.WriteString(`# The life of an order

This page is made from the table of steps in [steps.go](../handlers/trade/steps.go), which calls, clocks and callbacks take alike; a test holds it to that. What an order costs is in [the package price](../handlers/trade/price/doc.go).

A commit makes an order for each seller, shop, courses or goods, and way of delivery, and one payment for all of them; until it is paid they have one fate. A refund is asked for in a *former* state, whose clock stands still meanwhile and goes on if the refund is not the whole. The wire shows **settled** as ` + "`finish`" + ` and **appealed** as ` + "`refunding`" + `.

`)
	w.WriteString("```mermaid\n" + diagram() + "```\n")
	w.WriteString("\n## Steps\n\nA step is a call, or a clock that has ended. To all but who takes it there is no such order.\n\n| step | who | from | to | does | else |\n|---|---|---|---|---|---|\n")
	for i := range steps {
		row := &steps[i]
		refusal := ""
		if row.who != clock && row.refusal.Number != 0 {
			refusal = strconv.Itoa(row.refusal.Number)
		}
		if row.wrongWay.Number != 0 {
			refusal += fmt.Sprintf(", %d by another way", row.wrongWay.Number)
		}
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s | %s |\n", row.name, strings.Join(row.who.names(), ", "), placeNames(row.from), stateNames(row.to), effectName(row.does), refusal)
	}
	w.WriteString("\n## Clocks\n\nA clock begins when an order comes to where it runs, and is a job that does nothing where the order has gone on meanwhile. Its length is the setting of its name below `market`: [configuration](configuration.md#accounts-and-market).\n\n| clock | default | runs in | then | reminder |\n|---|---|---|---|---|\n")
	for i := range orderClocks {
		c := &orderClocks[i]
		row := stepOf(c.name, &storage.Order{})
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s |\n", c.name, periodText(c.period(&testPeriods)), placeNames(row.from), stateNames(row.to), reminderName(c))
	}
	w.WriteString("\nWhat was refused is not settled while it can be appealed (`appeal_within`).\n")
	w.WriteString("\n## What steps do\n\nAll of it is one transaction with the step: the guarded change of the order, the rows of the ledger, the history and the jobs.\n\n| | stock | records | beli | credit | money |\n|---|---|---|---|---|---|\n")
	for _, e := range effects {
		fmt.Fprintf(&w, "| %s | %s | %s | %s | %s | %s |\n", e.name, e.stock, e.records, e.beli, e.credit, e.money)
	}
	w.WriteString(`
## Refunds

What the buyer gave, cash and debt, less what was refunded, is *left*, and no refund is more. Of items it is at most their share: what their line has cost, without shipping, × the pieces / those of the line, rounded down; no piece is named twice. [The package price](../handlers/trade/price/refund.go) divides an amount p of what is left, L, and [a table worked out by hand](../handlers/trade/price/refund_test.go) stands beside it:

1. p lowers the open debt first; the rest goes back by the payments, the latest first, by each at most what came by it. A repayment of the debt is a payment.
2. Of the market coupon's share that is left, floor(share × p / L) goes to the promotion account.
3. Of the order's beli that are left, floor(beli × p / L) go back to the buyer, and 10 fen for each to the promotion account.
4. A refund after which nothing is left is the whole: all of every share goes back, and the order is refunded.

A seller's coupon is the seller's own loss: nothing of it goes back. With the whole of an order that was neither shipped nor finished its stock comes back, and its records of coupons, once all orders with a share of them are refunded so. Goods that were sent back are in the stock again when they are received, or when an admin gives something back: the items that were named, else with the whole all of them.

While a repayment of the debt is open at a channel nothing is decided (-304): asking for the refund has a job close it, for ten minutes at most, and what comes later is late money. A decline and the clock ship_within, which nobody has asked for, end it themselves.

The buyer asks three times at most. A refusal can be appealed once an order, for as long as nothing is given back and no admin has decided since. What a seller refuses to take back after it was sent goes to an admin at once.
`)
	return w.String()
}

// diagram is the table as Mermaid draws it: an arrow for each pair of states.
func diagram() string {
	type arrow struct{ from, to storage.OrderState }
	var arrows []arrow
	names := map[arrow][]string{}
	for i := range steps {
		row := &steps[i]
		from := row.from
		if len(from) == 0 {
			from = on("[*]")
		}
		for _, p := range from {
			for _, next := range row.to {
				a := arrow{p.state, next}
				if !slices.Contains(arrows, a) {
					arrows = append(arrows, a)
				}
				name := row.name
				if p.way != anyWay {
					name += " (" + string(p.way) + ")"
				}
				names[a] = append(names[a], name)
			}
		}
	}
	var w strings.Builder
	w.WriteString("stateDiagram-v2\n")
	for _, a := range arrows {
		fmt.Fprintf(&w, "    %s --> %s: %s\n", a.from, a.to, strings.Join(names[a], ", "))
	}
	for _, s := range states {
		if s.closed {
			fmt.Fprintf(&w, "    %s --> [*]\n", s.name)
		}
	}
	return w.String()
}

func placeNames(places []place) string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = placeName(p)
	}
	if len(names) == len(states) {
		return "any"
	}
	return strings.Join(names, ", ")
}

func stateNames(names []storage.OrderState) string {
	if len(names) == 0 {
		return "–"
	}
	var texts []string
	for _, name := range names {
		texts = append(texts, string(name))
	}
	return strings.Join(texts, ", ")
}

func effectName(e effect) string {
	for _, known := range effects {
		if known.effect == e {
			return known.name
		}
	}
	return ""
}

func reminderName(c *orderClock) string {
	switch {
	case c.remind == admin:
		return "admins, every day"
	case c.remind != 0:
		return fmt.Sprintf("%s, after %d/%d of it", actorNames[c.remind], c.of-c.left, c.of)
	}
	return ""
}
