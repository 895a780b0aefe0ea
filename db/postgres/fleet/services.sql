-- The services' states: a row for each place, and one statement for each change.

CREATE TABLE services (
  place text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  state bytea NOT NULL DEFAULT ''
) WITH (fillfactor = 25, toast_tuple_target = 8160, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_scale_factor = 0);
ALTER TABLE services ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE TABLE holders (
  id bigint PRIMARY KEY,
  host text NOT NULL,
  pid bigint NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Keep `fresh` as the state of a place whose version is still `known`, if the permits in it are given at the right
-- time: not before `earliest` and not after `latest` by this server's clock (NULL: none is given). Without `fresh` it
-- is only looked. Where somebody else was quicker, what he left is told. `lasting`: on disk before anybody is told.
CREATE FUNCTION change_service(
  of_place text, known bigint, fresh bytea, earliest double precision, latest double precision, lasting boolean,
  OUT said text, OUT present bigint, OUT left_there bytea, OUT now double precision, OUT server double precision
) LANGUAGE plpgsql AS $$
DECLARE moment timestamptz;
BEGIN
  server := extract(epoch FROM pg_postmaster_start_time());
  IF known < 0 THEN
    INSERT INTO services (place) VALUES (of_place) ON CONFLICT DO NOTHING;
  END IF;
  IF fresh IS NOT NULL THEN
    PERFORM set_config('synchronous_commit', CASE WHEN lasting THEN 'on' ELSE 'off' END, true);
    SELECT s.version INTO present FROM services AS s WHERE s.place = of_place FOR UPDATE;
    now := extract(epoch FROM clock_timestamp());
    IF present = known THEN
      IF now < earliest THEN
        said := 'early'; RETURN;
      ELSIF now > latest THEN
        said := 'late'; RETURN;
      END IF;
      UPDATE services SET state = fresh, version = version + 1, changed_at = clock_timestamp() WHERE place = of_place;
      present := present + 1;
      said := 'done'; RETURN;
    END IF;
  END IF;
  SELECT s.version, CASE WHEN s.version <> known THEN s.state END INTO present, left_there
    FROM services AS s WHERE s.place = of_place;
  now := extract(epoch FROM clock_timestamp());
  IF present IS NULL THEN
    INSERT INTO services (place) VALUES (of_place) ON CONFLICT DO NOTHING;
    present := 0; left_there := '';
  END IF;
  said := CASE WHEN present = known THEN 'same' ELSE 'moved' END;
END $$;
