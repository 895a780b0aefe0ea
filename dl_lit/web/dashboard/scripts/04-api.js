// Asking and ordering. A token from #token=… in the address is kept for this tab and sent as Bearer.

const TOKEN_NAME = "dl-lit-token";

class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Keep the token of the address, and take it out of there; tells whether there was one. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return false;
  sessionStorage.setItem(TOKEN_NAME, given);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

const token = () => sessionStorage.getItem(TOKEN_NAME);
const headers = (more = {}) => (token() ? { authorization: `Bearer ${token()}`, ...more } : more);

function address(path, asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  return query.size ? `${path}?${query}` : path;
}

/** A document; raises `ApiError` with what the server says. `signal` ends the question when its answer is not wanted. */
async function ask(path, asked = {}, signal = undefined) {
  const go = () => fetch(address(path, asked), { headers: headers(), cache: "no-cache", signal });
  let response = await go();
  if (response.status === 401 && token()) {
    sessionStorage.removeItem(TOKEN_NAME); // of another server, or of before; most may be seen without one
    response = await go();
  }
  return answerOf(response);
}

async function order(path, body) {
  const sent = { method: "POST", headers: headers({ "content-type": "application/json" }), body: JSON.stringify(body) };
  return answerOf(await fetch(path, sent));
}

async function answerOf(response) {
  let told = {};
  try {
    told = parsed(await response.text());
  } catch {
    // no JSON: the status says it
  }
  if (response.ok) return told;
  const says = typeof told.error === "string" ? told.error : told.message || told.detail || response.statusText;
  throw new ApiError(response.status, says || `the server answered ${response.status}`);
}

/** Only the latest of several questions is answered: older ones are broken off. */
function latest(question) {
  let running = null;
  return async (...asked) => {
    running?.abort();
    const mine = (running = new AbortController());
    try {
      const answer = await question(mine.signal, ...asked);
      return mine.signal.aborted ? null : answer;
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    }
  };
}
