// Snowballing: what each level brought, and why it goes no further. Not there where nothing was read in turn.

const BECAME = {
  "read": "read in turn",
  "waits": "wait",
  "already-a-source": "sources already",
  "not-verified": "not proven",
  "too-many-pages": "too long",
  "no-file": "without a file",
  "level-budget": "over the level's budget",
  "max-sources": "over the budget of all levels",
  "depth": "beyond the depth",
  "few-new-works": "left, since little was new",
  "paused": "wait: extraction is paused",
};

function showLevels(status) {
  const levels = status.levels || [];
  show(byId("levels"), levels.length > 1);
  if (levels.length < 2) return;
  keyed(byId("levels-list"), levels, (one) => one.level, () => h("li", {}), (node, one) => setText(node, levelText(one)));
}

function levelText(one) {
  const became = Object.entries(one.next).map(([reason, number]) => `${count(number)} ${BECAME[reason] || reason}`);
  const cut = one.left_out ? ` (${count(one.left_out)} left out of long lists)` : "";
  const works = `${count(one.new_works)} of ${count(one.works)} works new, ${count(one.fetched)} in the library`;
  return [`level ${one.level}: ${plural(one.sources, "source")}, ${plural(one.entries, "reference")}${cut}, ${works}`, became.join(", ")].filter(Boolean).join(": ");
}
