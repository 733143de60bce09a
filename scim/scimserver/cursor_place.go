package scimserver

import (
	"encoding/binary"
	"math"

	"github.com/rollcall-id/rollcall/scim"
)

// place is what a cursor says: where the page that it asks for begins.
type place struct {
	issued   int64 // seconds since 1970
	count    int   // of the first request
	backward bool
	typ      string         // name of the resource type to go on in; "" at an end
	at       *scim.Position // nil: the beginning, with backward the end
}

const placeVersion = 1

const (
	flagBackward = 1 << iota
	flagPosition
)

// The kinds of a sort key.
const (
	keyNone = iota
	keyText
	keyFalse
	keyTrue
	keyInt
	keyFloat
)

func (p place) encode() []byte {
	b := make([]byte, 0, 128)
	b = append(b, placeVersion)
	b = binary.AppendVarint(b, p.issued)
	b = binary.AppendUvarint(b, uint64(p.count))
	var flags byte
	if p.backward {
		flags |= flagBackward
	}
	if p.at != nil {
		flags |= flagPosition
	}
	b = append(b, flags)
	b = appendText(b, p.typ)
	if p.at != nil {
		b = appendText(b, p.at.ID)
		b = appendKey(b, p.at.Key)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendKey(b []byte, key any) []byte {
	switch v := key.(type) {
	case string:
		return appendText(append(b, keyText), v)
	case bool:
		if v {
			return append(b, keyTrue)
		}
		return append(b, keyFalse)
	case int64:
		return binary.AppendVarint(append(b, keyInt), v)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, keyFloat), math.Float64bits(v))
	}
	return append(b, keyNone)
}

// decodePlace reads what encode wrote.
func decodePlace(b []byte) (p place, ok bool) {
	r := placeReader{rest: b}
	if r.byte() != placeVersion {
		return p, false
	}
	p.issued = r.varint()
	count := r.uvarint()
	flags := r.byte()
	p.typ = r.text()
	p.backward = flags&flagBackward != 0
	if flags&flagPosition != 0 {
		p.at = &scim.Position{ID: r.text(), Key: r.key()}
	}
	if count > math.MaxInt32 || flags&^(flagBackward|flagPosition) != 0 || len(r.rest) > 0 {
		r.bad = true
	}
	p.count = int(count)
	return p, !r.bad
}

// placeReader takes values from the front of rest; bad says that one was not there.
type placeReader struct {
	rest []byte
	bad  bool
}

func (r *placeReader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *placeReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *placeReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.take(uint64(max(n, 0)))
	r.bad = r.bad || n <= 0
	return v
}

func (r *placeReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.take(uint64(max(n, 0)))
	r.bad = r.bad || n <= 0
	return v
}

func (r *placeReader) text() string { return string(r.take(r.uvarint())) }

func (r *placeReader) key() any {
	switch r.byte() {
	case keyNone:
		return nil
	case keyText:
		return r.text()
	case keyFalse:
		return false
	case keyTrue:
		return true
	case keyInt:
		return r.varint()
	case keyFloat:
		if b := r.take(8); b != nil {
			return math.Float64frombits(binary.BigEndian.Uint64(b))
		}
		return nil
	}
	r.bad = true
	return nil
}
