package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// remake writes a file anew from what the system still has of it in memory. After a failed sync Linux takes the pages
// for clean and would never write them again.
func remake(path string) error {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	tmp := path + ".remade"
	if err := writeSynced(tmp, data); err != nil {
		return errors.Join(fmt.Errorf("rewrite %s: %w", path, err), os.Remove(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}
