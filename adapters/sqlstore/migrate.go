package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// versionTable is where goose notes what it applied.
const versionTable = "nf_migrations"

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema up to date, one transaction for each migration, and
// returns the names of those it applied. Several instances may do so at once. It
// may take a hundred times Config.StatementTimeout. Faults: precondition_failed (the database is newer), unavailable, internal.
func (s *Store) Migrate(ctx context.Context) (applied []string, err error) {
	const op = "migrate the database"
	pool := s.writer.DB
	if s.unlimited != nil {
		pool = s.unlimited()
		defer pool.Close() //nolint:errcheck // what it did is done
	}
	provider, err := s.provider(pool)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot read the migrations")
	}
	for {
		version, err := s.knownVersion(ctx, provider)
		if err != nil {
			return applied, err
		}
		var done []*goose.MigrationResult
		err = s.within(ctx, op, patient, func(ctx context.Context) error {
			results, err := provider.Up(ctx)
			var partial *goose.PartialError
			if errors.As(err, &partial) {
				results = partial.Applied
			}
			done = append(done, results...)
			return err
		})
		for _, r := range done {
			applied = append(applied, migrationName(r.Source))
		}
		if err == nil {
			return applied, nil
		}
		// On SQLite, which has no advisory locks, another instance may have
		// applied the same migration first. Then the version has moved on.
		now, versionErr := s.knownVersion(ctx, provider)
		if versionErr != nil || now <= version+int64(len(done)) {
			return applied, err
		}
	}
}

// Pending returns the names of migrations that have not been applied, without
// changing anything. Faults as for Migrate.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	provider, err := s.provider(s.writer.DB)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot read the migrations")
	}
	version, err := s.knownVersion(ctx, provider)
	if err != nil {
		return nil, err
	}
	var pending []string
	for _, source := range provider.ListSources() {
		if source.Version > version {
			pending = append(pending, migrationName(source))
		}
	}
	return pending, nil
}

func (s *Store) provider(pool *sql.DB) (*goose.Provider, error) {
	folder, engine := "sqlite", goose.DialectSQLite3
	options := []goose.ProviderOption{
		goose.WithTableName(versionTable),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
		goose.WithGoMigrations(goose.NewGoMigration(firstVersion, &goose.GoFunc{RunTx: s.begin}, nil)),
	}
	if s.dialect == postgresSQL {
		folder, engine = "postgres", goose.DialectPostgres
		options = append(options, goose.WithSessionLocker(advisoryLock{}))
	}
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(engine, pool, files, options...)
}

// knownVersion is the version of the schema; 0 for a database that was never
// migrated. It fails when this program does not know the version.
func (s *Store) knownVersion(ctx context.Context, provider *goose.Provider) (int64, error) {
	var version int64
	err := s.reading(ctx, "read the version of the database", usual, func(ctx context.Context, q conn) error {
		err := q.get(ctx, &version, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable)
		if err != nil && noTable(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; version > newest {
		return 0, fault.New(fault.PreconditionFailed,
			"a newer nflow migrated this database: its schema is version %d, this program knows up to %d; upgrade nflow",
			version, newest)
	}
	return version, nil
}

func migrationName(source *goose.Source) string {
	if source.Path == "" {
		return fmt.Sprintf("%05d_designer", source.Version)
	}
	return strings.TrimSuffix(path.Base(source.Path), ".sql")
}
