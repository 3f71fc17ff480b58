package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"campusgate/config"
	"campusgate/handlers/account/keyring"
	"campusgate/storage"
)

// secretName is the file beside an embedded database that has accounts.secret where the
// configuration has none. The one before is beside it, with oldSecret behind its name,
// while the secret is being changed.
const (
	secretName = "accounts.secret"
	oldSecret  = ".old"
)

// secretFile is the path of that file, "" where the configuration has the secret, or the
// database no folder.
func secretFile(c *config.Config) string {
	if c.Accounts.Secret != "" || c.Database.Driver != "sqlite" {
		return ""
	}
	return filepath.Join(filepath.Dir(c.Database.DSN.Reveal()), secretName)
}

// secretPlace is where the secret is, as check shows it.
func secretPlace(c *config.Config) string {
	switch file := secretFile(c); {
	case file != "":
		return "file " + file
	case c.Accounts.Secret != "":
		return "accounts.secret"
	default:
		return "none"
	}
}

// atSecret names the secret, if it is at fault.
func atSecret(c *config.Config, err error) error {
	if !errors.Is(err, keyring.ErrSecret) && !errors.Is(err, keyring.ErrNoSecret) {
		return err
	}
	if file := secretFile(c); file != "" {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return atKey("accounts.secret", err)
}

// accountSecrets reads the secret, and the one before it while it is being changed.
func accountSecrets(c *config.Config) (secrets keyring.Secrets, err error) {
	file := secretFile(c)
	if file == "" {
		secrets.Current, err = secretBytes(c.Accounts.Secret.Reveal())
		if err == nil {
			secrets.Old, err = secretBytes(c.Accounts.OldSecret.Reveal())
		}
		return secrets, err
	}
	secrets.Current, err = readSecret(file)
	if err == nil {
		secrets.Old, err = readSecret(file + oldSecret)
	}
	return secrets, atKey("accounts.secret", err)
}

// readSecret is nil where there is no file.
func readSecret(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	secret, err := secretBytes(string(bytes.TrimSpace(text)))
	if err != nil || secret == nil {
		return nil, fmt.Errorf("%s must hold 64 hexadecimal digits", file)
	}
	return secret, nil
}

// secretBytes is nil for "".
func secretBytes(digits string) ([]byte, error) {
	secret, err := hex.DecodeString(digits)
	switch {
	case digits == "":
		return nil, nil
	case err != nil || len(secret) != keyring.SecretSize:
		return nil, errors.New("a secret has 64 hexadecimal digits")
	default:
		return secret, nil
	}
}

// makeSecret writes a new secret into a file that its owner alone may read. What was
// there is replaced.
func makeSecret(file string) ([]byte, error) {
	secret := make([]byte, keyring.SecretSize)
	_, _ = rand.Read(secret) // never fails
	return secret, atKey("accounts.secret", whoMayNot(writeSecret(file, secret), filepath.Dir(file)))
}

// writeSecret gives a file its name once it is whole on the disk, and then waits for the
// name: what the secret seals is lost without it.
func writeSecret(file string, secret []byte) error {
	part, err := os.CreateTemp(filepath.Dir(file), "."+secretName+"-*") // mode 600
	if err != nil {
		return err
	}
	_, err = part.WriteString(hex.EncodeToString(secret) + "\n")
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(part.Name()))
	}
	if folder, err := os.Open(filepath.Dir(file)); err == nil {
		_ = folder.Sync() // not every system can
		_ = folder.Close()
	}
	return nil
}

// openKeyring is nil where there is no secret and no folder to make one in: then nobody
// can be verified. It fails where the secret does not open what is stored.
func openKeyring(ctx context.Context, c *config.Config, db *storage.DB) (*keyring.Keyring, error) {
	secrets, err := accountSecrets(c)
	if err != nil {
		return nil, err
	}
	if secrets.Current == nil {
		if err := keyring.Check(ctx, db, secrets); err != nil {
			return nil, atSecret(c, err)
		}
		file := secretFile(c)
		if file == "" {
			return nil, nil
		}
		if secrets.Current, err = makeSecret(file); err != nil {
			return nil, err
		}
	}
	ring, err := keyring.Open(ctx, db, secrets)
	return ring, atSecret(c, err)
}
