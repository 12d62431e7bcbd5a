-- What the statements of the peer pgjson share. In a schema of its own; our server knows nothing of it.
CREATE SCHEMA IF NOT EXISTS bench_pgjson;

-- The ID that clients see: a tag of two bytes and the UUID, in URL-safe base64.
CREATE OR REPLACE FUNCTION bench_pgjson.gid(tag text, key uuid) RETURNS text IMMUTABLE LANGUAGE sql
    RETURN translate(encode(tag::bytea || uuid_send(key), 'base64'), '+/', '-_');

CREATE OR REPLACE FUNCTION bench_pgjson.named(tag text, key uuid, name text) RETURNS json IMMUTABLE LANGUAGE sql
    RETURN CASE WHEN key IS NOT NULL THEN
        json_build_object('id', translate(encode(tag::bytea || uuid_send(key), 'base64'), '+/', '-_'), 'name', name) END;

-- A place in a list, as our server encodes it.
CREATE OR REPLACE FUNCTION bench_pgjson.cursor_of(sort text, place text, key uuid) RETURNS text STABLE LANGUAGE sql
    RETURN rtrim(translate(encode(convert_to(
        '["' || sort || '",' || to_json(place)::text || ',"' || replace(key::text, '-', '') || '"]', 'UTF8'
    ), 'base64'), E'+/\n', '-_'), '=');

CREATE OR REPLACE FUNCTION bench_pgjson.money(minor bigint, currency text) RETURNS json IMMUTABLE LANGUAGE sql
    RETURN json_build_object('amount', (minor / 100) || '.' || lpad((minor % 100)::text, 2, '0'), 'currency', currency);
