package channel

import (
	"fmt"
	"maps"
	"slices"
)

// A Set is the channels that are configured, by their names.
type Set map[string]Channel

// Check returns an error where the sandbox stands beside another channel: who pays nothing
// in the one would get what others pay for.
func (s Set) Check() error {
	if s[Sandbox] != nil && len(s) > 1 {
		others := slices.DeleteFunc(slices.Sorted(maps.Keys(s)), func(name string) bool { return name == Sandbox })
		return fmt.Errorf("must be false beside %q, which takes money", others)
	}
	return nil
}
