package event

import "encoding/binary"

func (r *reader) literal(word string) {
	for i := range len(word) {
		if r.at() != word[i] {
			r.fail("expected " + word)
			return
		}
		r.pos++
	}
}

// number returns the digits as they stand.
func (r *reader) number() []byte {
	start := r.pos
	if r.at() == '-' {
		r.pos++
	}
	if r.at() == '0' {
		r.pos++ // nothing but a dot or an exponent may follow a leading zero
	} else if !r.digits() {
		return nil
	}
	if r.at() == '.' {
		r.pos++
		if !r.digits() {
			return nil
		}
	}
	if c := r.at(); c == 'e' || c == 'E' {
		r.pos++
		if c := r.at(); c == '+' || c == '-' {
			r.pos++
		}
		if !r.digits() {
			return nil
		}
	}
	return r.src[start:r.pos]
}

func (r *reader) digits() bool {
	start := r.pos
	for isDigit(r.at()) {
		r.pos++
	}
	if r.pos == start {
		r.fail("expected a digit")
		return false
	}
	return true
}

// at is the byte here, white space or not; 0 at the end.
func (r *reader) at() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// quoted returns what stands between the quotes, and whether unescape has work to do on it.
func (r *reader) quoted() (text []byte, escaped bool) {
	src, start := r.src, r.pos+1
	for i := start; ; {
		for i+8 <= len(src) && plain(binary.LittleEndian.Uint64(src[i:])) {
			i += 8
		}
		for i < len(src) && src[i] != '"' && src[i] != '\\' && src[i] >= ' ' {
			i++
		}
		r.pos = i
		switch {
		case i == len(src):
			r.fail("expected a closing quote")
			return nil, false
		case src[i] == '"':
			r.pos++
			return src[start:i], escaped
		case src[i] != '\\':
			r.fail("control character in a text")
			return nil, false
		}
		n := escapeLength(src[i:])
		if n == 0 {
			r.fail("bad escape in a text")
			return nil, false
		}
		escaped = true
		i += n
	}
}

// plain tells whether none of eight bytes is a quote, a backslash or a control character. Nearly all bytes of a body
// stand in texts, and looking at eight at a time halves the time that a long one takes.
// See https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord.
func plain(eight uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, backslash := eight^(ones*'"'), eight^(ones*'\\')
	return ((eight-ones*' ')&^eight|(quote-ones)&^quote|(backslash-ones)&^backslash)&highs == 0
}
