package strictyaml

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func (s *Source) duration(node ast.Node, v reflect.Value) {
	if text, ok := Text(node); ok {
		if d, err := ParseDuration(text); err == nil {
			v.SetInt(int64(d))
			return
		}
	}
	s.wrong(node, describe(v.Type()))
}

// ParseDuration is time.ParseDuration that knows weeks and days as well: 90d, 2w, 1d12h. It knows no negative ones:
// nothing in our files lasts less than no time.
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is no duration such as 90s, 15m, 12h or 7d", text)
	total, rest := time.Duration(0), text
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		number, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || time.Duration(n) > (math.MaxInt64-total)/unit.length {
			return 0, wrong
		}
		total += time.Duration(n) * unit.length
		rest = after
	}
	if rest == "" && text != "" {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || strings.HasPrefix(rest, "-") || d > math.MaxInt64-total {
		return 0, wrong
	}
	return total + d, nil
}
