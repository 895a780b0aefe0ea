// `explain` as a story: what is printed, what it was taken for, what was tried, how it stands, what one can do.

const KIND_WORDS = { e: "Entry", w: "Work", s: "Source" };
const HOW_WORDS = { doi: "by its DOI", arxiv: "by its arXiv number", pmid: "by its PubMed number", isbn: "by its ISBN", search: "by a search", "citing-list": "by the citing work's list", coordinates: "by journal, volume and page", review: "by a person", judge: "on a language model's word" };
const REPLY_WORDS = { found: "found something", absent: "has nothing", refused: "refused the question", failed: "gave no usable answer", "not-asked": "was not asked" };

const openAsked = latest((signal, id) => ask(`/api/explain/${encodeURIComponent(id)}`, {}, signal));

/** Open the story of e1, w2 or s3 in the panel. */
async function openStory(id) {
  const body = openPanel(`${KIND_WORDS[id[0]]} ${id.slice(1)}`, "…");
  panel.story = id;
  try {
    const told = await openAsked(id);
    if (told && panel.story === id) tellStory(body, told.stories[0]);
  } catch (error) {
    setText(byId("panel-below"), "");
    panelTrouble(error);
  }
}

function tellStory(body, story) {
  const work = story.work || story.entry?.work;
  const title = story.entry?.reference.title || work?.work.title || story.source?.title || fileName(story.source?.path) || story.id;
  setText(byId("panel-title"), title);
  setText(byId("panel-below"), `${KIND_WORDS[story.id[0]]} ${story.id}`);
  body.append(
    ...[
      standing(story, work),
      story.entry && printed(story.entry, story.source),
      story.entry?.failure && candidates(story.entry.failure),
      work && recognised(work, story),
      work?.file && fileOf(work.file, "The file"),
      work?.held && fileOf({ ...work.held, url: work.held.final_url, status: "in quarantine" }, "The file in quarantine"),
      story.source && !story.entry && sourceFacts(story.source),
      tried(story),
      story.cited_by.length && story.id[0] === "w" && citedBy(story.cited_by),
      (story.linked?.length || story.titles?.length) && kin(story),
      merged(story.merges || []),
    ].filter(Boolean),
  );
}

const section = (title, ...children) => h("section", { class: "chapter" }, h("h3", {}, title), ...children.filter(Boolean));
const fileName = (path) => isolated((path || "").split("/").pop());
const field = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
const fields = (...pairs) => h("dl", { class: "pairs" }, ...pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => field(name, value)));

/** How it stands, why, what comes next, and what one can do. */
function standing(story, work) {
  const own = story.entry && (story.entry.failure || story.entry.waiting) ? story.entry : work || story.source;
  const { failure, waiting } = own;
  const place = failure ? (failure.needs_review ? "needs_review" : "failed") : waiting ? "waiting" : work?.file ? "downloaded" : story.source && !work ? "extracted" : "waiting";
  const reason = failure?.reason || waiting?.last_reason || (work?.file && work.file.status !== "ok" ? work.file.status : "");
  const lines = [];
  if (reason) lines.push(meaningOf(reason));
  if (failure?.detail) lines.push(failure.detail);
  if (waiting) lines.push(nextTry(waiting));
  const box = h("section", { class: `standing tone-${PLACES[place].tone}` }, h("p", { class: "standing-word" }, badge(place, reason)), ...lines.filter(Boolean).map((line) => h("p", {}, line)));
  const again = work?.recheck?.due_at;
  if (again && !waiting) box.append(h("p", {}, work.file ? "A better version is looked for " : "It is looked for again ", time(again, until(again)), "."));
  const todo = advice(story, own, reason, place);
  if (todo) box.append(todo);
  return box;
}

function nextTry(waiting) {
  const words = STAGE_WORDS[waiting.stage].title.toLowerCase();
  const tries = waiting.attempts ? ` after ${plural(waiting.attempts, "failed attempt")}` : "";
  return waiting.due_at && waiting.due_at > Date.now() / 1000 ? `It waits for ${words}${tries}; next try ${until(waiting.due_at)}.` : `It waits for its turn in ${words}${tries}.`;
}

function advice(story, own, reason, place) {
  const text = adviceOf(reason);
  const id = own === story.entry ? story.id : own === story.source ? `s${own.id}` : `w${own.id}`;
  const parts = [];
  if (text && place !== "downloaded") parts.push(h("p", { class: "todo" }, h("strong", {}, "What you can do: "), text.replace(" ENTRY ", ` ${story.id} `)));
  else if (text) parts.push(h("p", { class: "todo" }, text));
  if (place === "needs_review") parts.push(h("p", {}, "On the command line: ", h("code", {}, `dl-lit review ${id}`)));
  if (place === "failed" || place === "needs_review") parts.push(h("p", {}, orderButton("again", "Try again", () => order("/api/retry", { ids: [id] }), () => openStory(story.id))));
  return parts.length ? h("div", { class: "advice" }, ...parts) : null;
}

function printed(entry, source) {
  const one = entry.reference;
  const sure = Object.fromEntries(one.field_confidence || []);
  const read = [
    ["authors", peopleOf(one.authors || [], 9)], ["editors", peopleOf(one.editors || [], 9)], ["title", one.title], ["in", one.container_title], ["publisher", one.publisher], ["year", one.year],
    ["volume", one.volume], ["issue", one.issue], ["pages", one.pages], ["DOI", one.doi], ["arXiv", one.arxiv_id], ["ISBN", one.isbn], ["address", one.url],
  ];
  const open = h("button", { type: "button", class: "link" }, source.title || fileName(source.path));
  open.addEventListener("click", () => goToSource(source.id));
  const where = [`entry ${one.position}`, one.page ? `page ${one.page}` : "", one.label ? `printed as ${one.label}` : ""].filter(Boolean).join(", ");
  return section("As printed", h("blockquote", {}, one.raw), h("p", { class: "quiet" }, `${where}, in `, open), one.model_reading ? h("p", { class: "quiet" }, readBy(one.model_reading)) : null,
    h("details", {}, h("summary", {}, `Read with confidence ${percent(one.confidence)}`), fields(...read.map(([name, value]) => [name, value && sure[name] !== undefined ? `${value} (${percent(sure[name])})` : value]))));
}

function readBy(part) {
  if (!part.is_its_find) return `${part.model} told ${listed(part.fields || [])}, each as it is printed`;
  return part.is_checked ? `Found by ${part.model}; its text stands in print` : `Found by ${part.model} on a page without text: nothing bears it out`;
}

function candidates(failure) {
  const found = (Array.isArray(failure.evidence) ? failure.evidence : []).filter((one) => one && typeof one === "object" && one.title);
  if (!found.length) return null;
  const judge = failure.evidence.find((one) => one?.judge)?.judge;
  const word = judge && h("p", {}, `${judge.model || "A language model"} ${judge.choice === null ? "abstains" : `chose ${judge.choice}`}${judge.why ? `: ${judge.why}` : ""}${judge.objection ? ` (not taken: ${judge.objection})` : ""}`);
  return section("What it was compared with", word, h("ol", { class: "candidates" }, ...found.slice(0, 8).map((one) =>
    h("li", {}, h("p", {}, h("strong", {}, one.title)),
      h("p", { class: "quiet" }, [(one.authors || []).join(", "), one.year, one.container_title, one.doi, one.source && `from ${one.source}`].filter(Boolean).join(" · ")),
      h("p", { class: "agreements" }, h("span", { class: "chip" }, `score ${Number(one.score || 0).toFixed(2)}`), ...Object.entries(one.agreement || {}).map(([name, value]) =>
        h("span", { class: `chip ${value === "conflict" ? "tone-failed" : ""}` }, `${name}: ${typeof value === "number" ? value.toFixed(2) : value}`))),
      one.veto ? h("p", { class: "tone-failed" }, `Against it: ${one.veto}`) : null))));
}

function recognised(view, story) {
  const one = view.work;
  const by = story.entry?.matched_by;
  const how = by ? `Recognised ${HOW_WORDS[by] || `by ${by}`}${story.entry.match_score ? `, score ${story.entry.match_score.toFixed(2)}` : ""}${story.entry.matched_as === "container" ? ": the book it stands in" : ""}.` : "";
  const link = one.doi ? h("a", { href: `https://doi.org/${encodeURI(one.doi.replace(/[\u2066-\u2069]/g, ""))}`, target: "_blank", rel: "noopener noreferrer" }, one.doi) : null;
  const copies = (view.locations || []).slice(0, 6).map((place) => h("li", {}, h("code", {}, place.url), h("span", { class: "quiet" }, ` ${[VERSIONS[place.version], place.licence, place.found_by && `named by ${place.found_by}`].filter(Boolean).join(", ")}`)));
  const withdrawn = one.is_retracted ? h("p", { class: "tone-failed" }, icon("alert"), "This work was retracted.") : null;
  const jump = story.id[0] === "w" ? null : h("button", { type: "button", class: "link" }, `Work ${view.id}: who else cites it`);
  jump?.addEventListener("click", () => openStory(`w${view.id}`));
  return section(story.id[0] === "w" ? "The work" : "Taken for this work", h("p", {}, h("strong", {}, one.title)), h("p", {}, [peopleOf(one.authors?.length ? one.authors : one.editors || [], 8), one.year, one.container_title || one.publisher].filter(Boolean).join(" · ")), withdrawn,
    how ? h("p", { class: "quiet" }, how) : null, fields(["DOI", link], ["OpenAlex", one.openalex_id], ["arXiv", one.arxiv_id], ["PubMed", one.pmid], ["ISBN", one.isbn], ["described by", one.metadata_source]),
    copies.length ? h("details", {}, h("summary", {}, plural(view.locations.length, "open copy is known", "open copies are known")), h("ul", { class: "plain" }, ...copies)) : null, jump);
}

function fileOf(file, title) {
  const proof = file.proof;
  return section(title, h("p", {}, h("code", { class: "path" }, file.path)), fields(
    ["status", file.status], ["pages", file.page_count], ["size", bytes(file.size_bytes)], ["version", VERSIONS[file.version]], ["licence", file.licence], ["came from", file.url],
    ["page that named it", file.landing_url], ["proof", proof ? `${proof.verdict}, ${Number(proof.score).toFixed(2)} of 1: ${(proof.evidence || []).join("; ")}` : null], ["on", file.at ? fullDate(file.at) : null]));
}

function sourceFacts(source) {
  const coverage = source.coverage;
  const missing = coverage?.missing_labels?.length ? `missing ${coverage.missing_labels.slice(0, 12).join(", ")}` : "";
  return section("The source", h("p", {}, h("code", { class: "path" }, source.path)), fields(
    ["by", peopleOf(source.authors || [])], ["year", source.year], ["DOI", source.doi], ["pages", source.page_count], ["size", bytes(source.size_bytes)],
    ["references", source.found_references === null ? null : `${count(source.found_references)}${source.expected_references ? ` of ${count(source.expected_references)} that its numbering promises` : ""}${missing ? `; ${missing}` : ""}`],
    ["added", fullDate(source.added_at)]));
}

/** Every attempt in order, with what was asked and tried in it. */
function tried(story) {
  if (!story.attempts.length) return null;
  return section("What was done", h("ol", { class: "timeline" }, ...story.attempts.map((one) => {
    const words = OUTCOMES[one.outcome];
    const trail = one.trail || {};
    return h("li", { class: `tone-${words.tone}` }, h("span", { class: "mark" }, icon(words.icon)), h("div", {},
      h("p", {}, h("strong", {}, STAGE_WORDS[one.stage].title), ` ${words.word}${one.reason === "ok" ? "" : `: ${one.reason}`}`, h("span", { class: "quiet" }, " · ", time(one.started_at, dateOf(one.started_at)), ` · ${one.seconds < 10 ? one.seconds.toFixed(1) : Math.round(one.seconds)} s`)),
      one.detail ? h("p", { class: "quiet" }, one.detail) : null,
      ...(trail.asked || []).map((asked) => h("p", { class: "step" }, h("span", { class: "chip" }, asked.service), ` asked ${HOW_WORDS[asked.how] || `by ${asked.how}`}: ${REPLY_WORDS[asked.reply] || asked.reply}${asked.is_remembered ? " (remembered)" : ""}${asked.detail ? `; ${asked.detail}` : ""}`)),
      ...(trail.tried || []).map(triedPlace),
      trail.decision ? h("p", { class: "step" }, `Decision: ${trail.decision}`) : null));
  })));
}

function triedPlace(place) {
  const hops = (place.hops || []).map(([url, status]) => h("li", {}, h("span", { class: "chip number" }, status || "no answer"), " ", h("code", {}, url)));
  const ended = place.reason === "ok" ? "taken" : `${place.reason}${place.detail ? `: ${place.detail}` : ""}`;
  return h("div", { class: "step" }, h("p", {}, h("code", {}, place.url), h("span", { class: "quiet" }, ` ${place.found_by ? `named by ${place.found_by}` : ""}`), ` → ${ended}`), hops.length > 1 ? h("ol", { class: "plain hops" }, ...hops) : null);
}

function citedBy(entries) {
  return section(`Cited by ${plural(entries.length, "entry", "entries")}`, h("ul", { class: "plain lines" }, ...entries.slice(0, 100).map((one) => {
    const line = h("button", { type: "button", class: "line" }, h("span", { class: "line-title" }, one.reference.raw), h("span", { class: "quiet line-note" }, `source ${one.source_id}, entry ${one.reference.position}`));
    line.addEventListener("click", () => openStory(`e${one.id}`));
    return h("li", {}, line);
  })), entries.length > 100 ? h("p", { class: "quiet" }, `… and ${count(entries.length - 100)} more`) : null);
}

function kin(story) {
  const others = (story.linked || []).map((one) => {
    const link = h("button", { type: "button", class: "link" }, one.view.work.title);
    link.addEventListener("click", () => openStory(`w${one.view.id}`));
    return h("li", {}, `${one.kind}: `, link, h("span", { class: "quiet" }, ` ${one.view.file ? "in the library" : ""}`));
  });
  return section("Belongs together with", h("ul", { class: "plain" }, ...others, ...(story.titles || []).map((one) => h("li", {}, `also called “${one.title}”${one.language ? ` (${one.language})` : ""}`))));
}

function merged(merges) {
  if (!merges.length) return null;
  return section("Taken for one", h("ul", { class: "plain" }, ...merges.map((one) => h("li", {}, `w${one.gone_work_id} was joined by ${one.matched_on}${one.undone_at ? ", undone since" : ""}`, one.undone_at ? null : h("span", { class: "quiet" }, " · ", h("code", {}, `dl-lit unmerge ${one.id}`))))));
}
