package scim

import "bytes"

// memberScan walks over the members of an object as Encode writes it: no blanks, no escapes in names, no nulls. bad says that the document is another one.
type memberScan struct {
	doc    []byte
	pos    int
	member []byte // "name":value
	name   []byte // without quotes
	bad    bool
}

// open steps into the object.
func (m *memberScan) open() bool {
	m.bad = len(m.doc) < 2 || m.doc[0] != '{' || m.doc[len(m.doc)-1] != '}'
	m.pos = 1
	return !m.bad
}

// next steps to the next member.
func (m *memberScan) next() bool {
	end := len(m.doc) - 1
	if m.bad || m.pos == end {
		return false
	}
	i := m.pos
	if i > 1 {
		if m.doc[i] != ',' {
			m.bad = true
			return false
		}
		i++
	}
	nameEnd := skipString(m.doc, i)
	if nameEnd < 0 || nameEnd >= end || m.doc[nameEnd] != ':' {
		m.bad = true
		return false
	}
	after := skipValue(m.doc, nameEnd+1)
	if after < 0 || after > end {
		m.bad = true
		return false
	}
	m.name, m.member, m.pos = m.doc[i+1:nameEnd-1], m.doc[i:after], after
	return true
}

// value is the value of the member.
func (m *memberScan) value() []byte { return m.member[len(m.name)+len(`"":`):] }

// skipString returns the position behind the string that begins at i, -1 when there is none.
func skipString(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for j := i + 1; ; j++ {
		n := bytes.IndexByte(b[j:], '"')
		if n < 0 {
			return -1
		}
		j += n
		k := j
		for b[k-1] == '\\' {
			k--
		}
		if (j-k)%2 == 0 { // not escaped
			return j + 1
		}
	}
}

// skipValue returns the position behind the value that begins at i, -1 when there is none or it is null.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	case 'n', ',', '}', ']':
		return -1
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == ',' || c == '}' || c == ']' {
			return i
		}
	}
	return -1
}

func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}
