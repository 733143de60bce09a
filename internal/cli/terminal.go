package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// isTerminal reports whether the stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bar draws a progress bar on a terminal, and nothing elsewhere: logs and pipes get no control characters.
type bar struct {
	w     io.Writer
	on    bool
	last  time.Time
	width int // of the line drawn last
}

func newBar(w io.Writer) *bar { return &bar{w: w, on: isTerminal(w)} }

const (
	barCells    = 28
	barInterval = 80 * time.Millisecond
)

// draw shows done of total; total 0 means that the end is not known yet.
func (b *bar) draw(label string, done, total int, perSecond float64) {
	if !b.on || (time.Since(b.last) < barInterval && done < total) {
		return
	}
	b.last = time.Now()
	line := fmt.Sprintf("%-22s %d", label, done)
	if total > 0 {
		filled := min(barCells, done*barCells/total)
		line = fmt.Sprintf("%-22s %s%s %d/%d", label, strings.Repeat("█", filled), strings.Repeat("░", barCells-filled), done, total)
	}
	if perSecond >= 1 {
		line += fmt.Sprintf("  %.0f/s", perSecond)
		if left := total - done; left > 0 {
			line += fmt.Sprintf("  %s left", time.Duration(float64(left)/perSecond*float64(time.Second)).Round(time.Second))
		}
	}
	pad := max(0, b.width-len([]rune(line)))
	b.width = len([]rune(line))
	fmt.Fprintf(b.w, "\r%s%s", line, strings.Repeat(" ", pad))
}

// end leaves the last line standing and goes to the next.
func (b *bar) end() {
	if b.on && b.width > 0 {
		fmt.Fprintln(b.w)
		b.width = 0
	}
}
