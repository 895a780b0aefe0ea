-- What SQLite has and PostgreSQL lacks, as far as the statements of dl_lit ask for it.

CREATE FUNCTION dl_texts(document text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT array(SELECT one.value #>> '{}' FROM pg_catalog.json_array_elements(
    CASE WHEN pg_catalog.json_typeof(document::json) = 'array' THEN document::json ELSE '[]' END) AS one (value))
$$;

-- By unnest, of which the planner knows how many rows it gives: else it takes each list for a hundred and reads whole
-- tables for it.
CREATE FUNCTION json_each(document text) RETURNS TABLE (key text, value text) LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT (one.place - 1)::text, one.value FROM pg_catalog.unnest(dl_texts(document)) WITH ORDINALITY AS one (value, place)
$$;

-- The rows of an array of arrays, each taken apart once. OFFSET keeps the planner from taking it apart for each cell.
CREATE FUNCTION dl_rows(document text) RETURNS TABLE (cell text[]) LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT array(SELECT pg_catalog.json_array_elements_text(one.value::json))
  FROM pg_catalog.unnest(dl_texts(document)) AS one (value) OFFSET 0
$$;

CREATE FUNCTION json_pick(document text, place bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT document::json ->> place::integer $$;

CREATE FUNCTION json_pick(document text, label text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN label LIKE '$%'
    THEN document::json #>> string_to_array(ltrim(translate(label, '["]', '.'), '$.'), '.')
    ELSE document::json ->> label END
$$;

CREATE FUNCTION json_pick(document text, place integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT document::json ->> place $$;

CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT document::json #>> string_to_array(ltrim(translate(path, '["]', '.'), '$.'), '.') $$;

CREATE FUNCTION json_array_length(document text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.json_array_length(document::json)::bigint $$;

CREATE OPERATOR ->> (LEFTARG = text, RIGHTARG = integer, FUNCTION = json_pick);
CREATE OPERATOR ->> (LEFTARG = text, RIGHTARG = text, FUNCTION = json_pick);

CREATE FUNCTION dl_integer(value text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT trunc(CASE value WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE value END::numeric)::bigint $$;
CREATE FUNCTION dl_integer(value double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT trunc(value)::bigint $$;
CREATE FUNCTION dl_integer(value numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT trunc(value)::bigint $$;
CREATE FUNCTION dl_integer(value bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT value $$;
CREATE FUNCTION dl_integer(value boolean) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT value::integer::bigint $$;

CREATE FUNCTION max(a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE greatest(a, b) END $$;
CREATE FUNCTION max(a anycompatible, b anycompatible, c anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE
PARALLEL SAFE
AS $$ SELECT CASE WHEN a IS NULL OR b IS NULL OR c IS NULL THEN NULL ELSE greatest(a, b, c) END $$;
CREATE FUNCTION max(a bigint, b bigint, c bigint, d bigint, e bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
PARALLEL SAFE
AS $$
  SELECT CASE WHEN a IS NULL OR b IS NULL OR c IS NULL OR d IS NULL OR e IS NULL THEN NULL
    ELSE greatest(a, b, c, d, e) END
$$;
CREATE FUNCTION min(a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE least(a, b) END $$;
CREATE FUNCTION iif(condition boolean, a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE
PARALLEL SAFE AS $$ SELECT CASE WHEN condition THEN a ELSE b END $$;
CREATE FUNCTION ifnull(a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce(a, b) $$;
CREATE FUNCTION instr(whole text, part text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT strpos(whole, part)::bigint $$;
CREATE FUNCTION substr(whole text, first bigint, number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.substr(whole, first::integer, number::integer) $$;
CREATE FUNCTION substr(whole text, first bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.substr(whole, first::integer) $$;

CREATE AGGREGATE total (double precision) (SFUNC = float8pl, STYPE = double precision, INITCOND = '0');
CREATE FUNCTION dl_add(so_far bigint, one boolean) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce(so_far, 0) + one::integer $$;
CREATE AGGREGATE sum (boolean) (SFUNC = dl_add, STYPE = bigint);
