package trade

import "campusgate/dispatch"

// The statuses of orders that stand beside those of a price.
var (
	orderNotExist      = dispatch.Status{Number: 100, Text: "Order not exist"}
	payStateError      = dispatch.Status{Number: 103, Text: "Pay state error"}
	priceChanged       = dispatch.Status{Number: 106, Text: "Price changed"}
	tooManyUnpaid      = dispatch.Status{Number: 119, Text: "Too many unpaid orders"}
	orderNotPaying     = dispatch.Status{Number: 201, Text: "Not paying state"}
	orderNotPaid       = dispatch.Status{Number: 202, Text: "Not paid state"}
	orderNotShipped    = dispatch.Status{Number: 203, Text: "Not shipped state"}
	orderNotRefundable = dispatch.Status{Number: 204, Text: "Not refundable"}
	orderNotRefunding  = dispatch.Status{Number: 205, Text: "Not refunding state"}
	orderExpired       = dispatch.Status{Number: 206, Text: "Expired"}
	orderNotDeletable  = dispatch.Status{Number: 207, Text: "Delete not allowed"}
	refundAmountError  = dispatch.Status{Number: 208, Text: "Refund amount error"}
)
