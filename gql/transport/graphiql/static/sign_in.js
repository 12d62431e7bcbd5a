// The box above GraphiQL: who is signed in and for how long, or the form to sign in.

const HINT =
  "Sign in to run operations and to browse the schema. The tabs below hold examples: customers and their account " +
  "managers, groups and their members.";
const CUSTOMER_HINT =
  "You are signed in as a customer: write operations on “me”. Only team members can browse the schema.";

const element = (id) => document.getElementById(id);

export function showSignIn(session) {
  const form = element("sign-in");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(session, form);
  });
  element("sign-out-button").addEventListener("click", (event) => whileBusy(event.currentTarget, () => session.signOut()));
  session.addEventListener("viewer", () => show(session));
  session.addEventListener("renewed", () => showTime(session));
  session.addEventListener("problem", (event) => showProblem(event.detail));
  setInterval(() => showTime(session), 10_000);
  show(session);
}

async function signIn(session, form) {
  showProblem(null);
  const { email, password, audience } = form.elements;
  await whileBusy(element("sign-in-button"), async () => {
    const problem = await session
      .signIn(email.value.trim(), password.value, audience.value)
      .catch((error) => error.message);
    password.value = "";
    if (problem) {
      showProblem(problem);
      password.focus();
    } else {
      element("sign-out-button").focus();
    }
  });
}

async function whileBusy(button, work) {
  button.disabled = true;
  try {
    await work();
  } finally {
    button.disabled = false;
  }
}

function show(session) {
  element("sign-in").hidden = session.isSignedIn;
  element("signed-in").hidden = !session.isSignedIn;
  element("who").textContent = nameOf(session.viewer);
  showTime(session);
  const hint = session.isSignedIn ? (session.mayReadSchema ? null : CUSTOMER_HINT) : HINT;
  element("hint").textContent = hint;
  element("hint").hidden = hint === null;
}

function showTime(session) {
  if (!session.isSignedIn) {
    return;
  }
  const minutes = Math.floor((Date.now() - session.since) / 60_000);
  const renewal = new Date(session.expires).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  element("since").textContent = `signed in ${duration(minutes)} · renews by itself before ${renewal}`;
}

function duration(minutes) {
  if (minutes < 1) {
    return "just now";
  }
  const hours = Math.floor(minutes / 60);
  return hours ? `for ${hours} h ${minutes % 60} min` : `for ${minutes} min`;
}

function nameOf(viewer) {
  if (viewer?.admin) {
    return `${viewer.admin.name} · ${viewer.admin.email}`;
  }
  return viewer?.customer ? `${viewer.customer.displayName} · customer` : "";
}

function showProblem(sentence) {
  element("problem").textContent = sentence ?? "";
  element("problem").hidden = !sentence;
}
