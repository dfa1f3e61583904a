package speed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

// profiled does something, and takes a processor profile of its first three seconds if profiles are wanted and there is none of that
// name yet. A profile slows the bot down a little, so the round of the profile is best not believed.
func (b *bot) profiled(ctx context.Context, name string, do func() error) error {
	dir := b.run.opts.Profile
	if dir == "" {
		return do()
	}
	file := filepath.Join(dir, strings.NewReplacer(" ", "-", ",", "", "/", "-").Replace(name)+".cpu.pprof")
	if _, err := os.Stat(file); err == nil {
		return do()
	}
	var group errgroup.Group
	group.Go(func() error {
		return b.fetch(ctx, "profile?seconds="+map[bool]string{false: "3", true: "1"}[b.run.opts.Quick], file)
	})
	return errors.Join(do(), group.Wait())
}

// snapshots takes a profile of the memory in use and of all that was ever allocated.
func (b *bot) snapshots(ctx context.Context, name string) error {
	dir := b.run.opts.Profile
	if dir == "" {
		return nil
	}
	return errors.Join(b.fetch(ctx, "heap?gc=1", filepath.Join(dir, name+".heap.pprof")), b.fetch(ctx, "allocs", filepath.Join(dir, name+".allocs.pprof")))
}

func (b *bot) fetch(ctx context.Context, what, file string) error {
	data, err := get(ctx, "http://"+b.profile+"/debug/pprof/"+what)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}
