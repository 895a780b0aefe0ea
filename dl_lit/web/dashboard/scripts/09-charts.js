// Throughput: a small chart for each stage, readable by eye, mouse, keyboard and as a table.

const RANGES = [[1, "1 hour"], [24, "24 hours"], [168, "7 days"]];
const CHART = { width: 320, height: 92, foot: 16 };
const KINDS = [["done", "done"], ["again", "tried again"], ["failed", "given up"]];

function startCharts() {
  const kept = Number(sessionStorage.getItem("dl-lit-hours"));
  const held = { hours: kept || 24, chosen: kept > 0, told: null, asTable: false, at: {} };
  const load = latest((signal) => ask("/api/throughput", { hours: held.hours }, signal));

  async function look() {
    const told = await load().catch(() => null);
    if (!told) return;
    held.told = told;
    if (!held.chosen) {
      held.chosen = true;
      if (held.hours === 24 && isOfLastHour(told)) return choose(1);
    }
    draw();
    if (told.whole_from) setTimeout(look, 300); // counted further back with each question
  }

  function choose(hours) {
    held.hours = hours;
    held.at = {};
    for (const other of byId("ranges").children) other.setAttribute("aria-pressed", String(Number(other.dataset.hours) === hours));
    return look();
  }

  /** Whether all that happened within a day happened just now: then an hour shows more. */
  function isOfLastHour(told) {
    const steps = 3_600 / told.step_s;
    const numbers = STAGES.flatMap((stage) => KINDS.map(([kind]) => told.stages[stage][kind]));
    return numbers.some((one) => sum(one)) && numbers.every((one) => !sum(one.slice(0, -steps)));
  }

  function draw() {
    const told = held.told;
    keyed(byId("charts"), STAGES, (stage) => stage, makeChart, (node, stage) => showChart(node, stage, told));
    const from = told.whole_from ? ` Counting further back: complete from ${dateOf(told.whole_from)} so far.` : "";
    setText(byId("throughput-note"), `Each bar is ${span(told.step_s)}, by when the attempts began.${from}`);
    if (held.asTable) showTable(told);
  }

  function makeChart(stage) {
    const words = STAGE_WORDS[stage];
    const slider = h("div", { class: "plot", role: "slider", tabindex: "0", "aria-label": `${words.title} over time`, "aria-valuemin": "0" });
    slider.append(svg("svg", { viewBox: `0 0 ${CHART.width} ${CHART.height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, svg("g", { class: "bars" }), svg("path", { class: "base", d: `M0 ${CHART.height - 0.5}H${CHART.width}` }), svg("rect", { class: "cursor", y: 0, height: CHART.height, width: 0 })));
    const node = h("figure", { class: "chart" }, h("figcaption", {}, h("span", { class: "name" }, icon(stage), words.title), h("span", { class: "total" })), slider, h("p", { class: "axis quiet", "aria-hidden": "true" }, h("span"), h("span"), h("span")), h("p", { class: "readout" }));
    const to = (place) => point(node, stage, place);
    slider.addEventListener("pointermove", (event) => {
      const box = slider.getBoundingClientRect();
      to(Math.floor(((event.clientX - box.left) / box.width) * held.told.stages[stage].done.length));
    });
    slider.addEventListener("pointerleave", () => document.activeElement !== slider && point(node, stage, null));
    slider.addEventListener("blur", () => point(node, stage, null));
    slider.addEventListener("focus", () => to(held.at[stage] ?? held.told.stages[stage].done.length - 1));
    slider.addEventListener("keydown", (event) => {
      const last = held.told.stages[stage].done.length - 1;
      const now = held.at[stage] ?? last;
      const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: last, PageUp: now - 12, PageDown: now + 12 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      to(Math.max(0, Math.min(last, next)));
    });
    return node;
  }

  function showChart(node, stage, told) {
    const numbers = told.stages[stage];
    const steps = numbers.done.length;
    const most = Math.max(1, ...numbers.done.map((one, place) => one + numbers.again[place] + numbers.failed[place]));
    const wide = CHART.width / steps;
    const paths = { done: "", again: "", failed: "" };
    for (let place = 0; place < steps; place += 1) {
      let top = CHART.height;
      for (const [kind] of KINDS) {
        const tall = (numbers[kind][place] / most) * (CHART.height - 6);
        if (!tall) continue;
        top -= tall;
        paths[kind] += `M${(place * wide + wide * 0.1).toFixed(2)} ${top.toFixed(2)}h${(wide * 0.8).toFixed(2)}v${tall.toFixed(2)}h${(-wide * 0.8).toFixed(2)}z`;
      }
    }
    keyed(node.querySelector(".bars"), KINDS, ([kind]) => kind, ([kind]) => svg("path", { class: `bar-${kind}` }), (path, [kind]) => setAttribute(path, "d", paths[kind]));
    const totals = KINDS.map(([kind, word]) => [sum(numbers[kind]), word]).filter(([number], place) => number || place === 0);
    setText(node.querySelector(".total"), `${count(totals[0][0])} done`);
    const axis = node.querySelector(".axis").children;
    const format = held.hours > 24 ? dateOf : clockOf;
    setText(axis[0], format(told.begins_at));
    setText(axis[1], `most ${count(most)} / ${span(told.step_s)}`);
    setText(axis[2], "now");
    const slider = node.querySelector(".plot");
    setAttribute(slider, "aria-valuemax", steps - 1);
    if (held.at[stage] === undefined || held.at[stage] === null) {
      setAttribute(slider, "aria-valuenow", steps - 1);
      setAttribute(slider, "aria-valuetext", `in all ${totals.map(([number, word]) => `${count(number)} ${word}`).join(", ")}`);
      setText(node.querySelector(".readout"), totals.slice(1).map(([number, word]) => `${count(number)} ${word}`).join(", ") || " ");
    } else point(node, stage, held.at[stage]);
  }

  /** Read one bar out; null: none. */
  function point(node, stage, place) {
    held.at[stage] = place;
    const told = held.told;
    const cursor = node.querySelector(".cursor");
    if (place === null || !told) {
      cursor.setAttribute("width", 0);
      if (told) showChart(node, stage, told);
      return;
    }
    const numbers = told.stages[stage];
    const steps = numbers.done.length;
    const at = Math.max(0, Math.min(steps - 1, place));
    cursor.setAttribute("x", (at / steps) * CHART.width);
    cursor.setAttribute("width", CHART.width / steps);
    const begin = told.begins_at + at * told.step_s;
    const words = KINDS.map(([kind, word]) => [numbers[kind][at], word]).filter(([number], one) => number || one === 0).map(([number, word]) => `${count(number)} ${word}`);
    const text = `${dateOf(begin)}: ${words.join(", ")}`;
    setText(node.querySelector(".readout"), text);
    const slider = node.querySelector(".plot");
    slider.setAttribute("aria-valuenow", at);
    slider.setAttribute("aria-valuetext", text);
  }

  function showTable(told) {
    const steps = told.stages.extraction.done.length;
    const rows = Array.from({ length: steps }, (_, place) => place).filter((place) => STAGES.some((stage) => KINDS.some(([kind]) => told.stages[stage][kind][place])));
    const cells = (place, stage) => KINDS.map(([kind]) => h("td", { class: "number" }, count(told.stages[stage][kind][place])));
    byId("throughput-table").replaceChildren(
      h("table", { class: "figures" },
        h("caption", { class: "sr" }, `Attempts in steps of ${span(told.step_s)}; steps without any are left out`),
        h("thead", {}, h("tr", {}, h("th", { scope: "col", rowspan: "2" }, "From"), ...STAGES.map((stage) => h("th", { scope: "colgroup", colspan: "3" }, STAGE_WORDS[stage].title))), h("tr", {}, ...STAGES.flatMap(() => KINDS.map(([, word]) => h("th", { scope: "col", class: "number" }, word))))),
        h("tbody", {}, ...rows.reverse().map((place) => h("tr", {}, h("th", { scope: "row" }, dateOf(told.begins_at + place * told.step_s)), ...STAGES.flatMap((stage) => cells(place, stage)))))),
    );
  }

  for (const [hours, word] of RANGES) {
    const button = h("button", { type: "button", "aria-pressed": String(hours === held.hours) }, word);
    button.dataset.hours = hours;
    button.addEventListener("click", () => {
      sessionStorage.setItem("dl-lit-hours", hours);
      choose(hours);
    });
    byId("ranges").append(button);
  }
  byId("as-table").addEventListener("click", (event) => {
    held.asTable = !held.asTable;
    event.currentTarget.setAttribute("aria-expanded", String(held.asTable));
    show(byId("throughput-table"), held.asTable);
    if (held.asTable && held.told) showTable(held.told);
  });
  let due = 0;
  live.onStatus(() => {
    if (view() !== "overview" || Date.now() < due) return;
    due = Date.now() + 5_000;
    look();
  });
}
