package jiraclient_test

import (
	"context"
	"errors"
	"iter"
	"slices"

	"jirabot/jiraclient"
)

// An exercise calls one operation, or what it takes to see all of its requests.
type exercise struct {
	operation string
	do        func(context.Context, world) error
}

// exercises has at least one line for each operation, by area. They are on the issues PAY-1, where somebody commented,
// logged work and attached a file, and CHK-1, which PAY-1 blocks.
func exercises() []exercise {
	return slices.Concat(issueExercises(), projectExercises(), agileExercises(), loginExercises())
}

func only[T any](_ T, err error) error { return err }

func drain[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// refused is for what cannot work: Jira's no is what was wanted.
func refused(err error) error {
	if err == nil {
		return errors.New("it worked, against all expectations")
	}
	if _, said := errors.AsType[*jiraclient.Error](err); said {
		return nil
	}
	return err
}
