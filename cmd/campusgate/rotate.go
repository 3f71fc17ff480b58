package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"campusgate/config"
	"campusgate/handlers/account/keyring"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// secretJob is the kind of the job that seals anew what the old secret has sealed. Its key
// is the id of the new one.
const secretJob = "secret"

func setupSecretRotate(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connectCurrent, func(db *storage.DB) error {
			secrets, err := changeSecret(ctx, c, db)
			if err != nil {
				return err
			}
			id, err := secrets.ID()
			if err != nil {
				return err
			}
			err = db.InTx(ctx, func(tx *storage.Tx) error {
				now, err := tx.Now(ctx)
				if err != nil {
					return err
				}
				return tx.AddJob(ctx, storage.Job{Kind: secretJob, Key: id, Due: now})
			})
			if err != nil {
				return err
			}
			old := "accounts.old_secret"
			if file := secretFile(c); file != "" {
				old = file + oldSecret
			}
			fmt.Fprintf(p.stderr, "the server now seals anew what %s has sealed\n", old)
			return nil
		})
	}
}

// changeSecret returns the new secret and the old one, which open what is stored. A file
// gets a new secret, unless a change of it is under way.
func changeSecret(ctx context.Context, c *config.Config, db *storage.DB) (keyring.Secrets, error) {
	secrets, err := accountSecrets(c)
	if err != nil {
		return secrets, err
	}
	if err := keyring.Check(ctx, db, secrets); err != nil {
		return secrets, atSecret(c, err)
	}
	file := secretFile(c)
	switch {
	case file == "" && secrets.Old == nil:
		return secrets, errors.New("accounts.old_secret: must be set, to the secret before, and accounts.secret to a new one, on all replicas")
	case file == "":
		return secrets, nil
	case secrets.Current == nil:
		return secrets, fmt.Errorf("accounts.secret: there is no %s yet: serve makes it", file)
	case secrets.Old == nil || bytes.Equal(secrets.Old, secrets.Current): // equal where a change broke off between its files
		secrets.Old = secrets.Current
		if err := writeSecret(file+oldSecret, secrets.Old); err != nil {
			return secrets, atKey("accounts.secret", whoMayNot(err, filepath.Dir(file)))
		}
		secrets.Current, err = makeSecret(file)
	}
	return secrets, err
}

// rewritePause is until a rewrite looks for what calls that were under way have sealed by
// the old secret, beside what a call may take.
const rewritePause = time.Minute

// rewritingSecret is the job, which has all the time that the pictures take.
func (g *gateway) rewritingSecret() jobs.Kind {
	return jobs.Kind{Name: secretJob, Run: g.rewriteSecret, AtOnce: 1, Timeout: time.Hour}
}

// rewriteSecret runs the job until it finds nothing to rewrite. Then a file of the old
// secret is removed.
func (g *gateway) rewriteSecret(ctx context.Context, job storage.Job) error {
	file := secretFile(g.configuration)
	if file != "" {
		if err := g.useSecretFiles(ctx); err != nil {
			return err
		}
	}
	if g.keyring == nil || g.keyring.ID() != job.Key {
		return errors.New("accounts.secret: it is not the one that secret rotate was run with")
	}
	values, err := g.keyring.Rewrite(ctx)
	if err != nil {
		return err
	}
	if values > 0 {
		g.logger.Info("sealed anew by accounts.secret", "values", values)
		now, err := g.now(ctx)
		if err != nil {
			return err
		}
		return jobs.Later(time.Unix(now, 0).Add(rewritePause + g.configuration.Server.WriteTimeout))
	}
	if file == "" {
		return nil
	}
	// Another change may have begun since: then its old secret is the one that seals all.
	if err := g.useSecretFiles(ctx); err != nil || g.keyring.ID() != job.Key {
		return err
	}
	if err := os.Remove(file + oldSecret); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return atKey("accounts.secret", err)
	}
	return g.useSecretFiles(ctx)
}

// useSecretFiles lets the keyring follow the files of secrets.
func (g *gateway) useSecretFiles(ctx context.Context) error {
	secrets, err := accountSecrets(g.configuration)
	if err == nil {
		err = atSecret(g.configuration, g.keyring.Use(ctx, secrets))
	}
	return err
}
