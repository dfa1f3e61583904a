package journal

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
)

// deal gives each lane to one of the names, to all as many as to the others. It gives the same for the same names in
// whatever order, and when a name comes or goes, most of the lanes stay where they are.
func deal(names []string, lanes int) []string {
	dealt := make([]string, lanes)
	if len(names) == 0 {
		return dealt
	}
	most := (lanes + len(names) - 1) / len(names)
	has := make(map[string]int, len(names))
	for lane := range dealt {
		// Each lane has an order of its own among the names, and goes to the first that has not enough yet.
		order := slices.Clone(names)
		slices.SortFunc(order, func(a, b string) int {
			return cmp.Or(cmp.Compare(rank(a, lane), rank(b, lane)), cmp.Compare(a, b))
		})
		for _, name := range order {
			if has[name] < most {
				dealt[lane] = name
				has[name]++
				break
			}
		}
	}
	return dealt
}

// rank is a number that looks random.
func rank(name string, lane int) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name + "/" + strconv.Itoa(lane)))
	x := h.Sum64()
	// FNV alone hardly carries the last bytes upwards.
	for range 2 {
		x ^= x >> 32
		x *= 0xd6e8feb86659fd93
	}
	return x ^ x>>32
}
