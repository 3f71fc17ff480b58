package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Fold makes texts equal that differ in the case of A-Z or in the width of letters and digits
// alone. It leaves NUL out.
func Fold(text string) string {
	folded := make([]byte, 0, len(text))
	for _, r := range text {
		if r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			if other := width.LookupRune(r).Folded(); other != 0 {
				r = other
			}
		}
		switch {
		case r == 0:
			continue
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		}
		folded = utf8.AppendRune(folded, r)
	}
	return string(folded)
}

// foldWords are the words of text, folded, with one blank between them.
func foldWords(text string) string {
	return strings.Join(strings.Fields(Fold(text)), " ")
}

// maxExact are the most characters of a word that is a gram itself: three in ASCII, whose
// pairs are in many texts, else two.
const maxExact = 3

// eachGram calls found with the grams of a folded word: its characters, each two neighbours,
// and each three in ASCII.
func eachGram(word string, found func(gram string)) {
	var starts [maxExact]int // of the last characters, the last one first
	count := 0
	for start, r := range word {
		starts = [maxExact]int{start, starts[0], starts[1]}
		count++
		end := start + utf8.RuneLen(r)
		for length, first := range starts[:min(count, maxExact)] {
			if gram := word[first:end]; length < 2 || isASCII(gram) {
				found(gram)
			}
		}
	}
}

// isExact reports whether a folded word is a gram itself: the texts that have the gram are
// those that have the word.
func isExact(word string) bool {
	length := utf8.RuneCountInString(word)
	return length < maxExact || length == maxExact && isASCII(word)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
