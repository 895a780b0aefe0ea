// The services: how each stands, what it allows, what is used of it.

const services = { all: false };

function showServices(status) {
  const asked = (status.services || []).filter((one) => one.is_asked);
  const off = (status.services || []).filter((one) => !one.is_asked);
  const weight = (one) => (serviceState(one)[0] === "done" ? 0 : 2) + (one.requests_today || one.in_flight || one.process?.waiting ? 1 : 0);
  const sorted = [...asked].sort((one, other) => weight(other) - weight(one) || other.requests_today - one.requests_today || one.service.localeCompare(other.service));
  const shown = services.all ? sorted : sorted.filter(weight);
  const quiet = asked.length - sorted.filter(weight).length;
  keyed(byId("services-body"), shown, (one) => one.service, makeService, showService);
  show(byId("services-table"), shown.length > 0);
  const button = byId("services-all");
  show(button, quiet > 0);
  setText(button, services.all ? "Only those that were asked today" : `${count(quiet)} ${shown.length ? "more" : "services"} that nobody asked today`);
  setAttribute(button, "aria-expanded", String(services.all));
  const lacking = off.map((one) => (one.lacks?.length ? `${one.service} (lacks ${one.lacks.join(", ")})` : one.service));
  setText(byId("services-off"), !asked.length && !off.length ? "No service is set up." : lacking.length ? `Switched off, or lacking something: ${listed(lacking)}.` : "");
}

function startServices() {
  byId("services-all").addEventListener("click", () => {
    services.all = !services.all;
    if (state.status) showServices(state.status);
  });
}

function makeService(one) {
  return h("tr", {}, h("th", { scope: "row" }, one.service), h("td", {}, h("span", { class: "badge" })), h("td"), h("td", { class: "number" }), h("td", { class: "number" }), h("td"), h("td", { class: "quiet" }));
}

function serviceState(one) {
  if (one.key_trouble || one.contact_trouble) return ["failed", "failed", one.key_trouble ? "Key refused" : "Address refused", one.key_trouble || one.contact_trouble];
  if (one.breaker === "open") return ["failed", "failed", "Down", `left alone after failures, tried again ${one.breaker_until ? until(one.breaker_until) : "soon"}`];
  if (one.parked_until) return ["review", "pause", "Parked", `${one.parked_for || "it asked for it"}, until ${clockOf(one.parked_until)}`];
  if (one.breaker === "half-open") return ["review", "again", "On trial", "one question decides whether it is well again"];
  if (one.credits_left === 0) return ["review", "pause", "Credits gone", one.credits_reset_at ? `renewed ${until(one.credits_reset_at)}` : ""];
  return ["done", "done", "Well", ""];
}

function showService(row, one) {
  const [tone, picture, word, note] = serviceState(one);
  const cells = row.children;
  const mark = cells[1].firstChild;
  if (mark.dataset.word !== word) {
    mark.dataset.word = word;
    mark.className = `badge tone-${tone}`;
    mark.replaceChildren(icon(picture), word);
  }
  const lane = one.lanes[0];
  setText(cells[2], lane ? `${count(lane.permits)} in ${span(lane.seconds)}, ${lane.concurrency} at once${lane.share < 1 ? ` (${percent(lane.share)} after refusals)` : ""}` : "");
  setText(cells[3], count(one.in_flight));
  setText(cells[4], count(one.requests_today));
  showCredits(cells[5], one);
  const waits = one.process?.waiting ? `${plural(one.process.waiting, "request")} wait for a permit` : "";
  setText(cells[6], [note, waits].filter(Boolean).join("; "));
}

function showCredits(cell, one) {
  if (one.credits_left === null) return setText(cell, "–");
  if (!cell.querySelector(".meter")) cell.replaceChildren(h("span", { class: "meter", "aria-hidden": "true" }, h("i")), h("span"));
  const share = one.credits_per_day ? one.credits_left / one.credits_per_day : 0;
  cell.querySelector("i").style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  cell.querySelector("i").className = share < 0.1 ? "low" : "";
  setText(cell.lastChild, `${count(one.credits_left)}${one.credits_per_day ? ` of ${count(one.credits_per_day)}` : ""}`);
}
