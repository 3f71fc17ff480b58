// Package bus tells all replicas at once what they tell their users' connections: in this
// process alone ([Memory]), or over Redis ([Redis]). What it tells is a hint, which may be
// lost: the truth is in the database.
package bus

// Deliver takes a text for the connections of a user, or, where the text is empty, that
// tokens of the user may have ended. It must not wait.
type Deliver func(user string, text []byte)

// Memory is the bus of one process.
type Memory struct{ deliver Deliver }

// NewMemory returns a bus that delivers what is published at once.
func NewMemory(deliver Deliver) *Memory { return &Memory{deliver} }

// Publish delivers a text.
func (m *Memory) Publish(user string, text []byte) { m.deliver(user, text) }
