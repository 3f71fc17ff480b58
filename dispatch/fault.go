package dispatch

import "cmp"

// class orders failures as the protocol checks them.
type class int

const (
	noFailure class = iota
	missing
	empty
	wrongType
	wrongValue
	wrongTime
	wrongEncoding
)

// fault is the failure of a field, or of something inside it.
type fault struct {
	class class
	field *Field // whose rule is broken
	// path leads to it where it is inside another: items[2].product_num.
	path string
}

// or is the one of two faults that is answered: of one class the first.
func (f fault) or(later fault, classes *failureStatuses) fault {
	if later.class != noFailure && (f.class == noFailure || classes.rank(later.class) < classes.rank(f.class)) {
		return later
	}
	return f
}

// within is the fault inside of an outer place.
func (f fault) within(outer string) fault {
	switch {
	case f.class == noFailure, outer == "":
	case f.path == "" && f.field.Name == "": // an element itself
		f.path = outer
	case f.path == "":
		f.path = outer + "." + f.field.Name
	default:
		f.path = outer + "." + f.path
	}
	return f
}

// rank is a failure's place in the order of checks. A wrong time is of the wrong
// type in a query; the ways to be a wrong value are one class.
func (c *failureStatuses) rank(failure class) class {
	if failure == wrongTime && c.Time == c.Type {
		return wrongType
	}
	return min(failure, wrongValue)
}

// toError says where which rule was broken, nil for no fault.
func (f fault) toError(classes *failureStatuses) *Error {
	if f.class == noFailure {
		return nil
	}
	path := cmp.Or(f.path, f.field.Name)
	switch f.class {
	case missing:
		return Fail(classes.Missing, path+": missing")
	case empty:
		return Fail(classes.Empty, path+": must not be empty")
	case wrongType:
		return Fail(classes.Type, path+": must be "+articles[f.field.Kind]+f.field.TypeName())
	case wrongTime:
		return Fail(classes.Time, path+": must be "+f.field.Rule)
	case wrongEncoding:
		return Fail(classes.Value, path+": must be "+f.field.encoding())
	default:
		return Fail(classes.Value, path+": must be "+f.field.bounds())
	}
}

// articles stand before the names of the types that want one.
var articles = map[Kind]string{Integer: "an ", Boolean: "a ", Money: "a ", Object: "an ", List: "a "}
