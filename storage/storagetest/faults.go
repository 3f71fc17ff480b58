package storagetest

import (
	"errors"
	"sync"

	"campusgate/storage"
	"campusgate/storage/engine"
)

// ErrFault is how a database fails at a [Fault].
var ErrFault = errors.New("the database is away")

// A Fault is a moment in which a database goes away. The statements, and the commits, that
// run after [Faults.Set] are counted from 1.
type Fault struct {
	At int64 // the number of the statement or commit that fails; 0: none does
	// Lost counts commits alone, and has one fail behind its end: it is done, and nobody knows.
	Lost bool
	Err  error // nil is [ErrFault]
}

// Faults are those of a database.
type Faults struct {
	mutex sync.Mutex
	fault Fault
	count int64
	hit   string
}

var faultsOf sync.Map // by *storage.DB

// FaultsOf are those of a database that [Open] or [OpenMariaDB] has opened.
func FaultsOf(db *storage.DB) *Faults {
	faults, _ := faultsOf.Load(db)
	return faults.(*Faults)
}

// Set has the database fail, and counts from 0 again.
func (f *Faults) Set(fault Fault) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.fault, f.count, f.hit = fault, 0, ""
}

// Hit is the statement at which the database has failed since the last Set, "" if it has
// not. From then on it does not fail any more.
func (f *Faults) Hit() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.hit
}

func (f *Faults) interrupt(text string) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.fault.At == 0 || f.hit != "" {
		return nil
	}
	if f.fault.Lost != (text == engine.Committed) {
		return nil
	}
	if f.count++; f.count != f.fault.At {
		return nil
	}
	f.hit = text
	if f.fault.Err != nil {
		return f.fault.Err
	}
	return ErrFault
}
