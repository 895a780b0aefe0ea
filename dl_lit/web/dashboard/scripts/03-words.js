// What things are called, in one place.

const STAGES = ["extraction", "enrichment", "queueing", "download"];

const STAGE_WORDS = {
  extraction: { title: "Extraction", does: "reads bibliographies", item: "PDF", waits: "PDFs", kind: "s" },
  enrichment: { title: "Enrichment", does: "recognises works", item: "entry", waits: "entries", kind: "e" },
  queueing: { title: "Queueing", does: "looks for open copies", item: "work", waits: "works", kind: "w" },
  download: { title: "Download", does: "fetches and checks PDFs", item: "PDF", waits: "downloads", kind: "w" },
};

const PLACES = {
  downloaded: { word: "In the library", icon: "done", tone: "done" },
  extracted: { word: "Read", icon: "done", tone: "done" },
  waiting: { word: "Waiting", icon: "waiting", tone: "wait" },
  needs_review: { word: "Needs review", icon: "review", tone: "review" },
  failed: { word: "Not obtained", icon: "failed", tone: "failed" },
};

const VERSIONS = { publishedVersion: "published version", acceptedVersion: "accepted manuscript", submittedVersion: "preprint" };

const OUTCOMES = {
  done: { word: "done", icon: "done", tone: "done" },
  retry: { word: "tried again later", icon: "again", tone: "review" },
  reject: { word: "given up", icon: "failed", tone: "failed" },
};

/** A state as a small label: picture, word and colour together. */
function badge(place, reason = "") {
  const words = PLACES[place];
  const why = reason && reason.replace("-", "_") !== place ? `: ${reason}` : "";
  return h("span", { class: `badge tone-${words.tone}` }, icon(words.icon), `${words.word}${why}`);
}

/** What a reason means, once the list of them has come. */
const meaningOf = (reason) => (state.reasons[reason] ? state.reasons[reason].what : "");
const adviceOf = (reason) => (state.reasons[reason] ? state.reasons[reason].to_do : "");

/** Everything the page knows. */
const state = { status: null, reasons: {}, canOrder: false, whyNot: "" };
