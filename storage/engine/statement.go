package engine

// A Statement is the text of a statement and the values of its parameters.
type Statement struct {
	text string
	args []any
	// composed texts are made at run time: the conditions and sorts of lists have too
	// many combinations to prepare them all.
	composed bool
	once     bool // not worth preparing
	indexed  bool // see Indexed
	rows     int  // expected, 0 where nobody knows
}

// unprepared is none that could be prepared: a ping, or a transaction as a whole.
var unprepared = Statement{once: true}

// SQL is a statement that is written down in the source as it is. Its parameters are
// ?: values are never pasted in.
func SQL(text string, args ...any) Statement {
	return Statement{text: text, args: args}
}

// Then is s with more text behind it. It is composed at run time: such texts are
// prepared only while there is room for them.
func (s Statement) Then(text string, args ...any) Statement {
	s.text += text
	s.args = append(s.args[:len(s.args):len(s.args)], args...)
	s.composed = true
	return s
}

// Append is s with another statement behind it.
func (s Statement) Append(other Statement) Statement {
	return s.Then(other.text, other.args...)
}

// Page is the page of the list that s selects.
func (s Statement) Page(page Page) Statement {
	if page.Limit <= 0 {
		return s
	}
	composed := s.composed // two texts are not too many
	s = s.Then(" LIMIT ? OFFSET ?", page.Limit, page.Offset)
	s.composed = composed
	return s
}

// Rows is s with room for so many rows from the start: nearly all of them are there.
func (s Statement) Rows(count int) Statement {
	s.rows = count
	return s
}

// Indexed is s as one whose rows an index finds, in the order of the list or few of them: those
// of an order, a shop, a user. Its time limit is looked at between two rows, which are not
// waited for: an embedded database needs no goroutines that watch the query. It passes over
// the rows before a page at once, whatever the limit.
func (s Statement) Indexed() Statement {
	s.indexed = true
	return s
}

// Once is s as a text that is not worth preparing: one as long as its values are many.
func (s Statement) Once() Statement {
	s.once = true
	return s
}
