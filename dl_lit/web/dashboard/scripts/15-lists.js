// Lists that are long: a page at a time, with its place told, and the list standing still while it is brought up to date.

/**
 * A list in pages. `load(offset, limit, signal)` gives { total, items, is_cut }; `make` and `update` as for `keyed`. The node
 * that `list` stands in gets buttons below. Gives { reload, first }: look again, and go to the first page.
 */
function pagedList({ list, pager, size, load, keyOf, make, update, empty }) {
  const held = { offset: 0, total: 0 };
  const asked = latest((signal) => load(held.offset, size, signal));
  const back = h("button", { type: "button" }, icon("back"), h("span", {}, "Back"));
  const forth = h("button", { type: "button" }, h("span", {}, "On"), icon("forth"));
  const where = h("span", { class: "quiet", role: "status" });
  pager.append(back, where, forth);

  async function reload() {
    let told;
    try {
      told = await asked();
    } catch (error) {
      setText(where, `That could not be had: ${error.message}`);
      return;
    }
    if (!told) return;
    held.total = told.total;
    if (held.offset && held.offset >= told.total) {
      held.offset = Math.max(0, Math.floor((told.total - 1) / size) * size);
      return void reload();
    }
    keyed(list, told.items, keyOf, make, update);
    show(empty, !told.items.length);
    show(pager, told.total > 0);
    const all = `${told.is_cut ? "more than " : ""}${count(told.total)}`;
    setText(where, told.total > size ? `${count(held.offset + 1)}–${count(held.offset + told.items.length)} of ${all}` : all);
    for (const [button, isOff] of [[back, held.offset === 0], [forth, held.offset + size >= told.total]]) button.disabled = isOff;
    show(back, told.total > size);
    show(forth, told.total > size);
  }

  const move = (by) => {
    held.offset = Math.max(0, held.offset + by);
    list.scrollTop = 0;
    reload();
  };
  back.addEventListener("click", () => move(-size));
  forth.addEventListener("click", () => move(size));
  const first = () => {
    held.offset = 0;
    return reload();
  };
  return { reload, first };
}

/** Buttons of which one is pressed. */
function choices(node, options, chosen, onChoose) {
  for (const [value, word] of options) {
    const button = h("button", { type: "button", "aria-pressed": String(value === chosen) }, word);
    button.addEventListener("click", () => {
      for (const other of node.children) other.setAttribute("aria-pressed", String(other === button));
      onChoose(value);
    });
    node.append(button);
  }
}

/** Call `what` when nothing was typed for a moment. */
function typed(input, what) {
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => what(input.value.trim()), 180);
  });
}
