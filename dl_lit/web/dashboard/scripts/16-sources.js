// The sources with their bibliographies: a list, and beside it the entries of the one that is open.

const sources = { chosen: null, list: null, entries: null };

function startSources() {
  const wanted = { state: "all", order: "newest", text: "" };
  sources.list = pagedList({
    list: byId("sources-list"), pager: byId("sources-pager"), empty: byId("sources-none"), size: 50,
    load: async (offset, limit, signal) => {
      const told = await ask("/api/bibliographies", { ...wanted, offset, limit }, signal);
      return { total: told.total, items: told.sources, is_cut: told.is_cut };
    },
    keyOf: (one) => one.id, make: makeSource, update: showSource,
  });
  choices(byId("sources-states"), [["all", "All"], ["gaps", "With gaps"], ["waiting", "Waiting"], ["failed", "Not read"]], "all", (state) => {
    wanted.state = state;
    sources.list.first();
  });
  byId("sources-order").addEventListener("change", (event) => {
    wanted.order = event.target.value;
    sources.list.first();
  });
  typed(byId("sources-text"), (text) => {
    wanted.text = text;
    sources.list.first();
  });
  sources.entries = pagedList({
    list: byId("entries-list"), pager: byId("entries-pager"), empty: byId("entries-none"), size: 200,
    load: async (offset, limit, signal) => {
      const told = await ask("/api/bibliography", { source: sources.chosen.id, offset, limit }, signal);
      return { total: told.total, items: told.entries };
    },
    keyOf: (one) => one.id, make: makeEntry, update: showEntry,
  });
  byId("source-close").addEventListener("click", () => closeSource());
  byId("source-story").addEventListener("click", () => sources.chosen && openStory(`s${sources.chosen.id}`));
}

function makeSource(one) {
  const button = h("button", { type: "button", class: "source" },
    h("span", { class: "source-title" }), h("span", { class: "quiet source-note" }), h("span", { class: "standing-bar", "aria-hidden": "true" }, h("i", { class: "done" }), h("i", { class: "review" }), h("i", { class: "failed" }), h("i", { class: "wait" })), h("span", { class: "source-says" }));
  button.addEventListener("click", () => openSource(button.told));
  return h("li", {}, button);
}

function showSource(row, one) {
  const button = row.firstChild;
  button.told = one;
  const part = (name) => button.querySelector(name);
  setText(part(".source-title"), one.title || fileName(one.path));
  setText(part(".source-note"), [one.people, one.year, one.title ? fileName(one.path) : isolated(one.path.slice(0, one.path.lastIndexOf("/")))].filter(Boolean).join(" · "));
  setText(part(".source-says"), sayOf(one));
  standingBar(part(".standing-bar"), one);
  setAttribute(button, "aria-current", sources.chosen?.id === one.id ? "true" : null);
}

/** How a source stands, in words. */
function sayOf(one) {
  if (one.place === "failed") return `Not read: ${one.reason}`;
  if (one.place === "waiting") return one.reason ? `Waits to be read: ${one.reason}` : "Waits to be read";
  const parts = [`${plural(one.entries, "entry", "entries")}`];
  if (one.entries) parts.push(`${count(one.downloaded)} in the library`);
  if (one.needs_review) parts.push(`${count(one.needs_review)} to review`);
  if (one.failed) parts.push(`${count(one.failed)} not obtained`);
  if (one.waiting) parts.push(`${count(one.waiting)} waiting`);
  if (one.coverage !== null && one.coverage < 1) parts.push(`${percent(one.coverage)} of the list read`);
  return parts.join(", ");
}

function standingBar(bar, one) {
  show(bar, one.entries > 0);
  for (const [place, kind] of [[0, "downloaded"], [1, "needs_review"], [2, "failed"], [3, "waiting"]]) bar.children[place].style.flexGrow = one[kind];
}

function openSource(one) {
  sources.chosen = one;
  for (const button of byId("sources-list").querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
  byId("sources-list").querySelector(`[data-key="${one.id}"] button`)?.setAttribute("aria-current", "true");
  setText(byId("source-title"), one.title || fileName(one.path));
  setText(byId("source-note"), [one.people, one.year].filter(Boolean).join(" · "));
  setText(byId("source-path"), one.path);
  setText(byId("source-says"), sayOf(one));
  setText(byId("source-meaning"), one.reason ? [meaningOf(one.reason), adviceOf(one.reason)].filter(Boolean).join(" ") : "");
  standingBar(byId("source-bar"), one);
  show(byId("source-open"), true);
  show(byId("source-hint"), false);
  byId("view-sources").classList.add("has-source");
  sources.entries.first();
  byId("source-title").focus({ preventScroll: true });
  if (innerWidth < 900) byId("source-open").scrollIntoView({ block: "start" });
  history.replaceState(null, "", `#sources/${one.id}`);
}

function closeSource() {
  const id = sources.chosen?.id;
  sources.chosen = null;
  show(byId("source-open"), false);
  show(byId("source-hint"), true);
  byId("view-sources").classList.remove("has-source");
  history.replaceState(null, "", "#sources");
  const button = byId("sources-list").querySelector(`[data-key="${id}"] button`);
  button?.removeAttribute("aria-current");
  button?.focus();
}

/** Show a source of which only the number is known. */
async function goToSource(id) {
  closePanel();
  setView("sources");
  const told = await ask("/api/bibliographies", { source: id }).catch(() => null);
  if (told?.sources.length) openSource(told.sources[0]);
}

function makeEntry(one) {
  const button = h("button", { type: "button", class: "entry" }, h("span", { class: "entry-number number" }), h("span", { class: "entry-mark" }), h("span", { class: "entry-text" }), h("span", { class: "entry-state" }));
  button.addEventListener("click", () => openStory(`e${one.id}`));
  return h("li", {}, button);
}

function showEntry(row, one) {
  const [number, mark, text, standing] = row.firstChild.children;
  const words = PLACES[one.place];
  setText(number, one.position);
  if (mark.dataset.place !== one.place) {
    mark.dataset.place = one.place;
    mark.className = `entry-mark tone-${words.tone}`;
    mark.replaceChildren(icon(words.icon));
  }
  setText(text, one.raw || one.title || "");
  setAttribute(standing, "class", `entry-state tone-${words.tone}`);
  setText(standing, one.reason && one.reason !== "needs-review" ? `${words.word}: ${one.reason}` : one.place === "waiting" && one.stage ? `Waiting for ${STAGE_WORDS[one.stage].title.toLowerCase()}` : words.word);
}
