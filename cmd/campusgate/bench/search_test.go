package bench

import (
	"fmt"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// searched are the searches of a word that are measured: each sort, its first and its fifth page.
func searched(word, lead string) (all []contest) {
	for _, sort := range []string{"new", "match", "price_up", "price_down", "sale"} {
		for _, page := range []int{1, 5} {
			body := campusgatetest.Envelope("product/search", fmt.Sprintf(`{"key":%q,"sort":%q,"page":%d,"count":20}`, word, sort, page))
			all = append(all, contest{
				name:      fmt.Sprintf("product/search of %s, %s, page %d", lead, sort, page),
				work:      campusgatetest.Asking(campusgatetest.Posting("/browse", body), 200),
				floorWork: campusgatetest.Asking(campusgatetest.Posting("/search?word="+lead, body), 200),
				once:      true,
			})
		}
	}
	return all
}

// searchRows are the market's searches of a word that few products have and of one that all have:
// beside a smaller campus, and beside their statements alone. A row is the worst of its searches.
func searchRows(t *testing.T, e effort, many, few, statements side) (table []line) {
	t.Helper()
	for _, word := range []struct{ name, lead, word string }{
		{"product/search, 20 found", "rare", campusgatetest.RareWord},
		{"product/search, all found", "common", campusgatetest.CommonWord},
	} {
		grown, bare := searched(word.word, word.lead), searched(word.word, word.lead)
		for i := range grown {
			grown[i].server, grown[i].floor, grown[i].floorWork, grown[i].judge = many, few, nil, slower(3)
			bare[i].server, bare[i].floor, bare[i].same, bare[i].judge = many, statements, true, slower(1.3)
		}
		table = append(table, worst(t, e, word.name, grown), worst(t, e, word.name+", beside its statement", bare))
	}
	return table
}

// worst plays contests of the same judge, by which a greater ratio is worse, and returns the line
// of the worst.
func worst(t *testing.T, e effort, name string, contests []contest) (found line) {
	t.Helper()
	reached, most := true, -1.0
	for _, c := range contests {
		l, matches := c.run(t, e)
		t.Log(l)
		reached = reached && l.reached
		if ratio := c.judge.measure(matches[0]); ratio > most {
			most, found = ratio, l
		}
	}
	found.work, found.reached = name, reached
	return found
}
