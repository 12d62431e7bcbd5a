// Puts the page together: the session, the sign-in box, and GraphiQL itself.

import { EXAMPLES } from "./examples.js";
import { Session } from "./session.js";
import { showSignIn } from "./sign_in.js";

const { React, ReactDOM, GraphiQL } = window;

// GraphiQL's dialogs add a <style> element that stops the page behind them from scrolling. The content security policy
// refuses inline styles, and this page never scrolls: they get an element that does nothing instead.
const createElement = document.createElement.bind(document);
document.createElement = (name, options) => createElement(name === "style" ? "template" : name, options);

// GraphiQL takes the first tab's query from its default tabs, but that tab's variables from its storage only.
if (sessionStorage.getItem("graphiql:tabState") === null) {
  sessionStorage.setItem("graphiql:variables", EXAMPLES[0].variables);
}

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
  const noLogo = React.createElement(GraphiQL.Logo, null, React.createElement(React.Fragment)); // the bar has one
  root.render(React.createElement(GraphiQL, properties, noLogo));
}

session.addEventListener("viewer", mount);
showSignIn(session);
mount();
