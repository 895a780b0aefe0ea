-- What several hosts must know of each other; on SQLite one process works, and knows it all.

CREATE TABLE written (number bigint NOT NULL) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_scale_factor = 0);
INSERT INTO written VALUES (0);

CREATE TABLE daemons (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seat text COLLATE "C" NOT NULL UNIQUE,
  host text NOT NULL,
  pid bigint NOT NULL,
  stages text NOT NULL DEFAULT '',
  version text NOT NULL DEFAULT '',
  knows text COLLATE "C" NOT NULL,
  began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease_s double precision NOT NULL,
  expires_at timestamptz NOT NULL,
  lock_of timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
COMMENT ON COLUMN daemons.knows IS 'the newest schema that its program knows';
COMMENT ON COLUMN daemons.lock_of IS 'when the server began at which its session holds the advisory lock; NULL: none';

CREATE TABLE lots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stage text COLLATE "C" NOT NULL,
  daemon bigint NOT NULL,
  ids bigint[] NOT NULL,
  attempts bigint[] NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
COMMENT ON TABLE lots IS 'what a daemon took at once and still has in hand; empty ones go with its next outcomes';
COMMENT ON COLUMN lots.attempts IS 'made before this one, of each: who was given the row again holds another claim';

CREATE VIEW claims AS
SELECT l.stage, one.id, l.daemon, one.attempts, l.claimed_at
FROM lots AS l, unnest(l.ids, l.attempts) AS one (id, attempts);

CREATE TABLE run_seats (
  run_id bigint PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
  seat text COLLATE "C" NOT NULL
);
COMMENT ON TABLE run_seats IS 'whose run it is: it was killed only where no daemon lives in that seat';

ALTER TABLE no_metadata SET (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE with_metadata SET (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE to_download_references SET (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE counts SET (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
