package store

import (
	"context"
	"strconv"
	"strings"
)

// chunks are the numbers of rows that one statement inserts. A few fixed sizes keep the number of statement texts, and so of prepared statements, small.
var chunks = [...]int{64, 8, 1}

// insertRows inserts rows with as few statements as the fixed chunk sizes allow. head is "insert into t (columns)", tail what follows the values. It
// returns the number of rows affected.
func insertRows(ctx context.Context, q querier, head, tail string, rows [][]any) (int64, error) {
	var affected int64
	for _, size := range chunks {
		for len(rows) >= size {
			args := make([]any, 0, size*len(rows[0]))
			for _, r := range rows[:size] {
				args = append(args, r...)
			}
			n, err := q.exec(ctx, head+values(size, len(rows[0]))+tail, args...)
			if err != nil {
				return affected, err
			}
			affected += n
			rows = rows[size:]
		}
	}
	return affected, nil
}

// values is " values ($1, $2), ($3, $4)" for two rows of two columns.
func values(rows, columns int) string {
	var b strings.Builder
	b.WriteString(" values ")
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteString(", ")
		}
		for c := range columns {
			if c == 0 {
				b.WriteByte('(')
			} else {
				b.WriteString(", ")
			}
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(')')
	}
	return b.String()
}
