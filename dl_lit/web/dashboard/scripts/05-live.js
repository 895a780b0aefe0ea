// Keeps the page as it is at the server: by events where they come, by asking again where they do not.

const POLL_MS = 3_000; // where there are no events
const LOOK_MS = 10_000; // beside events
const SLOW_MS = 15_000; // between attempts while nobody answers, at most
const SILENT_MS = 40_000; // events come, or a sign of life, at least this often

const live = {
  listeners: [],
  onStatus(listener) {
    this.listeners.push(listener);
    if (state.status) listener(state.status);
  },
  refresh: () => Promise.resolve(),
  /** Show at once what an order that was taken makes of things, and look a moment later whether it is so. */
  assume(change) {
    if (!state.status) return;
    change(state.status);
    for (const listener of this.listeners) listener(state.status);
    setTimeout(() => this.refresh(), 1_500);
  },
};

function startLive() {
  let failures = 0;
  let timer = 0;
  let stream = null;
  let hasEvents = true;
  let going = false;

  function tell(status) {
    failures = 0;
    state.status = status;
    connection("live");
    for (const listener of live.listeners) listener(status);
  }

  async function look() {
    clearTimeout(timer);
    try {
      const [status, wrong] = await Promise.all([ask("/api/status"), ask("/api/conditions").catch(() => ({}))]);
      tell({ ...status, conditions: status.conditions ?? conditionsIn(wrong) });
    } catch (error) {
      failures += 1;
      connection(error.status === 401 ? "locked" : error.status ? "trouble" : "lost", error.message);
    }
  }

  /** One round: look, then listen for as long as that goes well. Only one at a time, since each holds a connection. */
  async function go() {
    if (document.hidden) return;
    if (going) return void look();
    going = true;
    try {
      await look();
      if (!failures && hasEvents && !document.hidden) await follow();
    } catch (error) {
      if (error.status === 404 || error.status === 405) hasEvents = false;
    } finally {
      going = false;
    }
    again();
  }

  function again() {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(go, failures ? Math.min(SLOW_MS, 1_000 * 2 ** failures) : POLL_MS);
  }

  /** Read events until they end. EventSource cannot send a token, so the stream is read by hand. */
  async function follow() {
    stream = new AbortController();
    let watchdog = 0;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => stream?.abort(), SILENT_MS);
    };
    try {
      const response = await fetch("/events", { headers: headers({ accept: "text/event-stream" }), signal: stream.signal, cache: "no-store" });
      if (!response.ok) throw new ApiError(response.status, response.statusText);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let held = "";
      alive();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        alive();
        held += value;
        const parts = held.split("\n\n");
        held = parts.pop();
        for (const part of parts) heard(part);
      }
    } finally {
      clearTimeout(watchdog);
      stream = null;
    }
  }

  function heard(text) {
    const fields = text.split("\n");
    const field = (name) => fields.find((one) => one.startsWith(name))?.slice(name.length);
    const kind = field("event: ");
    const data = parsed(field("data: ") || "{}");
    if (kind === "snapshot") tell({ ...state.status, ...data.status, conditions: conditionsIn(data) });
    else if (kind === "status") tell({ ...state.status, ...data });
    else if (kind === "conditions") tell({ ...state.status, conditions: conditionsIn({ conditions: data }) });
    else if (kind === "item" || kind === "gap") for (const listener of itemListeners) listener(data);
    else if (kind === "trouble") connection("trouble", data.error);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      stream?.abort();
      connection("asleep");
    } else go();
  });
  window.addEventListener("online", go);
  live.refresh = look;
  // Ages go on, and what a process has in hand is in no table whose change would be told.
  setInterval(() => {
    if (!document.hidden && stream) look();
  }, LOOK_MS);
  go();
}

/** Called with each item that was finished, where events come. */
const itemListeners = [];

/** The list of conditions, however the document around it is built. */
function conditionsIn(told) {
  const found = told.conditions;
  return Array.isArray(found) ? found : found?.conditions || [];
}

const CONNECTIONS = {
  live: ["Live", "Up to date; changes come by themselves."],
  lost: ["Connection lost", "Nobody answers at this address. It is tried again by itself; what is shown may be old."],
  trouble: ["Not answering well", ""],
  locked: ["Token needed", "Open the address with #token=… at its end; dl-lit serve prints it."],
  asleep: ["Asleep", "Nothing is asked while the page is hidden."],
};

function connection(kind, detail = "") {
  const node = byId("connection");
  const [word, says] = CONNECTIONS[kind];
  if (node.dataset.kind === kind) return;
  node.dataset.kind = kind;
  setText(byId("connection-word"), word);
  node.title = says || detail;
  const banner = byId("lost");
  show(banner, kind === "lost" || kind === "trouble" || kind === "locked");
  if (!banner.hidden) setText(byId("lost-says"), `${word}. ${says || detail}`);
}
