package drawing

import "crypto/rand"

// CodeLength is the number of characters of a code, and of a random text.
const CodeLength = 5

// alphabet is what codes are made of: capitals and digits that a person reads
// right at first sight at the size and in the font of the pictures. A code is
// compared in lower case, so only one case is drawn. Left out are
//
//   - of characters that look alike, all of 0 O Q, 1 I L, 5 S, 8 B, and all but
//     one of 2 Z, U V, C G;
//   - 9, which lowered a few pixels reads as a small g or q;
//   - J and W, which the library draws beyond their place.
const alphabet = "23467ACDEFHKMNPRTVXY"

// lettersAndDigits is [A-Za-z0-9].
const lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Code returns a new code: [CodeLength] capitals and digits, none of which
// people take for another, unpredictable and each equally likely.
func Code() string {
	return pick(alphabet)
}

// Random returns [CodeLength] characters of [A-Za-z0-9], unpredictable and each
// equally likely: the text that a code is hashed with.
func Random() string {
	return pick(lettersAndDigits)
}

// pick returns CodeLength of the characters, of which there are at most 256.
func pick(characters string) string {
	// A byte from the incomplete last round would favour the first characters.
	limit := 256 - 256%len(characters)
	text := make([]byte, 0, CodeLength)
	random := make([]byte, 2*CodeLength)
	for {
		rand.Read(random) // never fails: it ends the process instead
		for _, b := range random {
			if int(b) >= limit {
				continue
			}
			text = append(text, characters[int(b)%len(characters)])
			if len(text) == CodeLength {
				return string(text)
			}
		}
	}
}
