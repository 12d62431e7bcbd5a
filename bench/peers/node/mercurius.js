// The peer `mercurius`: Mercurius with graphql-jit, hand-written resolvers and loaders over pg. The request's header
// names the viewer, and is believed.

import { readFileSync } from "node:fs";
import fastify from "fastify";
import mercurius from "mercurius";
import { announce, cursorOf, globalId, makePool, statement, today, uuidOf } from "./common.js";

const actionsByCase = JSON.parse(process.env.PEERS_ACTIONS);
// As for the other hand-written statements: left to itself, PostgreSQL plans those with arrays anew each time.
const pool = makePool("mercurius", "-c plan_cache_mode=force_generic_plan");
const sql = Object.fromEntries(
  ["customers", "profile", "group", "members", "viewer", "history", "memberships", "loans", "balances"].map((name) => [
    name,
    statement(pool, name),
  ]),
);

const named = (tag, id, name) => (id === null ? null : { id: globalId(tag, id), name });
const money = (minor, currency) => ({ amount: (minor / 100).toFixed(2), currency });

/** What the list of customers, a group's members and the profile have alike; `key` is for the loaders. */
const customerOf = (row) => ({
  key: row.id,
  id: globalId("cu", row.id),
  number: row.number,
  displayName: row.name,
  status: row.status,
  email: row.email,
  phone: row.phone,
  office: named("of", row.office_id, row.office_name),
  accountManager: named("ad", row.account_manager_id, row.manager_name),
});

function reasonOf(managerId, viewer) {
  if (managerId === null) return "ROLE_UNASSIGNED";
  return managerId === viewer ? "ACCOUNT_MANAGER" : "ROLE_ASSIGNED";
}

function profileOf(row, viewer) {
  const customer = customerOf(row);
  customer.office.parent = named("of", row.parent_id, row.parent_name);
  if (customer.accountManager !== null) {
    customer.accountManager.email = row.manager_email;
    customer.accountManager.office = named("of", row.desk_id, row.desk_name);
  }
  return Object.assign(customer, {
    kind: row.kind,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    access: { level: "FULL", reason: reasonOf(row.account_manager_id, viewer), withheldFields: [] },
    viewerActions: actionsByCase[row.status + (row.account_manager_id === null ? " free" : " held")],
  });
}

/** As our server writes a moment in a cursor: six digits of a second's fraction, or none. */
const inCursor = (moment) => moment.replace(/\.(\d+)/, (_, digits) => `.${digits.padEnd(6, "0")}`);

function groupOf(row) {
  return {
    key: row.id,
    id: globalId("gr", row.id),
    name: row.name,
    status: row.status,
    description: row.description,
    criteriaText: row.criteria_text,
    memberCount: row.member_count,
    maximumMembers: row.maximum_members,
    updatedAt: row.updated_at,
  };
}

const resolvers = {
  Query: {
    async customers(_, { first }, { viewer }) {
      const rows = await sql.customers(viewer, first + 1);
      const edges = rows
        .slice(0, first)
        .map((row) => ({ cursor: cursorOf("name", row.name, row.id), node: customerOf(row) }));
      return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
    },
    async customer(_, { id }, { viewer }) {
      const [row] = await sql.profile(viewer, uuidOf(id));
      return row ? profileOf(row, viewer) : null;
    },
    async group(_, { id }) {
      const [row] = await sql.group(uuidOf(id));
      return row ? groupOf(row) : null;
    },
    async viewer(_, __, { viewer }) {
      const rows = await sql.viewer(viewer);
      const [admin] = rows;
      const roles = rows.filter((row) => row.role_key !== null);
      const permissions = [...new Set(roles.flatMap((row) => row.permissions))].sort();
      return {
        permissions: permissions.map((name) => name.replace(/([a-z])([A-Z])/g, "$1_$2").replaceAll(".", "_").toUpperCase()),
        admin: {
          id: globalId("ad", admin.id),
          name: admin.name,
          email: admin.email,
          status: admin.status,
          office: named("of", admin.office_id, admin.office_name),
          roles: roles.map((row) => ({ key: row.role_key, name: row.role_name })),
          bookSize: admin.book_size,
        },
      };
    },
  },
  Group: {
    async members({ key }, { first }, { viewer }) {
      const rows = await sql.members(viewer, key, first + 1);
      const page = rows.slice(0, first);
      const edges = page.map((row) => ({
        since: row.since,
        addedBy: named("ad", row.added_by_id, row.adder_name),
        node: customerOf(row),
      }));
      const last = page.at(-1);
      const endCursor = last ? cursorOf("since", inCursor(last.since), last.membership_id) : null;
      return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor } };
    },
  },
};

/** A loader over the customers of a level: one statement, whose rows `assemble` makes into each customer's value. */
function belowCustomers(read, assemble) {
  return {
    opts: { cache: false },
    async loader(queries) {
      const found = new Map(queries.map(({ obj }) => [obj.key, []]));
      for (const row of await read([...found.keys()])) found.get(row.customer_id).push(row);
      return queries.map(({ obj }) => assemble(found.get(obj.key)));
    },
  };
}

const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);

const loaders = {
  Customer: {
    groups: belowCustomers(sql.memberships, (rows) => ({
      edges: rows.map((row) => ({
        since: row.since,
        reason: row.reason,
        addedBy: named("ad", row.added_by_id, row.adder_name),
        node: { id: globalId("gr", row.id), name: row.name, status: row.status },
      })),
    })),
    assignmentHistory: belowCustomers(sql.history, (rows) => ({
      edges: rows.map((row) => ({
        node: {
          id: globalId("as", row.id),
          startedAt: row.started_at,
          endedAt: row.ended_at,
          reason: row.reason,
          accountManager: named("ad", row.admin_id, row.admin_name),
          assignedBy: named("ad", row.assigned_by_id, row.assigner_name),
        },
      })),
    })),
    loans: belowCustomers(
      (keys) => sql.loans(keys, today()),
      (rows) => ({
        edges: rows.map((row) => ({
          node: {
            id: globalId("lo", row.id),
            number: row.number,
            product: row.product,
            status: row.status,
            outstanding: money(row.outstanding_minor, row.currency),
            inArrears: row.in_arrears,
          },
        })),
      }),
    ),
    loansSummary: belowCustomers(
      (keys) => sql.balances(keys, today()),
      (rows) => ({
        loans: sum(rows, "loans"),
        activeLoans: sum(rows, "active_loans"),
        loansInArrears: sum(rows, "loans_in_arrears"),
        balances: rows.map((row) => ({
          currency: row.currency,
          outstanding: money(row.outstanding_minor, row.currency),
          arrears: money(row.arrears_minor, row.currency),
        })),
      }),
    ),
  },
};

const app = fastify();
app.register(mercurius, {
  schema: readFileSync(new URL("mercurius.graphql", import.meta.url), "utf8"),
  resolvers,
  loaders,
  jit: 1,
  context: (request) => ({ viewer: request.headers["x-viewer"] }),
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server.address().port);
