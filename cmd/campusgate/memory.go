package main

import "runtime/debug"

// ballast is how many bytes the garbage collector counts as in use that nobody
// touches, so that the machine gives no memory for them. It collects when what is in
// use has doubled, and that is only 8 MB: busy calls would pay up to a tenth of
// their time for some 40 collections a second. A higher GOGC would have large
// uploads take more than twice their memory too.
const ballast = 16 << 20

// newBallast must be called early, when memory is fresh: the pages of memory that
// was used before would be cleared, and so touched.
func newBallast() []byte { return make([]byte, ballast) }

// releaseStart gives back to the machine what only the start has needed: the
// migrations, the reference, the making of expressions.
func releaseStart() { debug.FreeOSMemory() }
