// Puts the page together: the session, the sign-in box, and GraphiQL itself.

import { EXAMPLES } from "./examples.js";
import { Session } from "./session.js";
import { showSignIn } from "./sign_in.js";

const { React, ReactDOM, GraphiQL } = window;

// GraphiQL's dialogs add a <style> element that stops the page behind them from scrolling. The content security policy
// refuses inline styles, and this page never scrolls: so such an element is made to hold no style sheet. The library
// asks for `styleSheet` (which no present browser has) before it writes the text, and writes it there.
Object.defineProperty(HTMLStyleElement.prototype, "styleSheet", {
  get() {
    this.type = "text/plain";
    return {};
  },
});

const session = new Session("/graphql", sessionStorage);
const root = ReactDOM.createRoot(document.getElementById("graphiql"));
let mounts = 0;

// A new mount forgets the answers on the screen: they were for the eyes of whoever was signed in. The tabs stay.
function mount() {
  mounts += 1;
  const properties = {
    key: mounts,
    fetcher: (params, options) => session.execute(params, options?.headers),
    schema: session.mayReadSchema ? undefined : null, // null: do not ask for what would be refused
    defaultTabs: EXAMPLES,
    defaultEditorToolsVisibility: true,
    shouldPersistHeaders: false,
    storage: sessionStorage, // what is typed here names customers: it must not outlive the browser tab
  };
  root.render(React.createElement(GraphiQL, properties, React.createElement(GraphiQL.Logo, null, "GraphiQL")));
}

session.addEventListener("viewer", mount);
showSignIn(session);
mount();
