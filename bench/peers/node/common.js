// What the peers in JavaScript share: connections, the hand-written statements, IDs, and how they are served.

import { readFileSync } from "node:fs";
import pg from "pg";

const CONNECTIONS = 10;

// Whole numbers of the bench's lender are far below 2^53. A moment stays the text that PostgreSQL writes: JavaScript's
// Date has no microseconds.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => `${text.replace(" ", "T")}:00`);

/** A pool whose connections bear the name, with more of PostgreSQL's options where they are given. */
export function makePool(name, options = "") {
  return new pg.Pool({
    ...databaseConfiguration(),
    application_name: name,
    max: CONNECTIONS,
    min: CONNECTIONS,
    idleTimeoutMillis: 0,
    options: `-c timezone=UTC ${options}`,
  });
}

/** DATABASE_URL, which names a socket's folder in its query where there is no host. */
function databaseConfiguration() {
  const url = process.env.DATABASE_URL;
  const [, user, database, host] = /^postgresql:\/\/([^:@/]*):?@\/([^?]*)\?host=(.*)$/.exec(url) ?? [];
  return host === undefined ? { connectionString: url } : { user, database, host: decodeURIComponent(host) };
}

/** A function that runs one of the statements in ../sql as a prepared one and answers its rows. */
export function statement(pool, name) {
  const text = readFileSync(new URL(`../sql/${name}.sql`, import.meta.url), "utf8").replace(/^--.*\n/gm, "");
  return async (...values) => (await pool.query({ name, text, values })).rows;
}

/** The day, by UTC. */
export const today = () => new Date().toISOString().slice(0, 10);

/** The ID that clients see: two letters that say what it is, and the UUID's bytes. */
export function globalId(tag, uuid) {
  return Buffer.from(tag + Buffer.from(uuid.replaceAll("-", ""), "hex").toString("latin1"), "latin1").toString("base64url");
}

/** The UUID in such an ID. */
export function uuidOf(id) {
  const hex = Buffer.from(id, "base64url").subarray(2).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** A place in a list, as our server encodes it. */
export const cursorOf = (sort, value, uuid) =>
  Buffer.from(JSON.stringify([sort, value, uuid.replaceAll("-", "")])).toString("base64url");

/** The bench reads the address from standard output, and closes standard input at its end. */
export function announce(port) {
  console.log(`http://127.0.0.1:${port}`);
  process.stdin.resume();
  process.stdin.on("end", () => process.exit());
}
