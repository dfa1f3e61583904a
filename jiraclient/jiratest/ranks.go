package jiratest

import (
	"cmp"
	"fmt"
	"slices"
)

// byRank orders issues as boards do. What was never ranked comes last, in the order of creation.
func byRank(a, b *issue) int { return cmp.Compare(a.place(), b.place()) }

// place is what an issue's rank is compared by.
func (i *issue) place() float64 {
	if i.rank == 0 {
		return 1e9 + float64(i.id)
	}
	return float64(i.rank)
}

func rankText(i *issue) string { return fmt.Sprintf("0|i%05d:", int(i.place())%100_000) }

// rankIssues puts issues, in their order, before or after another one.
func (j *Jira) rankIssues(u *user, issues []*issue, at *issue, after bool) {
	all := slices.SortedFunc(slices.Values(j.inOrder()), byRank)
	before := map[*issue]int{}
	for n, i := range all {
		before[i] = n
	}
	all = slices.DeleteFunc(all, func(i *issue) bool { return i != at && slices.Contains(issues, i) })
	issues = slices.DeleteFunc(issues, func(i *issue) bool { return i == at })
	where := slices.Index(all, at)
	if after {
		where++
	}
	all = slices.Insert(all, where, issues...)
	for n, i := range all {
		i.rank = n + 1
	}
	for _, i := range issues {
		words := "Ranked higher"
		switch n := slices.Index(all, i); {
		case n == before[i]:
			continue
		case n > before[i]:
			words = "Ranked lower"
		}
		empty := ""
		it := item{field: "Rank", fieldType: "custom", from: &empty, fromText: &empty, to: &empty, toText: &words}
		j.finish(u, i, "issue_updated", []item{it}, nil, j.now())
	}
}
