// Subscribes to SUBSCRIBE_URL with SUBSCRIBE_TOKEN, by graphql-ws or graphql-sse (the argument), and prints a line of
// JSON when it is connected and for each event; the last line says how it ended.

import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const { SUBSCRIBE_URL: url, SUBSCRIBE_TOKEN: token, SUBSCRIBE_QUERY: query } = process.env;
const Authorization = `Bearer ${token}`;
const tell = (line) => console.log(JSON.stringify(line));

const clients = {
  ws: () =>
    overSocket({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { Authorization },
      retryAttempts: 0,
      on: { connected: () => tell({ connected: true }) },
    }),
  sse: () =>
    overEvents({
      url,
      headers: { Authorization },
      retryAttempts: 0,
      on: { connected: () => tell({ connected: true }) },
    }),
};

clients[process.argv[2]]().subscribe(
  { query },
  {
    next: (event) => tell({ event }),
    error: (error) => tell({ error: error.code ?? error.message ?? error }),
    complete: () => tell({ complete: true }),
  },
);
