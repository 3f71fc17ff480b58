package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// The names in an archive: the database, the folders of pictures and of secrets, and
// last the sums of all before it, in sha256sum's format.
const (
	archiveDatabase = "campusgate.db"
	archivePictures = "pictures/"
	archiveSecrets  = "secrets/"
	archiveSums     = "SHA256SUMS"
)

// An archiveWriter writes an archive.
type archiveWriter struct {
	compressed *zstd.Encoder
	tar        *tar.Writer
	sums       map[string]string // by name
}

func newArchiveWriter(to io.Writer) (*archiveWriter, error) {
	compressed, err := zstd.NewWriter(to)
	if err != nil {
		return nil, err
	}
	return &archiveWriter{compressed, tar.NewWriter(compressed), map[string]string{}}, nil
}

// add adds a file of a known size.
func (a *archiveWriter) add(name string, size int64, modified time.Time, content io.Reader) error {
	err := a.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: modified, Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(a.tar, sum), content); err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	a.sums[name] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// close adds the sums.
func (a *archiveWriter) close() error {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(a.sums)) {
		fmt.Fprintf(&text, "%s  %s\n", a.sums[name], name)
	}
	err := a.add(archiveSums, int64(text.Len()), time.Now(), strings.NewReader(text.String()))
	return errors.Join(err, a.tar.Close(), a.compressed.Close())
}

// readArchive calls found for each file of an archive, and compares what found has read
// with the sums at its end: an archive that was cut has none.
func readArchive(from io.Reader, found func(header *tar.Header, content io.Reader) error) error {
	decompressed, err := zstd.NewReader(from)
	if err != nil {
		return err
	}
	defer decompressed.Close()
	files, sums := tar.NewReader(decompressed), map[string]string{}
	for {
		header, err := files.Next()
		if err != nil {
			return fmt.Errorf("the archive has no %s at its end: %w", archiveSums, err)
		}
		if header.Name == archiveSums {
			return compareSums(files, sums)
		}
		sum := sha256.New()
		content := io.TeeReader(files, sum)
		err = found(header, content)
		if err == nil {
			_, err = io.Copy(io.Discard, content) // what found did not want
		}
		if err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
		sums[header.Name] = hex.EncodeToString(sum.Sum(nil))
	}
}

func compareSums(list io.Reader, sums map[string]string) error {
	text, err := io.ReadAll(list)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "  ")
		if sums[name] != sum {
			return fmt.Errorf("%s is not as it was when it was archived", name)
		}
		delete(sums, name)
	}
	for name := range sums {
		return fmt.Errorf("%s is not in %s", name, archiveSums)
	}
	return nil
}

// archiveCount counts the files of an archive as they pass, and shows that.
type archiveCount struct {
	progress *progress
	verb     string
	files    int
	bytes    int64
}

func (c *archiveCount) add(size int64) {
	c.files++
	c.bytes += size
	c.progress.show(c.verb, c.files, unknown)
}

// finish says that the archive is whole.
func (c *archiveCount) finish() {
	c.progress.stop()
	fmt.Fprintf(c.progress.out, "%s %d files, %.1f MiB, and read them again\n", c.verb, c.files, float64(c.bytes)/(1<<20))
}
