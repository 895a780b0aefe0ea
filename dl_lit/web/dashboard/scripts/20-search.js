// Search over everything: "/" goes to the field, arrows through what was found, Escape closes it.

function startSearch() {
  const field = byId("search");
  const found = byId("found");
  const load = latest((signal, text) => ask("/api/search", { text: text.slice(0, 200), limit: 12 }, signal));

  async function look(text) {
    if (text.length < 2) return close();
    let told;
    try {
      told = await load(text);
    } catch (error) {
      setText(byId("found-count"), `That could not be searched: ${error.message}`);
      return;
    }
    if (!told || field.value.trim() !== text) return;
    const groups = [
      ["Works", told.works.map((one) => [`w${one.id}`, one.title, [one.people, one.year, PLACES[one.place].word].filter(Boolean).join(" · "), "work"])],
      ["Sources", told.sources.map((one) => [`s${one.id}`, one.title || fileName(one.path), sayOf(one), "source"])],
      ["Entries that are no work yet", told.entries.map((one) => [`e${one.id}`, one.title || one.raw, `source ${one.source_id} · ${one.reason || PLACES[one.place].word}`, "entry"])],
    ].filter(([, lines]) => lines.length);
    const number = groups.reduce((all, [, lines]) => all + lines.length, 0);
    setText(byId("found-count"), number ? `${plural(number, "result")}${told.is_cut ? ", and there may be more" : ""}` : `Nothing has “${isolated(text)}” in it.`);
    byId("found-groups").replaceChildren(...groups.map(([title, lines]) => h("section", {}, h("h3", {}, title), h("ul", { class: "plain lines" }, ...lines.map(resultLine)))));
    show(found, true);
    setAttribute(field, "aria-expanded", "true");
  }

  function resultLine([id, title, note, picture]) {
    const line = h("button", { type: "button", class: "line result" }, icon(picture), h("span", { class: "line-title" }, title), h("span", { class: "quiet line-note" }, note));
    line.addEventListener("click", () => {
      close();
      field.focus();
      if (id[0] === "s") goToSource(Number(id.slice(1)));
      else openStory(id);
    });
    return h("li", {}, line);
  }

  function close() {
    show(found, false);
    setAttribute(field, "aria-expanded", "false");
    setText(byId("found-count"), "");
  }

  typed(field, look);
  field.addEventListener("focus", () => field.value.trim().length > 1 && look(field.value.trim()));
  const within = byId("search-box");
  within.addEventListener("keydown", (event) => {
    const lines = [...found.querySelectorAll("button")];
    const at = lines.indexOf(document.activeElement);
    if (event.key === "Escape" && !found.hidden) {
      event.preventDefault();
      close();
      field.focus();
    } else if (event.key === "ArrowDown" && lines.length) {
      event.preventDefault();
      lines[Math.min(at + 1, lines.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (at === 0 ? field : lines[at - 1]).focus();
    }
  });
  within.addEventListener("focusout", (event) => event.relatedTarget && !within.contains(event.relatedTarget) && close());
  document.addEventListener("pointerdown", (event) => !within.contains(event.target) && close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
