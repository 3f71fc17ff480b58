package dispatch

// Status is one row of the protocol's status tables: the number and the text
// that a client reads. Numbers repeat with other texts in the tables of single
// calls, so a status is known by the name of its variable.
type Status struct {
	Number int
	Text   string
}

// The document's global table, and what the market adds to it (全局Status表). Success says "successful" on the
// wire; the table's "OK" is its name.
var (
	OK               = Status{0, "successful"}
	ErrorJSONKey     = Status{-1, "Error JSON key"}
	ErrorJSONValue   = Status{-2, "Error JSON value"}
	ErrorDataKey     = Status{-3, "Error data key"}
	ErrorHash        = Status{-4, "Error Hash"}
	MissingArgs      = Status{-100, "Missing necessary args"}
	ErrorToken       = Status{-101, "Error token"}
	UserIDFailed     = Status{-102, "Get userid failed for the token"}
	NoPermission     = Status{-103, "No permission to operate"}
	DatabaseFailure  = Status{-200, "Failure to operate database"}
	EmptyValue       = Status{-201, "Necessary key-value can't be empty"}
	MissingDataKey   = Status{-202, "Missing necessary data key-value"}
	ValueTypeError   = Status{-203, "Arg's value type error"}
	ValueError       = Status{-204, "Arg's value error"}
	AccountFrozen    = Status{-301, "Account is frozen"}
	TooManyRequests  = Status{-302, "Too many requests"}
	RepeatedRequest  = Status{-303, "Repeated request"}
	StateChanged     = Status{-304, "State changed, retry"}
	ContentRefused   = Status{-305, "Content refused"}
	UnknownError     = Status{-404, "Unknown Error"}
	PictureStoreFail = Status{-500, "COS upload Error"}
	PayChannelError  = Status{-501, "Pay channel error"}
	NotConfigured    = Status{-503, "Channel not configured"}
)

// The table of GET /get/property.
var (
	QueryUnknownArg   = Status{-100, "Args Error"}
	QueryTypeError    = Status{-101, "Args Type Error"}
	QueryConflict     = Status{-103, "Args conflict"}
	QueryMissingArgs  = Status{-104, "Missing necessary args"}
	QueryUnknownToken = Status{-105, "Error token"}
	QueryValueError   = Status{-106, "Args Error"}
)
