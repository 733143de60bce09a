package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// This is the only file that knows the PostgreSQL driver.

const (
	postgresConnections = 16
	connectionLife      = 30 * time.Minute // so that a failover or a new pooler is noticed
	minPostgres         = 130000           // server_version_num
)

func postgresDialect() *dialect {
	return &dialect{
		name:        "postgres",
		placeholder: '$',
		lock:        " for no key update",
		lockShared:  " for share",
		lockFull:    " for update",
		listFrom:    "(select value as id from jsonb_array_elements_text(cast(",
		listTo:      " as jsonb)))",
		bytewise:    ` collate "C"`,
		json:        postgresJSON{},
		classify:    classifyPostgres,
	}
}

// isPostgres tells a PostgreSQL URL.
func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

func openPostgres(url string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The parser's own error may repeat the URL with its password.
		return nil, fault.Errorf(fault.ErrInvalid, "the database URL cannot be read; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "rollcall"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxLifetime(connectionLife)
	return db, nil
}

func checkPostgres(ctx context.Context, db *sql.DB) error {
	var version int
	err := db.QueryRowContext(ctx, "select cast(current_setting('server_version_num') as integer)").Scan(&version)
	if err != nil {
		return err
	}
	if version < minPostgres {
		return fault.Errorf(fault.ErrInvalid, "the PostgreSQL server is version %d; at least %d is needed", version/10000, minPostgres/10000)
	}
	var encoding string
	if err := db.QueryRowContext(ctx, "show server_encoding").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fault.Errorf(fault.ErrInvalid, "the PostgreSQL database is encoded in %s; make one with encoding UTF8", encoding)
	}
	return nil
}

func classifyPostgres(err error) failure {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return classifySQLState(e.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) {
		return failBusy
	}
	return failOther
}

// classifySQLState reads the five characters of SQLSTATE (PostgreSQL manual, appendix A).
func classifySQLState(code string) failure {
	switch code {
	case "23505":
		return failUnique
	case "23503":
		return failForeign
	case "53100": // disk_full
		return failFull
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return failRetry
	case "22021", "22P05": // character_not_in_repertoire, untranslatable_character
		return failText
	case "53300", "57P01", "57P02", "57P03", "55P03": // too many connections, shutting down, starting up, lock not available
		return failBusy
	}
	if strings.HasPrefix(code, "08") { // connection exception
		return failBusy
	}
	return failOther
}

// describe names the server and database of a URL without its password.
func describe(url string) string {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return "the PostgreSQL database"
	}
	return fmt.Sprintf("the PostgreSQL database %q on %s:%d", config.Database, config.Host, config.Port)
}
