// Making and changing elements. Text from PDFs and services is hostile: it only ever becomes a text node.

const byId = (id) => document.getElementById(id);

/** An element with properties and children: h("p", { class: "quiet" }, "text", node, null). */
function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  assign(node, properties);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** The same for SVG. */
function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...children.flat().filter(Boolean));
  return node;
}

function assign(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name in node && typeof value === "boolean") node[name] = value;
    else node.setAttribute(name === "htmlFor" ? "for" : name, value);
  }
}

/** Change a node's text only where it differs, so that selection and screen readers are left alone. */
function setText(node, text) {
  const value = String(text);
  if (node.textContent !== value) node.textContent = value;
}

function setAttribute(node, name, value) {
  if (value === null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function show(node, isShown) {
  if (node.hidden === isShown) node.hidden = !isShown;
}

/**
 * Make the children of `parent` those of `items`: what is there already is changed in place and keeps focus, scroll
 * and open parts; `make(item)` gives a node, `update(node, item)` brings it up to date.
 */
function keyed(parent, items, keyOf, make, update = () => {}) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = known.get(key);
    if (node) known.delete(key);
    else {
      node = make(item);
      node.dataset.key = key;
    }
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of known.values()) node.remove();
}

/** A list of facts, each of a name, a number or text, and a note on it. */
function showFacts(list, facts) {
  keyed(
    list,
    facts,
    ([name]) => name,
    () => h("div", {}, h("dt"), h("dd"), h("dd", { class: "quiet" })),
    (node, [name, value, note]) => {
      setText(node.children[0], name);
      setText(node.children[1], typeof value === "number" ? count(value) : value);
      setText(node.children[2], note);
    },
  );
}

/** A small picture out of the page's own set; decoration beside words, therefore hidden from screen readers. */
function icon(name, extra = "") {
  const node = svg("svg", { class: `icon ${extra}`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" });
  for (const path of ICONS[name]) node.append(svg("path", { d: path }));
  return node;
}

const ICONS = {
  extraction: ["M5 2.5h6.5L15.5 6.5v11h-10.5z", "M11.5 2.5v4h4", "M7.5 10h5.5M7.5 12.5h5.5M7.5 15h3"],
  enrichment: ["M8.8 14.6a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6z", "M13.2 13.2l4.3 4.3", "M6.4 8.8l1.8 1.8 3.2-3.4"],
  queueing: ["M10 17.5c4-4.4 6-7.3 6-9.7a6 6 0 0 0-12 0c0 2.4 2 5.3 6 9.7z", "M10 9.8a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  download: ["M10 3v9.5", "M6 8.8l4 4 4-4", "M3.5 16.5h13"],
  done: ["M4 10.5l4 4 8-9"],
  failed: ["M5.5 5.5l9 9M14.5 5.5l-9 9"],
  waiting: ["M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6z", "M10 6.2V10l2.6 1.8"],
  review: ["M7.4 7.4a2.7 2.7 0 1 1 3.8 2.5c-.8.4-1.2.9-1.2 1.8v.3", "M10 14.9v.2", "M10 2.6a7.4 7.4 0 1 0 0 14.8 7.4 7.4 0 0 0 0-14.8z"],
  again: ["M15.8 10a5.8 5.8 0 1 1-1.7-4.1", "M14.4 2.6v3.6h-3.6"],
  pause: ["M7 4.5v11M13 4.5v11"],
  play: ["M6.5 4.2v11.6l9-5.8z"],
  close: ["M5.5 5.5l9 9M14.5 5.5l-9 9"],
  back: ["M12 4.5L6.5 10l5.5 5.5"],
  forth: ["M8 4.5l5.5 5.5L8 15.5"],
  sun: ["M10 6.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z", "M10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M4.3 15.7l1.2-1.2M14.5 5.5l1.2-1.2"],
  moon: ["M16.2 11.7A6.7 6.7 0 0 1 8.3 3.8a6.7 6.7 0 1 0 7.9 7.9z"],
  auto: ["M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", "M10 3v14", "M12 5.5h3M12.5 8.5h4.2M12.5 11.5h4.2M12 14.5h3"],
  alert: ["M10 3.2l7.3 13H2.7z", "M10 8.4v3.4M10 13.8v.2"],
  note: ["M10 2.6a7.4 7.4 0 1 0 0 14.8 7.4 7.4 0 0 0 0-14.8z", "M10 9.2v4.6M10 6.4v.2"],
  plus: ["M10 4v12M4 10h12"],
  minus: ["M4 10h12"],
  whole: ["M3.5 7.5v-4h4M16.5 7.5v-4h-4M3.5 12.5v4h4M16.5 12.5v4h-4"],
  upload: ["M10 13V3.5M6 7l4-4 4 4", "M3.5 12.5v4h13v-4"],
  source: ["M5 2.5h6.5L15.5 6.5v11h-10.5z", "M11.5 2.5v4h4"],
  work: ["M3.5 4c2.6-.7 4.9-.4 6.5.9v11.6c-1.6-1.3-3.9-1.6-6.5-.9z", "M16.5 4c-2.6-.7-4.9-.4-6.5.9v11.6c1.6-1.3 3.9-1.6 6.5-.9z"],
  entry: ["M4 5.5h12M4 10h12M4 14.5h7"],
};
