package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"text/template"

	"github.com/pressly/goose/v3"
)

// migrationFiles are named NNNNN_what.sql. They only go forward, each in one
// transaction; a released one is never changed.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the tables up to date. The caller keeps others from doing the
// same at the same time.
func migrate(ctx context.Context, db *sql.DB, kind goose.Dialect, words types) error {
	provider, err := newMigrator(db, kind, words)
	if err != nil {
		return err
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read version of the database: %w", err)
	}
	if current > known {
		return fmt.Errorf("the database was last used by a newer version of Oasis (its tables have version %d, "+
			"this program knows versions up to %d): start that version, or restore a backup from before the upgrade", current, known)
	}
	if current == known {
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("upgrade the database from version %d to %d: %w", current, known, err)
	}
	return nil
}

// isBehind tells whether migrate has something to do.
func isBehind(ctx context.Context, db *sql.DB, kind goose.Dialect, words types) (bool, error) {
	provider, err := newMigrator(db, kind, words)
	if err != nil {
		return false, err
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return false, fmt.Errorf("read version of the database: %w", err)
	}
	return current < known, nil
}

func newMigrator(db *sql.DB, kind goose.Dialect, words types) (*goose.Provider, error) {
	migrations, err := readMigrations(words)
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(kind, db, nil,
		goose.WithGoMigrations(migrations...), goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_versions"))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

// readMigrations fills the words of a dialect into the migrations.
func readMigrations(words types) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	migrations := make([]*goose.Migration, 0, len(names))
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		t, err := template.ParseFS(migrationFiles, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		var script bytes.Buffer
		if err := t.Execute(&script, words); err != nil {
			return nil, fmt.Errorf("fill in migration %s: %w", name, err)
		}
		run := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, script.String())
			return err
		}
		migrations = append(migrations, goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil))
	}
	return migrations, nil
}
