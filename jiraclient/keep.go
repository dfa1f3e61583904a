package jiraclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keepFile writes a file that only its owner may read, whole or not at all, and returns when it would survive a power
// cut.
func keepFile(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the credential: %w", err)
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // 0600
	if err != nil {
		return fmt.Errorf("keep the credential: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep the credential in %s: %w", path, errors.Join(err, os.Remove(f.Name())))
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil // the file is there; only a power cut could still undo the rename
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// keepable finds out whether the file could be written, before a person takes the trouble that leads to what belongs into it.
func keepable(path string) error {
	probe := path + ".probe"
	if err := keepFile(probe, make([]byte, 4096)); err != nil {
		return fmt.Errorf("try whether a token could be kept: %w", err)
	}
	if err := os.Remove(probe); err != nil && !missing(err) { // another login may be trying as well
		return fmt.Errorf("try whether a token could be kept: %w", err)
	}
	return nil
}

// keepJSON is keepFile for a value.
func keepJSON(path string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the credential: %w", err)
	}
	return keepFile(path, append(content, '\n'))
}

// keptJSON reads what keepJSON wrote.
func keptJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		// The parser's words would repeat parts of the file.
		return fmt.Errorf("%s cannot be read as what bot login wrote; run bot login again", path)
	}
	return nil
}

// A stamp tells one writing of a file from the next.
type stamp struct {
	at   time.Time
	size int64
	file os.FileInfo
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{at: info.ModTime(), size: info.Size(), file: info}
}

func (s stamp) same(o stamp) bool {
	if s.file == nil || o.file == nil {
		return s.file == nil && o.file == nil
	}
	return s.at.Equal(o.at) && s.size == o.size && os.SameFile(s.file, o.file)
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
