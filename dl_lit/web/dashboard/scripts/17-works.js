// The works: what is cited, by how many, and whether it could be had.

const works = { list: null };

function startWorks() {
  const wanted = { state: "all", order: "cited" };
  works.list = pagedList({
    list: byId("works-body"), pager: byId("works-pager"), empty: byId("works-none"), size: 50,
    load: async (offset, limit, signal) => {
      const told = await ask("/api/library", { ...wanted, offset, limit }, signal);
      return { total: told.total, items: told.works };
    },
    keyOf: (one) => one.id, make: makeWork, update: showWork,
  });
  choices(byId("works-states"), [["all", "All"], ["downloaded", "In the library"], ["waiting", "Waiting"], ["needs_review", "To review"], ["failed", "Not obtained"]], "all", (state) => {
    wanted.state = state;
    works.list.first();
  });
  choices(byId("works-order"), [["cited", "Most cited"], ["newest", "Newest"]], "cited", (by) => {
    wanted.order = by;
    works.list.first();
  });
}

function makeWork(one) {
  const open = h("button", { type: "button", class: "link work-title" });
  open.addEventListener("click", () => openStory(`w${one.id}`));
  return h("tr", {}, h("th", { scope: "row" }, open, h("span", { class: "quiet work-note" })), h("td", { class: "number" }), h("td"));
}

function showWork(row, one) {
  const [title, cited, place] = row.children;
  setText(title.firstChild, one.title);
  setText(title.lastChild, [one.people, one.year, one.container].filter(Boolean).join(" · "));
  setText(cited, count(one.cited_by));
  const standing = `${one.place} ${one.reason}`;
  if (place.dataset.standing !== standing) {
    place.dataset.standing = standing;
    place.replaceChildren(badge(one.place, one.reason));
    if (one.path) place.append(h("code", { class: "path" }, one.path));
  }
}
