package importing

import (
	"encoding/json"
	"io"
	"strings"

	"campusgate/storage/olddatabase"
)

// An entry of the report is a row that is not in the new database as it was in the old
// one. A report is one of them a line, as JSON.
type entry struct {
	Table  string             `json:"table"`
	Kept   bool               `json:"kept"` // with a change
	Reason string             `json:"reason"`
	Row    map[string]*string `json:"row"`
}

type report struct {
	encoder *json.Encoder
}

func newReport(to io.Writer) report {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false) // people read it
	return report{encoder}
}

func (r report) add(f *fields, kept bool, reasons []string) error {
	return r.encoder.Encode(entry{f.rows[0].Table.Name, kept, strings.Join(reasons, "; "), shown(f.rows)})
}

// maxShown bounds the characters of a value in the report.
const maxShown = 200

// shown are the values of rows; a token is a secret.
func shown(rows []olddatabase.Row) map[string]*string {
	values := map[string]*string{}
	for _, row := range rows {
		for _, column := range row.Table.Columns {
			if column != "token" {
				values[column] = shortened(row.Value(column))
			}
		}
	}
	return values
}

func shortened(value *string) *string {
	if value == nil || len(*value) <= maxShown {
		return value
	}
	characters := []rune(*value)
	if len(characters) <= maxShown {
		return value
	}
	return new(string(characters[:maxShown]) + "…")
}
