package dark

import (
	"bytes"
	"math"
	"strconv"
)

// isDark reads the colour of an answer that match found complete and says
// whether white text stands out from it more than black text does. That is so
// below a relative luminance of about 0.179 (WCAG 2.2, relative luminance and
// contrast ratio).
func isDark(answer []byte) bool {
	spec := answer[bytes.IndexByte(answer, ':')+1:]
	spec = bytes.TrimRight(spec, "\x1b")
	weights := [3]float64{0.2126, 0.7152, 0.0722}
	luminance := 0.0
	for i, channel := range bytes.SplitN(spec, []byte("/"), 4) {
		if i == len(weights) { // alpha says nothing about the colour
			break
		}
		luminance += weights[i] * linear(level(channel))
	}
	return (1+0.05)/(luminance+0.05) > (luminance+0.05)/(0+0.05)
}

// level returns a channel of one to four hex digits as 0 to 1 (XParseColor:
// the value scaled by the largest one of that many digits).
func level(digits []byte) float64 {
	v, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil {
		return 0
	}
	return float64(v) / float64(uint(1)<<(4*len(digits))-1)
}

// linear undoes the sRGB curve.
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
