// How things stand in one sentence, and what is wrong.

const SEVERITIES = {
  broken: { icon: "alert", word: "Stands still", tone: "failed" },
  degraded: { icon: "alert", word: "Not all goes on", tone: "review" },
  notice: { icon: "note", word: "For your information", tone: "wait" },
};

const isRunning = (status) => Boolean(status.worked_on_by);

/** What the running process tells of a stage; null where nothing is at work. */
const handsOf = (one) => (typeof one.workers === "number" ? one : null);

function sentence(status) {
  const waiting = status.stages.filter((one) => one.waiting > 0);
  const what = waiting.map((one) => `${count(one.waiting)} ${one.waiting === 1 ? singular(one.stage) : STAGE_WORDS[one.stage].waits}`);
  if (!status.sources) return ["Nothing here yet", "Drop a PDF on this page, or put one into the watched folder."];
  if (!isRunning(status)) {
    return waiting.length
      ? ["Not running", `${listed(what)} wait, and no process works them. Start dl-lit, and they go on where they stopped.`]
      : ["All done", "Nothing waits, and no process is running."];
  }
  const under = status.stages.filter((one) => one.running).map((one) => underWay(one.stage, one.running));
  if (!waiting.length && !under.length) return ["Ready", "Everything that came has been worked; the next PDF is awaited."];
  const ready = status.stages.some((one) => one.ready > 0);
  const works = status.health === "degraded" || status.health === "broken" ? "Partly working" : "Working";
  const word = status.process?.is_stopping ? "Stopping" : under.length || ready ? works : "Waiting";
  const parts = [];
  if (what.length) parts.push(`${listed(what)} waiting`);
  if (under.length) parts.push(`${listed(under)} under way`);
  const left = timeLeft(status);
  return [word, `${parts.join("; ")}${left ? `; ${left}` : ""}.`];
}

const singular = (stage) => ({ extraction: "PDF", enrichment: "entry", queueing: "work", download: "download" })[stage];

const underWay = (stage, number) => {
  const words = { extraction: ["PDF is read", "PDFs are read"], enrichment: ["look-up", "look-ups"], queueing: ["search for copies", "searches for copies"], download: ["download", "downloads"] };
  return `${count(number)} ${words[stage][number === 1 ? 0 : 1]}`.replace(/ (is|are) read$/, "");
};

/** When it will be done, as far as anybody knows; "" where nobody does. */
function timeLeft(status) {
  if (typeof status.eta_s === "number" && status.eta_s > 0) return `about ${span(status.eta_s)} left`;
  return status.process ? status.eta_says || "" : "";
}

function showHeader(status) {
  const [word, rest] = sentence(status);
  const tone = { Working: "done", "Not running": "failed", Waiting: "review", Stopping: "review", "Partly working": "review" }[word] || "wait";
  setText(byId("state-word"), word);
  setAttribute(byId("state-word"), "class", `state-word tone-${tone}`);
  setText(byId("state-rest"), rest);
  const made = status.process;
  const fleet = made?.daemons?.length > 1 ? made.daemons : null;
  const who = fleet ? `${count(fleet.length)} processes: ${listed(fleet.map((one) => `${one.pid} on ${one.host}${one.stages.length ? ` (${one.stages.join(", ")})` : ""}`))}` : made ? `Process ${made.pid}, ${made.command}, for ${span(Date.now() / 1000 - made.began_at)}` : status.worked_on_by || "";
  const machine = made ? `${bytes(made.memory_mb * 1e6)} of memory, ${bytes(made.disk_free_mb * 1e6)} of disk free` : "";
  const folders = (made?.folders || []).map((one) => `watches ${one.path}`);
  setText(byId("state-who"), [who, ...folders, machine].filter(Boolean).join(" · "));
  document.title = `${word === "Working" ? "● " : ""}${word} – dl_lit`;
  showTotals(status);
  showConditions(status.conditions || []);
  show(byId("welcome"), !status.sources);
  document.body.classList.toggle("is-empty", !status.sources);
  document.body.classList.remove("is-unknown");
}

function showTotals(status) {
  const library = status.stages.find((one) => one.stage === "download");
  const totals = [
    ["sources", status.sources, "PDFs read in"],
    ["references", status.entries, "entries in their bibliographies"],
    ["works", status.works, "different works they cite"],
    ["in the library", library.done, bytes(status.downloaded_bytes)],
  ];
  if (status.coverage !== null && status.coverage !== undefined)
    totals.push(["read of the lists", percent(status.coverage), status.incomplete ? `${plural(status.incomplete, "list")} with gaps` : "no gaps known"]);
  showFacts(byId("totals"), totals);
}

function showConditions(conditions) {
  const order = ["broken", "degraded", "notice"];
  const sorted = [...conditions].sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
  show(byId("conditions"), sorted.length > 0);
  keyed(
    byId("conditions-list"),
    sorted,
    (one) => `${one.condition || one.ailment} ${one.subject}`,
    (one) => {
      const words = SEVERITIES[one.severity] || SEVERITIES.degraded;
      return h("li", { class: `condition tone-${words.tone}` }, icon(words.icon), h("div", {}, h("p", { class: "says" }), h("p", { class: "remedy" })), h("span", { class: "since quiet" }));
    },
    (node, one) => {
      setText(node.querySelector(".says"), one.says);
      setText(node.querySelector(".remedy"), one.remedy || "It passes by itself.");
      setText(node.querySelector(".since"), one.since ? `since ${dateOf(one.since)}` : "");
    },
  );
}
