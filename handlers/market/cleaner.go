package market

// ContentCleaner returns the function by which product/creat sanitises a product's
// content, for products that come from elsewhere. It is not ok where the content is longer
// than the call takes.
func ContentCleaner() func(content string) (kept string, ok bool) {
	calls := productCalls{policy: htmlPolicy()}
	return func(content string) (string, bool) {
		kept, err := calls.content(content)
		return kept, err == nil
	}
}
