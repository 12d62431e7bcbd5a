// Runs graphql-http's audits against the server at AUDIT_URL, signed in with AUDIT_TOKEN where it is set, and prints
// what each came to as JSON.

import { serverAudits } from "graphql-http";

const { AUDIT_URL: url, AUDIT_TOKEN: token } = process.env;

function fetchFn(address, init = {}) {
  const headers = new Headers(init.headers);
  if (token) {
    headers.set("authorization", `Bearer ${token}`);
  }
  return fetch(address, { ...init, headers });
}

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { name, status, reason } = await audit.fn();
  results.push({ name, passed: status === "ok", reason });
}
console.log(JSON.stringify(results));
