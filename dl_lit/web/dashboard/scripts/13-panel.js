// The panel at the side: one thing at a time, closed with Escape; focus comes back to where it was opened from.

const panel = { opener: null, story: null };

/** Open the panel with a title and a line below it; gives the element to fill. */
function openPanel(title, below = "") {
  const node = byId("panel");
  if (node.hidden) panel.opener = document.activeElement;
  panel.story = null;
  setText(byId("panel-title"), title);
  setText(byId("panel-below"), below);
  const body = byId("panel-body");
  body.replaceChildren();
  show(node, true);
  document.body.classList.add("has-panel");
  body.scrollTop = 0;
  byId("panel-title").focus({ preventScroll: true });
  return body;
}

function closePanel() {
  if (byId("panel").hidden) return;
  show(byId("panel"), false);
  document.body.classList.remove("has-panel");
  panel.story = null;
  if (panel.opener?.isConnected) panel.opener.focus({ preventScroll: true });
  panel.opener = null;
}

function panelTrouble(error) {
  byId("panel-body").append(h("p", { class: "trouble", role: "alert" }, icon("alert"), `That could not be had: ${error.message}`));
}

function startPanel() {
  byId("panel-close").addEventListener("click", closePanel);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) closePanel();
  });
}
