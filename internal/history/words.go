package history

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"jirabot/internal/record"
)

// A run is found by words, and what it is filtered by are words too: rule=NAME stands among them like any word of its
// text. One index so serves every filter, every search and every mixture of both, and always from the newest run on.

// mostWords bounds what one run may bring: a comment can have 32,000 characters.
const mostWords = 1000

// of are the words of a run in a block, each once, for the index.
func (w *words) of(r *record.Run, block int64) string {
	w.out = w.out[:0]
	clear(w.seen)
	w.add(blockWord(block))
	for _, f := range facets(r.Rule, r.Issue, string(r.Outcome), r.ID, r.Delivery) {
		w.add(f)
	}
	if r.Rule != "" && r.Outcome != "" {
		w.add(both(r.Rule, string(r.Outcome)))
	}
	for _, text := range [...]string{r.Issue, r.Rule, string(r.Outcome), r.Kind, r.Actor, r.Reason, r.Why} {
		w.text(text)
	}
	for _, st := range r.Steps {
		w.text(st.Action)
		w.text(st.Sentence)
		w.text(st.Error)
		for _, f := range st.Failures {
			w.text(f)
		}
	}
	return string(w.out)
}

// blockSize is how many runs, by their numbers, make a block. Each has the word of its block. Asked for two frequent words that are
// hardly ever together, the index compares their lists up to the first run that has both; with the word of a block, within that block.
const blockSize = 1 << 16

func blockWord(block int64) string { return "block=" + strconv.FormatInt(block, 10) }

// facets are the words by which runs are filtered.
func facets(rule, issue, outcome, run, delivery string) (out []string) {
	for _, f := range [...][2]string{{"rule", rule}, {"issue", issue}, {"outcome", outcome}, {"run", run}, {"delivery", delivery}} {
		if f[1] != "" {
			out = append(out, f[0]+"="+oneWord(f[1]))
		}
	}
	return out
}

// both is the word of a rule with an outcome. Of two words that are frequent and hardly ever together, the index would
// have to read both lists for long.
func both(rule, outcome string) string {
	return "rule=" + oneWord(rule) + ";outcome=" + oneWord(outcome)
}

// oneWord makes a name one word of the index, whatever it is made of.
func oneWord(name string) string {
	return strings.Map(func(r rune) rune {
		if isWord(r) || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, fold(name))
}

// words collects words, each once. It is used for one run after the other.
type words struct {
	out  []byte
	seen map[string]bool
}

func newWords() *words { return &words{seen: map[string]bool{}} }

func (w *words) add(word string) {
	if len(w.seen) >= mostWords || w.seen[word] {
		return
	}
	w.seen[word] = true
	if len(w.out) > 0 {
		w.out = append(w.out, ' ')
	}
	w.out = append(w.out, word...)
}

// text adds the words of a text: PAY-7 as itself, and as PAY and 7.
func (w *words) text(text string) {
	for word := range split(text) {
		w.add(word)
		if strings.IndexFunc(word, isJoint) < 0 {
			continue
		}
		for part := range strings.FieldsFuncSeq(word, isJoint) {
			w.add(part)
		}
	}
}

// longestWord is in bytes: nobody looks for the rest of a token or a coded file.
const longestWord = 64

// split takes a text apart, folded: letters and digits make words, and - _ . join them from within.
func split(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(fold(text), func(r rune) bool { return !isWord(r) && !isJoint(r) }) {
			if word = strings.TrimFunc(word, isJoint); word == "" || len(word) > longestWord {
				continue
			}
			if ascii(word) && !yield(word) || !ascii(word) && !ideographs(word, yield) {
				return
			}
		}
	}
}

// ideographs takes a word apart whose characters are words, or nearly so: there are no spaces between them.
func ideographs(word string, yield func(string) bool) bool {
	from := 0
	for at, r := range word {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			if from < at && !yield(word[from:at]) {
				return false
			}
			from = at + len(string(r))
			if !yield(word[at:from]) {
				return false
			}
		}
	}
	return from == len(word) || yield(word[from:])
}

func isWord(r rune) bool  { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
func isJoint(r rune) bool { return r == '-' || r == '_' || r == '.' }

// fold makes small letters without accents.
func fold(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// match is a query's expression for the index; "" if it neither filters nor searches.
func (q Query) match() (string, error) {
	var all []string
	if q.Rule != "" && q.Outcome != "" {
		all = append(facets("", q.Issue, "", "", q.Delivery), both(q.Rule, string(q.Outcome)))
	} else {
		all = facets(q.Rule, q.Issue, string(q.Outcome), "", q.Delivery)
	}
	searched := slices.Collect(split(q.Text))
	if strings.TrimSpace(q.Text) != "" && len(searched) == 0 {
		return "", fmt.Errorf("search for %q: there is no word in it", q.Text)
	}
	all = append(all, searched...)
	for i, word := range all {
		all[i] = `"` + word + `"`
	}
	return strings.Join(all, " AND "), nil
}
