// Package placeholders holds the pictures that are shown in place of a stored one.
// They were drawn for this project.
//
// Each says what it means without words, down to the size of an avatar; the
// captions lie where neither the circle of an avatar nor the 3:2 crop of a card
// cuts them. The SVG files are the sources. After a change, render them with
// Debian's librsvg2-bin, pngquant and fonts-noto-cjk:
//
//	for name in ban default error; do
//	    rsvg-convert $name.svg | pngquant --speed 1 --strip 48 - > $name.png
//	done
package placeholders
