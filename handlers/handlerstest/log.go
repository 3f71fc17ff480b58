package handlerstest

import (
	"bytes"
	"sync"
)

// LogBuffer keeps the log.
type LogBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// Write adds a line.
func (l *LogBuffer) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

// Take returns what was logged since the last take.
func (l *LogBuffer) Take() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// String is what was logged since the last [LogBuffer.Take].
func (l *LogBuffer) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
