// Who cites what: the most connected part of the library, drawn on a canvas; the same as a list beside it.

const graph = { nodes: [], links: [], near: [], view: { x: 0, y: 0, scale: 1 }, focus: -1, hover: -1, marked: new Set(), asked: 0, arranged: true };

function startGraph() {
  const canvas = byId("graph");
  const paint = () => requestAnimationFrame(drawGraph);
  document.addEventListener("theme", paint);
  new ResizeObserver(() => {
    const box = canvas.getBoundingClientRect();
    const dense = devicePixelRatio || 1;
    if (!box.width) return;
    canvas.width = box.width * dense;
    canvas.height = box.height * dense;
    if (graph.nodes.length) fitGraph();
  }).observe(canvas);

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held = { x: event.clientX, y: event.clientY, moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held) {
      const x = event.clientX - held.x;
      const y = event.clientY - held.y;
      if (Math.abs(x) + Math.abs(y) > 3) held.moved = true;
      if (!held.moved) return;
      graph.view.x += x;
      graph.view.y += y;
      Object.assign(held, { x: event.clientX, y: event.clientY });
      return paint();
    }
    const at = nodeAt(event);
    if (at !== graph.hover) {
      graph.hover = at;
      canvas.style.cursor = at < 0 ? "grab" : "pointer";
      tellNode(at < 0 ? graph.focus : at);
      paint();
    }
  });
  canvas.addEventListener("pointerup", (event) => {
    const clicked = held && !held.moved ? nodeAt(event) : -1;
    held = null;
    if (clicked >= 0) {
      graph.focus = clicked;
      paint();
      openNode(clicked);
    }
  });
  canvas.addEventListener("pointerleave", () => {
    graph.hover = -1;
    tellNode(graph.focus);
    paint();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    if (moves[event.key]) {
      graph.view.x += moves[event.key][0];
      graph.view.y += moves[event.key][1];
    } else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fitGraph();
    else if (event.key === "n" || event.key === "p") walk(event.key === "n" ? 1 : -1);
    else if (event.key === "Enter" && graph.focus >= 0) openNode(graph.focus);
    else return;
    event.preventDefault();
    paint();
  });
  canvas.addEventListener("focus", paint);
  canvas.addEventListener("blur", paint);
  byId("graph-in").addEventListener("click", () => zoom(1.25));
  byId("graph-out").addEventListener("click", () => zoom(0.8));
  byId("graph-fit").addEventListener("click", fitGraph);
  typed(byId("graph-text"), (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    graph.marked = new Set(words.length ? graph.nodes.flatMap((node, at) => (words.every((word) => node.words.includes(word)) ? [at] : [])) : []);
    setText(byId("graph-found"), words.length ? plural(graph.marked.size, "match", "matches") : "");
    paint();
  });
}

/** Ask for the graph again, at most once a minute unless it is empty. */
async function loadGraph() {
  if (graph.nodes.length && Date.now() - graph.asked < 60_000) return;
  graph.asked = Date.now();
  const told = await ask("/api/graph", { works: 160, sources: 160 }).catch((error) => setText(byId("graph-note"), `That could not be had: ${error.message}`));
  if (!told) return;
  const sourceAt = new Map(told.sources.map((one, at) => [one.id, at]));
  const workAt = new Map(told.works.map((one, at) => [one.id, at + told.sources.length]));
  const words = (one) => `${one.title} ${one.people} ${one.year || ""} ${one.doi || ""}`.toLowerCase();
  graph.nodes = [
    ...told.sources.map((one) => ({ kind: "source", told: one, size: 4, words: words(one) })),
    ...told.works.map((one) => ({ kind: "work", told: one, size: Math.min(20, 2.6 + 1.7 * Math.sqrt(one.cited_by)), words: words(one) })),
  ];
  graph.links = told.links.filter(([source, work]) => sourceAt.has(source) && workAt.has(work)).map(([source, work]) => ({ from: sourceAt.get(source), to: workAt.get(work) }));
  graph.marked = new Set();
  graph.focus = graph.hover = -1;
  show(byId("graph-none"), !graph.nodes.length);
  show(byId("graph-frame"), graph.nodes.length > 0);
  const leftOut = told.all_works - told.works.length;
  setText(byId("graph-note"), !graph.nodes.length ? "" : `${plural(told.works.length, "work")} cited most, ${plural(told.sources.length, "source")} and ${plural(graph.links.length, "citation")} between them. ${leftOut > 0 ? `Left out: ${plural(leftOut, "work")} cited less, of ${count(told.all_works)} in all; ${plural(told.shared_works, "work")} of these ${told.shared_works === 1 ? "is" : "are"} cited more than once.` : "That is all there is."}`);
  keyed(byId("graph-list"), told.works.slice(0, 40), (one) => one.id, makeCited, (row, one) => {
    setText(row.querySelector(".number"), count(one.cited_by));
    setText(row.querySelector(".line-title"), one.title);
    setText(row.querySelector(".line-note"), [one.people, one.year, PLACES[one.place].word].filter(Boolean).join(" · "));
  });
  arrange();
}

function makeCited(one) {
  const line = h("button", { type: "button", class: "line cited" }, h("span", { class: "number" }), h("span", { class: "line-title" }), h("span", { class: "quiet line-note" }));
  line.addEventListener("click", () => {
    graph.focus = graph.nodes.findIndex((node) => node.kind === "work" && node.told.id === one.id);
    drawGraph();
    openStory(`w${one.id}`);
  });
  return h("li", {}, line);
}

/** Find places in small pieces, so that nothing else waits; shown as they come unless motion is unwelcome. */
function arrange() {
  const [width, height] = graphSize();
  const layout = layoutOf(graph.nodes, graph.links, width / height || 1.4);
  graph.near = layout.near;
  graph.arranged = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const go = () => {
    if (layout.step(8)) {
      if (!still) fitGraph();
      return requestAnimationFrame(go);
    }
    graph.arranged = true;
    byId("graph").dataset.arranged = "true";
    fitGraph();
  };
  delete byId("graph").dataset.arranged;
  go();
}

const graphSize = () => [byId("graph").width / (devicePixelRatio || 1), byId("graph").height / (devicePixelRatio || 1)];

function fitGraph() {
  if (!graph.nodes.length) return;
  const xs = graph.nodes.map((node) => node.x);
  const ys = graph.nodes.map((node) => node.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [width, height] = graphSize();
  const scale = Math.min(3, Math.min((width - 48) / (right - left + 1), (height - 48) / (bottom - top + 1)));
  graph.view = { scale, x: width / 2 - ((left + right) / 2) * scale, y: height / 2 - ((top + bottom) / 2) * scale };
  drawGraph();
}

function zoom(by, x = graphSize()[0] / 2, y = graphSize()[1] / 2) {
  const scale = Math.max(0.1, Math.min(12, graph.view.scale * by));
  const real = scale / graph.view.scale;
  graph.view = { scale, x: x - (x - graph.view.x) * real, y: y - (y - graph.view.y) * real };
  drawGraph();
}

const place = (node) => [node.x * graph.view.scale + graph.view.x, node.y * graph.view.scale + graph.view.y];
const sizeOf = (node) => node.size * Math.max(0.85, Math.min(2.2, Math.sqrt(graph.view.scale)));

function nodeAt(event) {
  const box = byId("graph").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let found = -1;
  let nearest = Infinity;
  graph.nodes.forEach((node, at) => {
    const [left, top] = place(node);
    const far = Math.hypot(left - x, top - y);
    if (far < sizeOf(node) + 4 && far < nearest) [found, nearest] = [at, far];
  });
  return found;
}

function walk(by) {
  const order = graph.nodes.map((_, at) => at).sort((one, other) => graph.near[other].length - graph.near[one].length);
  graph.focus = order[(order.indexOf(graph.focus) + by + order.length) % order.length];
  tellNode(graph.focus);
}

function tellNode(at) {
  const node = graph.nodes[at];
  const says = !node ? "" : node.kind === "source" ? `Source: ${node.told.title}. It cites ${graph.near[at].length} of these works.` : `${node.told.title} (${[node.told.people, node.told.year].filter(Boolean).join(", ")}). Cited by ${plural(node.told.cited_by, "entry", "entries")}. ${PLACES[node.told.place].word}.`;
  setText(byId("graph-says"), says);
}

function openNode(at) {
  const node = graph.nodes[at];
  openStory(`${node.kind === "source" ? "s" : "w"}${node.told.id}`);
}

function drawGraph() {
  const canvas = byId("graph");
  const paint = canvas.getContext("2d");
  const dense = devicePixelRatio || 1;
  paint.setTransform(dense, 0, 0, dense, 0, 0);
  const [width, height] = graphSize();
  paint.clearRect(0, 0, width, height);
  const lit = graph.hover >= 0 ? graph.hover : graph.focus;
  const around = lit >= 0 ? new Set([lit, ...graph.near[lit]]) : graph.marked.size ? graph.marked : null;
  const tones = { downloaded: colour("bar-done"), waiting: colour("bar-wait"), needs_review: colour("bar-review"), failed: colour("bar-failed"), surface: colour("surface"), muted: colour("muted"), accent: colour("accent") };
  paint.lineWidth = 1;
  paint.strokeStyle = colour("link");
  for (const only of [false, true]) {
    paint.globalAlpha = only ? 0.9 : around ? 0.18 : 0.55;
    paint.beginPath();
    for (const { from, to } of graph.links) {
      if (only !== Boolean(lit >= 0 && (from === lit || to === lit))) continue;
      paint.moveTo(...place(graph.nodes[from]));
      paint.lineTo(...place(graph.nodes[to]));
    }
    if (only) paint.strokeStyle = colour("accent");
    paint.stroke();
  }
  graph.nodes.forEach((node, at) => {
    const [x, y] = place(node);
    if (x < -20 || y < -20 || x > width + 20 || y > height + 20) return;
    const size = sizeOf(node);
    paint.globalAlpha = around && !around.has(at) ? 0.28 : 1;
    paint.beginPath();
    if (node.kind === "source") {
      paint.rect(x - size, y - size, size * 2, size * 2);
      paint.fillStyle = tones.surface;
      paint.strokeStyle = tones.muted;
      paint.lineWidth = 1.4;
    } else {
      paint.arc(x, y, size, 0, 7);
      const isWaiting = node.told.place === "waiting";
      paint.fillStyle = isWaiting ? tones.surface : tones[node.told.place];
      paint.strokeStyle = isWaiting ? tones.muted : tones.surface;
      paint.lineWidth = isWaiting ? 1.6 : 1.2;
    }
    paint.fill();
    paint.stroke();
    if (node.kind === "work") drawSign(paint, node.told.place, x, y, size * 0.5, tones.surface);
    if (at === graph.focus) {
      paint.beginPath();
      paint.arc(x, y, size + 4, 0, 7);
      paint.strokeStyle = tones.accent;
      paint.lineWidth = 2;
      paint.stroke();
    }
  });
  paint.globalAlpha = 1;
  nameNodes(paint, lit, width);
}

/** The state once more as a sign, for those who do not see its colour: a bar for not obtained, a dot for review. */
function drawSign(paint, state, x, y, size, tone) {
  if (state !== "failed" && state !== "needs_review") return;
  paint.beginPath();
  if (state === "failed") {
    paint.moveTo(x - size, y);
    paint.lineTo(x + size, y);
    paint.strokeStyle = tone;
    paint.lineWidth = Math.max(1.2, size * 0.5);
    paint.stroke();
  } else {
    paint.arc(x, y, size * 0.6, 0, 7);
    paint.fillStyle = tone;
    paint.fill();
  }
}

/** Names of the most cited, of what matches, and of what is pointed at; none over another. */
function nameNodes(paint, lit, width) {
  paint.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  paint.textBaseline = "middle";
  const works = graph.nodes.map((node, at) => at).filter((at) => graph.nodes[at].kind === "work");
  const wanted = [...(lit >= 0 ? [lit] : []), ...[...graph.marked].slice(0, 12), ...works.slice(0, Math.round(8 * Math.max(1, graph.view.scale)))];
  const taken = [];
  for (const at of new Set(wanted)) {
    const node = graph.nodes[at];
    const most = Math.max(16, Math.min(44, Math.round(width / 15)));
    const text = node.told.title.length > most ? `${node.told.title.slice(0, most - 2)}…` : node.told.title;
    const wide = paint.measureText(text).width;
    const [x, y] = place(node);
    let left = x + sizeOf(node) + 5;
    if (left + wide > width - 6) left = x - sizeOf(node) - 5 - wide;
    left = Math.max(4, left);
    const box = [left - 3, y - 9, left + wide + 3, y + 9];
    if (at !== lit && taken.some((one) => box[0] < one[2] && box[2] > one[0] && box[1] < one[3] && box[3] > one[1])) continue;
    taken.push(box);
    paint.globalAlpha = 0.86;
    paint.fillStyle = colour("surface");
    paint.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    paint.globalAlpha = 1;
    paint.fillStyle = colour("ink");
    paint.fillText(text, left, y + 0.5);
  }
}
