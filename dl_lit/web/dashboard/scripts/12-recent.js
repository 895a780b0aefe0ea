// What happened last. New lines come in at the top; a paused pointer or focus holds the list still.

const RECENT = 40;

function startRecent() {
  const list = byId("recent");
  let due = 0;
  let wanted = false;
  const load = latest((signal) => ask("/api/recent", { limit: RECENT }, signal));

  async function look() {
    wanted = false;
    due = Date.now() + 2_000;
    const told = await load().catch(() => null);
    if (!told) return;
    show(byId("recent-none"), !told.events.length);
    keyed(list, told.events, (one) => one.number, makeEvent, (node, one) => setText(node.querySelector("time"), ago(one.at)));
  }

  const isHeld = () => list.matches(":hover") || list.contains(document.activeElement);
  const lookSoon = () => {
    if (view() !== "overview" || wanted || isHeld()) return;
    wanted = true;
    setTimeout(look, Math.max(0, due - Date.now()));
  };
  itemListeners.push(lookSoon);
  live.onStatus(lookSoon);
}

function makeEvent(one) {
  const words = OUTCOMES[one.outcome];
  const button = h("button", { type: "button", class: "event" },
    h("span", { class: `mark tone-${words.tone}` }, icon(words.icon), h("span", { class: "sr" }, words.word)),
    h("span", { class: "event-title" }, one.title || one.id),
    h("span", { class: "quiet event-note" }, `${STAGE_WORDS[one.stage].title} · ${one.outcome === "done" && one.reason === "ok" ? "done" : one.reason} · `, time(one.at)));
  button.addEventListener("click", () => openStory(one.id));
  return h("li", {}, button);
}
