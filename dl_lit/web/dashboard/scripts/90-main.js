// The views, and the beginning.

const VIEWS = ["overview", "sources", "works", "graph"];
const view = () => document.body.dataset.view;

function setView(name, { focus = false } = {}) {
  document.body.dataset.view = name;
  for (const one of VIEWS) {
    show(byId(`view-${one}`), one === name);
    setAttribute(document.querySelector(`nav a[href="#${one}"]`), "aria-current", one === name ? "page" : null);
  }
  if (name === "sources") sources.list.reload();
  if (name === "works") works.list.reload();
  if (name === "graph") loadGraph();
  if (focus) byId(`view-${name}`).querySelector("h2").focus({ preventScroll: true });
}

function goByAddress(focus) {
  if (takeToken()) return location.reload();
  const [name, id] = location.hash.slice(1).split("/");
  setView(VIEWS.includes(name) ? name : "overview", { focus });
  if (name === "sources" && /^\d+$/.test(id || "") && String(sources.chosen?.id) !== id) goToSource(Number(id));
}

function keepListsFresh() {
  let due = 0;
  live.onStatus(() => {
    if (Date.now() < due) return;
    due = Date.now() + 4_000;
    if (view() === "sources") {
      sources.list.reload();
      if (sources.chosen) sources.entries.reload();
    }
    if (view() === "works") works.list.reload();
  });
}

takeToken();
startTheme();
startPanel();
startSources();
startWorks();
startGraph();
startSearch();
startCharts();
startRecent();
startServices();
startUploads();
for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
live.onStatus(showHeader);
live.onStatus(showRooms);
live.onStatus(showFailures);
live.onStatus(showServices);
live.onStatus(showModel);
live.onStatus(showLevels);
keepListsFresh();
addEventListener("hashchange", () => goByAddress(true));
goByAddress(false);
ask("/api/reasons")
  .then((told) => {
    state.reasons = told.reasons;
    if (state.status) showFailures(state.status);
  })
  .catch(() => {});
startLive();
