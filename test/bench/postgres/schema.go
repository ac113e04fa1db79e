package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// schema uses numbers for codes, as small columns are cheap columns. Position
// gives the log one order; (source, id) recognises a repeat. A subject is one
// person as one system knows them; the rows of identifiers of one e-mail
// address lead to the subjects of every system.
const schema = `
CREATE SEQUENCE subjects CACHE 1;
CREATE TABLE codes (id smallint PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE identifiers (
	kind smallint NOT NULL, value text NOT NULL, subject bigint NOT NULL,
	PRIMARY KEY (kind, value, subject));
CREATE TABLE events (
	position bigint GENERATED ALWAYS AS IDENTITY, recorded timestamptz NOT NULL DEFAULT now(),
	time timestamptz NOT NULL, subject bigint NOT NULL,
	source smallint NOT NULL, kind smallint NOT NULL, subject_type smallint NOT NULL,
	dataset smallint NOT NULL, activity smallint NOT NULL, recipient smallint NOT NULL, provenance smallint NOT NULL,
	categories smallint[] NOT NULL, id text NOT NULL,
	PRIMARY KEY (source, id));
CREATE TABLE holdings (
	subject bigint NOT NULL, first_seen timestamptz NOT NULL, last_seen timestamptz NOT NULL, last_used timestamptz,
	system smallint NOT NULL, dataset smallint NOT NULL, activity smallint NOT NULL, category smallint NOT NULL,
	recipient smallint NOT NULL, subject_type smallint NOT NULL, provenance smallint NOT NULL, state smallint NOT NULL,
	PRIMARY KEY (subject, system, dataset, activity, category, recipient)) WITH (fillfactor = 90);
CREATE INDEX ON holdings (system);
CREATE INDEX ON holdings (recipient) WHERE recipient <> 0;
CREATE INDEX ON holdings (category);
`

const staging = `
CREATE TEMP TABLE staging (
	time timestamptz, subject bigint, source smallint, kind smallint, subject_type smallint, dataset smallint,
	activity smallint, recipient smallint, provenance smallint, categories smallint[], id text) ON COMMIT DELETE ROWS`

// insertEvents appends what was not there before; a repeat is left out.
const insertEvents = `
INSERT INTO events (time, subject, source, kind, subject_type, dataset, activity, recipient, provenance, categories, id)
SELECT time, subject, source, kind, subject_type, dataset, activity, recipient, provenance, categories, id FROM staging
ON CONFLICT (source, id) DO NOTHING`

// upsertHoldings folds the batch first, touches a row only if it changes, and
// goes through the key in order, which keeps pages warm and prevents deadlock.
const upsertHoldings = `
INSERT INTO holdings AS h (subject, system, dataset, activity, category, recipient,
	first_seen, last_seen, last_used, subject_type, provenance, state)
SELECT subject, source, dataset, activity, c, recipient, min(time), max(time), max(time) FILTER (WHERE kind = $2), max(subject_type), max(provenance),
	max(CASE WHEN kind = $1 THEN 2 ELSE 1 END)
FROM staging, unnest(categories) AS c
GROUP BY subject, source, dataset, activity, c, recipient
ORDER BY subject, source, dataset, activity, c, recipient
ON CONFLICT (subject, system, dataset, activity, category, recipient) DO UPDATE SET
	first_seen = least(h.first_seen, excluded.first_seen), last_seen = greatest(h.last_seen, excluded.last_seen),
	last_used = greatest(h.last_used, excluded.last_used), -- greatest passes over NULL
	provenance = greatest(h.provenance, excluded.provenance),
	state = CASE WHEN excluded.last_seen >= h.last_seen THEN excluded.state ELSE h.state END
WHERE h.first_seen > excluded.first_seen OR h.last_seen < excluded.last_seen`

const findSubjects = `
SELECT k.n, i.subject FROM unnest($1::smallint[], $2::text[]) WITH ORDINALITY AS k(kind, value, n),
LATERAL (SELECT subject FROM identifiers WHERE identifiers.kind = k.kind AND identifiers.value = k.value LIMIT 1) i`

const newSubjects = `SELECT nextval('subjects') FROM generate_series(1, $1)`

const addIdentifiers = `
INSERT INTO identifiers (kind, value, subject)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING`

const footprint = `
SELECT h.subject, h.system, h.dataset, h.activity, h.category, h.recipient, h.first_seen, h.last_seen, h.last_used,
	h.subject_type, h.provenance, h.state
FROM identifiers i JOIN holdings h ON h.subject = i.subject
WHERE i.kind = $1 AND i.value = $2`

var statements = map[string]string{
	"insert_events": insertEvents, "upsert_holdings": upsertHoldings, "find_subjects": findSubjects,
	"new_subjects": newSubjects, "add_identifiers": addIdentifiers,
}

// prepareLoader readies a connection for loading.
func prepareLoader(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, staging); err != nil {
		return fmt.Errorf("make the staging table: %w", err)
	}
	for name, sql := range statements {
		if _, err := conn.Prepare(ctx, name, sql); err != nil {
			return fmt.Errorf("prepare %s: %w", name, err)
		}
	}
	return nil
}
