package filter

import "strconv"

// Error says where and why a filter or path could not be read.
type Error struct {
	Pos      int    // byte offset in the input
	Message  string // what was found and what was expected there
	InFilter bool   // of a path: the mistake is inside the brackets
}

// Error returns the message with the position counted from 1, as people count.
func (e *Error) Error() string { return "at character " + strconv.Itoa(e.Pos+1) + ": " + e.Message }
