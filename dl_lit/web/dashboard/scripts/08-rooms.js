// The pipeline: four rooms, and what flows between them.

function showRooms(status) {
  keyed(
    byId("rooms"),
    status.stages,
    (one) => one.stage,
    (one) => makeRoom(one.stage),
    (node, one) => showRoom(node, one, status),
  );
}

function makeRoom(stage) {
  const words = STAGE_WORDS[stage];
  const title = h("h3", { id: `room-${stage}` }, words.title);
  return h(
    "li",
    { class: "room", "aria-labelledby": `room-${stage}` },
    h("div", { class: "flow", "aria-hidden": "true" }, h("span", { class: "stream" }, h("i")), h("span", { class: "dam" })),
    h(
      "div",
      { class: "card" },
      h("header", {}, h("span", { class: "room-icon" }, icon(stage)), h("div", {}, title, h("p", { class: "quiet" }, words.does)), pauseButton(stage)),
      h("p", { class: "big" }, h("span", { class: "number", data: { field: "waiting" } }), " ", h("span", { class: "unit", data: { field: "unit" } })),
      h("p", { class: "mood", data: { field: "mood" } }),
      h(
        "dl",
        { class: "facts" },
        ...[["running", "Running"], ["done", "Done"], ["review", "Review"], ["failed", "Failed"], ["rate", "A minute"]].map(([field, word]) =>
          h("div", { class: `fact-${field}` }, h("dt", {}, word), h("dd", { data: { field } })),
        ),
      ),
      h("div", { class: "hands", data: { field: "hands" } }),
    ),
  );
}

function showRoom(node, one, status) {
  const part = (name) => node.querySelector(`[data-field="${name}"]`);
  const hands = handsOf(one);
  const runs = isRunning(status);
  const speed = runs ? one.per_minute : 0;
  setText(part("waiting"), count(one.waiting));
  setText(part("unit"), `${one.waiting === 1 ? singular(one.stage) : STAGE_WORDS[one.stage].waits} waiting${one.later ? `, ${count(one.later)} of them put off` : ""}`);
  setText(part("running"), hands ? count(hands.running || 0) : "–");
  setText(part("done"), count(one.done));
  setText(part("review"), count(one.needs_review));
  setText(part("failed"), count(sum(one.failed)));
  setText(part("rate"), rate(speed));
  for (const name of ["running", "done", "review", "failed", "rate"]) part(name).classList.toggle("none", part(name).textContent === "0" || part(name).textContent === "–");
  const [mood, words] = moodOf(one, runs);
  setAttribute(node, "data-mood", mood);
  setText(part("mood"), words);
  part("mood").title = words;
  showHands(part("hands"), hands);
  showPause(node, one.stage, Boolean(one.paused));
  const dammed = /^\w+ has \d+ waiting/.test(one.resting || "");
  const before = status.stages[STAGES.indexOf(one.stage) - 1];
  const inflow = runs && before && !before.paused ? before.per_minute : 0;
  node.classList.toggle("is-flowing", inflow > 0);
  node.classList.toggle("is-dammed", dammed);
  node.style.setProperty("--pace", `${inflow > 120 ? 0.5 : inflow > 20 ? 0.9 : 1.6}s`);
}

/** What the stage does now, in a word for the eye and a sentence. */
function moodOf(one, runs) {
  if (one.paused) return ["paused", `Paused ${one.paused.replace(/^paused /, "")}`];
  if (!runs) return one.waiting ? ["still", "No process works it"] : ["idle", "Nothing to do"];
  const dam = /^(\w+) has (\d+) waiting/.exec(one.resting || "");
  if (dam) return ["resting", `Rests: the room of ${dam[1]} is full (${count(Number(dam[2]))} wait there)`];
  if (one.resting) return ["resting", `Rests: ${one.resting}`];
  if (!handsOf(one)) return ["still", "Left to other processes"];
  if (one.running) return ["working", "Working"];
  if (one.ready) return ["working", "Taking up work"];
  if (one.later) {
    const why = Object.keys(one.put_off || {}).filter(Boolean);
    const due = one.next_due ? `, next ${until(one.next_due)}` : "";
    return ["resting", `Waits: ${listed(why.slice(0, 2)) || "put off"}${due}`];
  }
  return ["idle", "Nothing to do"];
}

/** The workers as small squares: filled at work, outlined idle, dotted those that could be added. */
function showHands(node, hands) {
  const most = hands?.workers_most || 0;
  show(node, most > 0);
  if (!most) return;
  const busy = Math.min(hands.busy || hands.running || 0, hands.workers);
  const words = `${busy} of ${plural(hands.workers, "worker")} busy, ${most} at most`;
  setAttribute(node, "title", hands.scaled ? `${words}: ${hands.scaled}` : words);
  if (!node.firstChild) node.append(h("span", { class: "squares", "aria-hidden": "true" }), h("span", { class: "quiet" }));
  const shown = Math.min(most, 24);
  const share = shown / most;
  const kinds = Array.from({ length: shown }, (_, place) => (place < Math.ceil(busy * share) ? "busy" : place < Math.ceil(hands.workers * share) ? "idle" : "spare"));
  keyed(node.firstChild, kinds.map((kind, place) => ({ kind, place })), ({ place }) => place, () => h("i"), (square, { kind }) => setAttribute(square, "class", kind));
  setText(node.lastChild, `${busy} / ${hands.workers} busy, most ${most}`);
}
