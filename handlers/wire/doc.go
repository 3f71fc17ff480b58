// Package wire is what the calls of all domains share: times, pages and sorts as
// requests and answers have them, ids, guesses of hashes, and the failures of the stores.
package wire

// None is the data of a request or an answer that has none.
type None struct{}
