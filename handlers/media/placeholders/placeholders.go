package placeholders

import _ "embed"

// The placeholders as PNG files of 320 by 320 pixels. They are shared: do not change
// the bytes.
var (
	// Ban tells a page of another site that it may not embed our pictures.
	//
	//go:embed ban.png
	Ban []byte

	// Default stands for a user who has no portrait yet.
	//
	//go:embed default.png
	Default []byte

	// Error tells that a picture was not found, or that it cannot be had now.
	//
	//go:embed error.png
	Error []byte
)
