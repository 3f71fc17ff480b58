package server

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Times and bounds of listeners.
const (
	pingEvery  = 30 * time.Second
	deadAfter  = 75 * time.Second // without a sign of life
	maxSockets = 5                // of a user, on one replica: the oldest gives way
	// tokensAtOnce are looked at together.
	tokensAtOnce = 200
	// farewell is how long a listener that is told to go may take.
	farewell = 2 * time.Second
)

// Why the server ends a connection, beside the codes of RFC 6455.
const (
	closeTokenEnded = 4001
	closeTooMany    = 4002
)

// listeners are the WebSockets of this replica.
type listeners struct {
	living  Living
	timeout time.Duration // of writing, and of asking for tokens
	now     func() time.Time
	logger  *slog.Logger

	mutex  sync.Mutex
	byUser map[string][]*webSocket // the oldest first
	count  int
	ended  bool
	gone   sync.WaitGroup // of all sockets
	begin  sync.Once      // to look after them
	over   chan struct{}  // closed when it has ended

	checking sync.Mutex
	unknown  bool // the last time, it could not be asked for tokens
}

func newListeners(options *Options) *listeners {
	return &listeners{
		living: options.Living, timeout: options.WriteTimeout, now: options.Now, logger: options.Logger,
		byUser: map[string][]*webSocket{}, over: make(chan struct{}),
	}
}

// Push sends a text to all connections of a user on this replica, and waits for none of
// them. The text is not changed.
func (s *Server) Push(user string, text []byte) {
	s.live.mutex.Lock()
	defer s.live.mutex.Unlock()
	for _, c := range s.live.byUser[user] {
		c.send(frame{text: text})
	}
}

// CheckListener ends those connections of a user on this replica whose token has ended.
func (s *Server) CheckListener(user string) {
	s.live.mutex.Lock()
	sockets := slices.Clone(s.live.byUser[user])
	s.live.mutex.Unlock()
	if len(sockets) > 0 {
		s.live.check(sockets)
	}
}

// Listening is how many connections of listeners are open.
func (s *Server) Listening() int {
	s.live.mutex.Lock()
	defer s.live.mutex.Unlock()
	return s.live.count
}

func (l *listeners) hasEnded() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.ended
}

// add lets a connection be pushed to, and reports whether there is a place for it.
func (l *listeners) add(c *webSocket) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.ended {
		return false
	}
	l.begin.Do(func() { go l.lookAfter() })
	l.count++
	l.gone.Add(1)
	l.byUser[c.User] = append(l.byUser[c.User], c)
	open := 0
	for _, other := range slices.Backward(l.byUser[c.User]) {
		if open++; open > maxSockets {
			other.close(closeTooMany, "too many connections")
		}
	}
	return true
}

func (l *listeners) remove(c *webSocket) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	user := c.User
	l.byUser[user] = slices.DeleteFunc(l.byUser[user], func(other *webSocket) bool { return other == c })
	if len(l.byUser[user]) == 0 {
		delete(l.byUser, user)
	}
	l.count--
	l.gone.Done()
}

// lookAfter looks at all connections every second: one timer serves them.
func (l *listeners) lookAfter() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.tick(l.now())
		case <-l.over:
			return
		}
	}
}

// tick pings the connections whose turn it is, ends the dead ones, and asks whether the
// tokens of the pinged have ended: by the clock, or by somebody who could not tell.
func (l *listeners) tick(now time.Time) {
	var due []*webSocket
	l.mutex.Lock()
	for _, sockets := range l.byUser {
		for _, c := range sockets {
			switch {
			case now.Sub(time.Unix(0, c.heard.Load())) > deadAfter:
				c.abort()
			case !now.Before(c.due):
				if c.due.IsZero() { // as evenly as they come: a restart brings all at once
					c.due = now.Add(rand.N(pingEvery))
				} else {
					c.due = now.Add(pingEvery)
					c.frames.Store(0)
					c.send(frame{ping: true})
				}
				due = append(due, c)
			}
		}
	}
	l.mutex.Unlock()
	if len(due) > 0 && l.living != nil {
		go l.check(due)
	}
}

// check ends the connections whose token has ended. While nobody knows, they stay.
func (l *listeners) check(sockets []*webSocket) {
	if l.living == nil {
		return
	}
	l.checking.Lock() // a slow database is asked by one
	defer l.checking.Unlock()
	for part := range slices.Chunk(sockets, tokensAtOnce) {
		tokens := make([]string, len(part))
		for i, c := range part {
			tokens[i] = c.Token
		}
		ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
		living, err := l.living(ctx, tokens)
		cancel()
		if err != nil {
			if !l.unknown {
				l.logger.Warn("cannot look whether tokens of live connections have ended", "error", err)
			}
			l.unknown = true
			return
		}
		l.unknown = false
		for i, c := range part {
			if !living[tokens[i]] {
				c.close(closeTokenEnded, "token has ended")
			}
		}
	}
}

// end tells all listeners to go, and lets nobody in.
func (l *listeners) end() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !l.ended {
		l.ended = true
		close(l.over)
	}
	for _, sockets := range l.byUser {
		for _, c := range sockets {
			c.close(goingAway, "the server stops")
		}
	}
}

// wait returns when all listeners have gone. Those that take too long are not waited for.
func (l *listeners) wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	all := make(chan struct{})
	go func() {
		l.gone.Wait()
		close(all)
	}()
	select {
	case <-all:
		return
	case <-ctx.Done():
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, sockets := range l.byUser {
		for _, c := range sockets {
			c.abort()
		}
	}
}
