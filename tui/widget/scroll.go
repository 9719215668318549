package widget

// Scroll is a window on a list of lines: how far down it has been moved. The
// lines themselves stay with their owner.
type Scroll struct{ Top int }

// Clip keeps the window inside n lines with h of them visible.
func (s *Scroll) Clip(n, h int) { s.Top = max(0, min(s.Top, n-h)) }

// By moves the window by d lines.
func (s *Scroll) By(d, n, h int) {
	s.Top += d
	s.Clip(n, h)
}

// Show moves the window so that the lines from first to last are visible, the
// first before all others.
func (s *Scroll) Show(first, last, n, h int) {
	if last >= s.Top+h {
		s.Top = last - h + 1
	}
	if first < s.Top {
		s.Top = first
	}
	s.Clip(n, h)
}

// Window gives the visible lines, and whether there is more above and below.
func (s *Scroll) Window(lines []string, h int) (visible []string, above, below bool) {
	s.Clip(len(lines), h)
	end := min(len(lines), s.Top+h)
	return lines[s.Top:end], s.Top > 0, end < len(lines)
}
