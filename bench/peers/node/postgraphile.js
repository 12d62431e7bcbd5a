// The peer `postgraphile`: PostGraphile 5 over our tables. The viewer's row scope is PostgreSQL's row-level security
// (postgraphile.sql), told who asks by settings of each request's transaction. The request's header is believed.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { announce, makePool } from "./common.js";

// PostGraphile is made for Node 22. This is all that it misses in Node 20.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const pool = makePool("postgraphile");
await pool.query(readFileSync(new URL("postgraphile.sql", import.meta.url), "utf8"));

const beneath = {
  name: "beneath",
  text: `WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
  ) SELECT array_agg(id)::text AS offices FROM beneath`,
};

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  // Without it, a condition or order by a column that leads no index is left out of the schema.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  schema: { defaultBehavior: "-insert -update -delete" },
  grafserv: { graphiql: false, watch: false, websockets: false, graphqlOverGET: false },
  grafast: {
    explain: false,
    async context({ node }) {
      const viewer = node.req.headers["x-viewer"];
      const { rows } = await pool.query({ ...beneath, values: [viewer] });
      const pgSettings = { role: "bench_postgraphile", "viewer.id": viewer, "viewer.offices": rows[0].offices };
      return { pgSettings };
    },
  },
};

const peer = postgraphile(preset);
const server = createServer();
server.on("error", (error) => {
  throw error;
});
await peer.createServ(grafserv).addTo(server);
await peer.getSchema();
server.listen(0, "127.0.0.1", () => announce(server.address().port));
