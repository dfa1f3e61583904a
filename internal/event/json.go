package event

// A reader walks over a JSON text once, from left to right, and checks it on the way.
//
// It stands here instead of a decoder into structs for three reasons. Jira uses keys that differ by case only, and the
// usual decoders match without regard to case. A value of an unexpected type must count as absent and not spoil the
// rest. And most of a body is avatars and empty custom fields, over which a reader steps without building anything.
//
// Errors stick: after the first one every method returns zero values and nothing moves any more.
type reader struct {
	src   []byte
	pos   int
	depth int
	err   *Unreadable
}

// maxDepth is where encoding/json stops, too.
const maxDepth = 10000

func (r *reader) fail(reason string) {
	if r.err == nil {
		if r.pos >= len(r.src) {
			reason = "unexpected end"
		}
		r.err = &Unreadable{Pos: r.pos, Reason: reason}
	}
	r.pos = len(r.src)
}

// peek returns the next byte that is not white space without taking it, 0 at the end.
func (r *reader) peek() byte {
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; c {
		case ' ', '\n', '\r', '\t':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// end demands that nothing follows.
func (r *reader) end() {
	if r.peek(); r.pos < len(r.src) {
		r.fail("expected the end after one JSON value")
	}
}

// object calls each for every key; each reads the value, or leaves it alone to have it skipped. A value that is no
// object is skipped, and the answer is false.
func (r *reader) object(each func(key []byte)) bool {
	if r.peek() != '{' {
		r.skip()
		return false
	}
	if !r.enter() {
		return false
	}
	if r.peek() == '}' {
		return r.leave()
	}
	for {
		if r.peek() != '"' {
			r.fail("expected a key in quotes")
			return false
		}
		key, escaped := r.quoted()
		if escaped {
			key = unescape(key)
		}
		if r.peek() != ':' {
			r.fail("expected a colon after the key")
			return false
		}
		r.pos++
		r.peek()
		start := r.pos
		each(key)
		if r.pos == start {
			r.skip()
		}
		switch r.peek() {
		case ',':
			r.pos++
		case '}':
			return r.leave()
		default:
			r.fail("expected a comma or }")
			return false
		}
	}
}

// array calls each for every element, under the same terms as object.
func (r *reader) array(each func()) bool {
	if r.peek() != '[' {
		r.skip()
		return false
	}
	if !r.enter() {
		return false
	}
	if r.peek() == ']' {
		return r.leave()
	}
	for {
		r.peek()
		start := r.pos
		each()
		if r.pos == start {
			r.skip()
		}
		switch r.peek() {
		case ',':
			r.pos++
		case ']':
			return r.leave()
		default:
			r.fail("expected a comma or ]")
			return false
		}
	}
}

func (r *reader) enter() bool {
	if r.depth++; r.depth > maxDepth {
		r.fail("nested too deeply")
		return false
	}
	r.pos++
	return true
}

func (r *reader) leave() bool {
	r.depth--
	r.pos++
	return true
}

// skip steps over one value of any type.
func (r *reader) skip() {
	switch c := r.peek(); c {
	case '{':
		r.object(func([]byte) {})
	case '[':
		r.array(func() {})
	case '"':
		r.quoted()
	case 't':
		r.literal("true")
	case 'f':
		r.literal("false")
	case 'n':
		r.literal("null")
	default:
		if c == '-' || isDigit(c) {
			r.number()
			return
		}
		r.fail("expected a value")
	}
}

// raw steps over one value and returns its bytes, a part of the source.
func (r *reader) raw() []byte {
	r.peek()
	start := r.pos
	r.skip()
	if r.err != nil {
		return nil
	}
	return r.src[start:r.pos:r.pos]
}
