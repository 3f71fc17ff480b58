package price

// FenPerBeli is what a beli takes off.
const FenPerBeli = 10

// useBeli is step 5.
func (c *calculation) useBeli() {
	if !c.UseBeli {
		return
	}
	can := c.left(allLines)
	for i := range can {
		can[i] /= FenPerBeli
	}
	sum := can.sum()
	c.beli = max(0, min(c.Buyer.Beli, sum, sum*c.BeliPercent/100))
	shares := can.spread(c.beli)
	for i := range c.lines {
		c.lines[i].BeliOff = shares[i] * FenPerBeli
		c.lines[i].PayPrice -= c.lines[i].BeliOff
	}
}
