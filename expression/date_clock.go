package expression

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// time reads what follows an hour: minutes, seconds, their fraction, and AM or PM.
func (r *looseReader) time() error {
	for _, part := range []*int{&r.minute, &r.second} {
		if !r.take(':') {
			break
		}
		n, ok := r.digits(2)
		if !ok {
			return errors.New("minutes and seconds have one or two digits")
		}
		*part = n.value
	}
	if r.second != unset && r.take('.') {
		n := len(r.rest) - len(strings.TrimLeft(r.rest, digits))
		if n == 0 {
			return errors.New("digits must follow the point after the seconds")
		}
		r.ticks = fractionTicks(r.rest[:n])
		r.rest = r.rest[n:]
	}
	if r.afternoon = r.half(); r.afternoon == unset {
		return nil
	}
	_, r.rest = letters(strings.TrimLeft(r.rest, " "))
	const morning, hours = 0, 12
	switch {
	case r.hour > hours && r.afternoon == morning:
		return fmt.Errorf("there is no hour %d AM", r.hour)
	case r.hour <= hours:
		r.hour = r.hour%hours + hours*r.afternoon
	}
	return nil
}

// fractionTicks rounds digits after the point of a second to 100 ns.
func fractionTicks(text string) int64 {
	ticks := int64(0)
	for i := range maxFraction {
		ticks *= 10
		if i < len(text) {
			ticks += int64(text[i] - '0')
		}
	}
	if len(text) > maxFraction && text[maxFraction] >= '5' {
		ticks++
	}
	return ticks
}

// half says which half of the day AM or PM ahead means; unset: neither is there.
func (r *looseReader) half() int {
	word, _ := letters(strings.TrimLeft(r.rest, " "))
	return slices.IndexFunc([]string{"AM", "PM"}, func(mark string) bool { return strings.EqualFold(mark, word) })
}

// zone reads the distance from UTC: +2, +02, +0200 or +02:00.
func (r *looseReader) zone() error {
	negative := r.rest[0] == '-'
	r.rest = r.rest[1:]
	hours, ok := r.digits(4)
	minutes := dateNumber{}
	if ok && hours.digits == 4 {
		hours.value, minutes.value = hours.value/100, hours.value%100
	} else if ok && hours.digits <= 2 && r.take(':') {
		minutes, ok = r.digits(2)
	}
	if !ok || hours.digits == 3 || minutes.value > 59 {
		return errors.New("a time zone is written as Z, +02:00 or -0700")
	}
	r.zoned = true
	r.offset = time.Duration(hours.value)*time.Hour + time.Duration(minutes.value)*time.Minute
	if negative {
		r.offset = -r.offset
	}
	return nil
}
