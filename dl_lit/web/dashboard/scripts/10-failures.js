// What failed, by reason: how often, what it means, what to do. A reason opens the list of what it happened to.

function showFailures(status) {
  const groups = status.stages
    .map((one) => ({ stage: one.stage, reasons: reasonsOf(one) }))
    .filter((group) => group.reasons.length);
  const most = Math.max(1, ...groups.flatMap((group) => group.reasons.map((one) => one.number)));
  show(byId("failures-none"), !groups.length);
  keyed(
    byId("failures-list"),
    groups,
    (group) => group.stage,
    (group) => h("section", {}, h("h3", {}, icon(group.stage), STAGE_WORDS[group.stage].title, h("span", { class: "quiet" })), h("ul", { class: "bars-list" })),
    (node, group) => {
      setText(node.querySelector("h3 span"), count(group.reasons.reduce((all, one) => all + one.number, 0)));
      keyed(node.querySelector("ul"), group.reasons, (one) => one.reason, (one) => makeReason(group.stage, one), (row, one) => showReason(row, one, most));
    },
  );
}

function reasonsOf(one) {
  const failed = Object.entries(one.failed).map(([reason, number]) => ({ reason, number, review: false }));
  const reviews = { enrichment: "ambiguous-match", download: "needs-review", queueing: "needs-review", extraction: "" };
  if (one.needs_review) failed.push({ reason: reviews[one.stage], number: one.needs_review, review: true });
  return failed.sort((a, b) => b.number - a.number);
}

function makeReason(stage, one) {
  const button = h("button", { type: "button", class: `reason ${one.review ? "tone-review" : "tone-failed"}` },
    h("span", { class: "reason-name" }, icon(one.review ? "review" : "failed"), one.reason),
    h("span", { class: "reason-bar" }, h("i")),
    h("span", { class: "number" }));
  button.addEventListener("click", () => openFailures(stage, one.reason));
  return h("li", {}, button, h("p", { class: "quiet" }));
}

function showReason(row, one, most) {
  setText(row.querySelector(".number"), count(one.number));
  row.querySelector("i").style.width = `${Math.max(0.6, (one.number / most) * 100)}%`;
  setText(row.querySelector("p"), [meaningOf(one.reason), adviceOf(one.reason)].filter(Boolean).join(" "));
}

/** The list of what failed for one reason, in the panel. */
async function openFailures(stage, reason) {
  const list = h("ul", { class: "plain lines" });
  const more = h("button", { type: "button", class: "more", hidden: true }, "Show more");
  const retry = orderButton("again", "Try all of these again", () => order("/api/retry", { stages: [stage], reasons: [reason] }));
  const body = openPanel(`${reason}`, `${STAGE_WORDS[stage].title}: ${meaningOf(reason)}`);
  body.append(h("p", { class: "advice" }, adviceOf(reason) || "There is nothing to do about it."), h("p", {}, retry), list, more);
  let offset = 0;
  const load = async () => {
    const told = await ask("/api/failures", { stage, reason, limit: 50, offset });
    offset += told.failures.length;
    list.append(...told.failures.map(failureLine));
    if (!told.total) list.append(h("li", { class: "quiet" }, "None is left."));
    show(more, offset < told.total);
    setText(more, `Show more (${count(told.total - offset)} left)`);
  };
  more.addEventListener("click", () => load().catch(panelTrouble));
  await load().catch(panelTrouble);
}

function failureLine(one) {
  const line = h("button", { type: "button", class: "line" }, h("span", { class: "line-title" }, one.title || one.id), h("span", { class: "quiet line-note" }, [one.detail, one.at ? ago(one.at) : ""].filter(Boolean).join(" · ")));
  line.addEventListener("click", () => openStory(one.id));
  return h("li", {}, line);
}
