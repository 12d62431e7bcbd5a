// The signed-in session. Tokens live in memory and in this tab's sessionStorage, so that a reload keeps the session
// and closing the tab ends it; never in localStorage, a cookie or an address.

const KEY = "lenddesk.session";
const RENEW_EARLY = 30_000; // milliseconds before the access token expires
const RETRY_AFTER = 15_000; // milliseconds, where the server could not be reached

const FIELDS = `
  accessToken
  refreshToken
  expiresAt
  viewer { admin { name email } customer { displayName } permissions }
  userErrors { code message }
`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { ${FIELDS} } }`;
const REFRESH = `mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) { ${FIELDS} } }`;
const SIGN_OUT = `mutation SignOut { signOut { __typename } }`;

// Events: "viewer" when someone signs in or out, "renewed" when the tokens were renewed, "problem" with a sentence.
export class Session extends EventTarget {
  #url;
  #storage;
  #state = null; // { accessToken, refreshToken, expires, since, viewer }, times in milliseconds of this machine's clock
  #renewal = null; // the renewal under way: a refresh token works once, so there is one at a time
  #timer;

  constructor(url, storage) {
    super();
    this.#url = url;
    this.#storage = storage;
    try {
      this.#state = JSON.parse(storage.getItem(KEY));
    } catch {
      storage.removeItem(KEY);
    }
    this.#plan();
  }

  get isSignedIn() {
    return this.#state !== null;
  }

  get mayReadSchema() {
    return Boolean(this.#state?.viewer?.admin);
  }

  get viewer() {
    return this.#state?.viewer ?? null;
  }

  get since() {
    return this.#state?.since ?? null;
  }

  get expires() {
    return this.#state?.expires ?? null;
  }

  // Resolves to null, or to a sentence saying why not.
  async signIn(email, password, audience) {
    const { answer, skew } = await this.#post({ query: SIGN_IN, variables: { input: { email, password, audience } } });
    const payload = answer.data?.signIn;
    const refusal = payload?.userErrors?.[0] ?? answer.errors?.[0];
    if (refusal || !payload?.accessToken) {
      return refusal?.message ?? "The server did not answer the sign-in.";
    }
    this.#keep(payload, skew, Date.now());
    this.#announce("viewer");
    return null;
  }

  async signOut() {
    try {
      await this.execute({ query: SIGN_OUT });
    } catch {
      this.#announce("problem", "Signed out in this tab. The server could not be told.");
    }
    this.#forget();
  }

  // Sends one operation as the viewer, and returns the GraphQL answer.
  async execute(params, headers = {}) {
    if (this.#state && this.#state.expires - Date.now() < RENEW_EARLY / 3) {
      await this.#renew();
    }
    const { answer } = await this.#post(params, headers);
    if (this.#state && wasRefused(answer) && (await this.#renew())) {
      return (await this.#post(params, headers)).answer;
    }
    return answer;
  }

  async #post(params, headers = {}) {
    const token = this.#state?.accessToken;
    const response = await fetch(this.#url, {
      method: "POST",
      credentials: "omit", // a console's cookies, should it be on this host, are not ours to use
      headers: {
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "Content-Type": "application/json",
        ...(token && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(params),
    }).catch(() => {
      throw new Error("The server cannot be reached.");
    });
    const answer = await response.json().catch(() => {
      throw new Error(`The server answered ${response.status} ${response.statusText} without a GraphQL answer.`);
    });
    const sent = Date.parse(response.headers.get("Date") ?? "");
    return { answer, skew: Number.isNaN(sent) ? 0 : Date.now() - sent };
  }

  // Resolves to whether there are new tokens. Where the server refuses, the session is over.
  #renew() {
    this.#renewal ??= this.#renewOnce().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renewOnce() {
    const { refreshToken, since } = this.#state;
    const result = await this.#post({ query: REFRESH, variables: { input: { refreshToken } } }).catch(() => null);
    if (this.#state?.refreshToken !== refreshToken) {
      return false; // signed out meanwhile
    }
    const payload = result?.answer.data?.refreshSession;
    if (payload?.accessToken) {
      this.#keep(payload, result.skew, since);
      this.#announce("renewed");
      return true;
    }
    if (payload || (result && wasRefused(result.answer))) {
      this.#forget();
      this.#announce("problem", "Your session has ended. Sign in again.");
    } else {
      this.#plan(RETRY_AFTER);
    }
    return false;
  }

  #keep(payload, skew, since) {
    const { accessToken, refreshToken, expiresAt, viewer } = payload;
    this.#state = { accessToken, refreshToken, expires: Date.parse(expiresAt) + skew, since, viewer };
    this.#storage.setItem(KEY, JSON.stringify(this.#state));
    this.#plan();
  }

  #forget() {
    this.#state = null;
    this.#storage.removeItem(KEY);
    this.#plan();
    this.#announce("viewer");
  }

  #plan(least = 1_000) {
    clearTimeout(this.#timer);
    if (this.#state) {
      const wait = Math.max(least, this.#state.expires - Date.now() - RENEW_EARLY);
      this.#timer = setTimeout(() => this.#renew(), wait);
    }
  }

  #announce(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Refused for want of a valid token, and nothing done: only then may the operation be sent again.
function wasRefused(answer) {
  const refused = answer.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED") ?? false;
  return refused && Object.values(answer.data ?? {}).every((value) => value === null);
}
