package themes_test

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"testing"

	"flowscope/themes"
)

// luminance is WCAG 2.2's relative luminance of "#rrggbb".
func luminance(hex string) (float64, error) {
	if len(hex) != 7 || hex[0] != '#' {
		return 0, fmt.Errorf("%q is no #rrggbb", hex)
	}
	v, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return 0, err
	}
	channel := func(shift uint) float64 {
		c := float64(v>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0), nil
}

// contrast is WCAG 2.2's contrast ratio, 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, err := luminance(a)
	if err != nil {
		t.Fatal(err)
	}
	lb, err := luminance(b)
	if err != nil {
		t.Fatal(err)
	}
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// The measure itself, against ratios published with WCAG's techniques.
func TestContrastMeasure(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#777777", "#ffffff", 4.48},
		{"#767676", "#ffffff", 4.54},
		{"#ff0000", "#ffffff", 4.00},
		{"#123456", "#123456", 1},
	} {
		if got := contrast(t, c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("contrast of %s on %s is %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

// backgrounds are the fields of Palette that text is put on; everything else
// but Border is a text role, found by reflection so that none is forgotten.
var backgrounds = []string{"Paper", "SelectionBackground", "BarBackground", "SurfaceBackground"}

func TestContrast(t *testing.T) {
	paper := map[bool]string{true: "#16161e", false: "#fafafa"}
	for _, theme := range themes.Builtin() {
		for _, dark := range []bool{true, false} {
			p := theme.Palette(dark)
			if p == (themes.Palette{}) {
				continue // no colours, no contrast
			}
			if p.Paper != paper[dark] {
				t.Errorf("%s: paper %s, want %s", theme.Name, p.Paper, paper[dark])
			}
			v := reflect.ValueOf(p)
			roles := 0
			for i := range v.NumField() {
				role := v.Type().Field(i).Name
				if v.FieldByName(role).String() == "" {
					t.Errorf("%s, dark %v: %s has no colour", theme.Name, dark, role)
				}
				if isBackground(role) {
					continue
				}
				roles++
				least := 4.5
				if role == "Border" {
					least = 1.5
				}
				for _, bg := range backgrounds {
					got := contrast(t, v.Field(i).String(), v.FieldByName(bg).String())
					if got < least {
						t.Errorf("%s, dark %v: %s on %s is %.2f:1, want %.1f:1", theme.Name, dark, role, bg, got, least)
					}
				}
			}
			if roles != 12 {
				t.Errorf("%d roles were measured, want 12", roles)
			}
		}
	}
}

func isBackground(field string) bool {
	for _, b := range backgrounds {
		if field == b {
			return true
		}
	}
	return false
}

// Within a palette no two roles may look the same.
func TestRolesDiffer(t *testing.T) {
	for _, theme := range themes.Builtin() {
		for _, dark := range []bool{true, false} {
			p := theme.Palette(dark)
			if p == (themes.Palette{}) {
				continue
			}
			seen := map[string]string{}
			v := reflect.ValueOf(p)
			for i := range v.NumField() {
				name, colour := v.Type().Field(i).Name, v.Field(i).String()
				if other, taken := seen[colour]; taken {
					t.Errorf("%s, dark %v: %s and %s are both %s", theme.Name, dark, other, name, colour)
				}
				seen[colour] = name
			}
		}
	}
}
