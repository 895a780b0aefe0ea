// What can be changed from here: pause, resume, try again, hand in a PDF. Each needs the token.

const NO_TOKEN = "This needs the token: open the address with #token=… that dl-lit serve prints.";

const canOrder = () => Boolean(token());

/** A button that gives an order; without the token it is there, says why it does nothing, and does nothing. */
function orderButton(picture, word, act, after = () => {}) {
  const button = h("button", { type: "button", class: "order" }, icon(picture), h("span", {}, word));
  guard(button);
  button.addEventListener("click", async () => {
    if (!canOrder() || button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      say(orderSays(await act()) || `${word}: done.`);
      await live.refresh();
      after();
    } catch (error) {
      say(`${word} did not work: ${error.message}`, true);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
  return button;
}

function guard(button, title = "") {
  setAttribute(button, "aria-disabled", canOrder() ? null : "true");
  setAttribute(button, "title", canOrder() ? title || null : NO_TOKEN);
}

function orderSays(told) {
  if (typeof told.says === "string") return told.says;
  const number = told.total;
  if (typeof number === "number") return `${plural(number, "item")} ${number === 1 ? "is" : "are"} tried again.`;
  return "";
}

/** Say in a corner what came of an order; read out once. */
let saying = 0;
function say(text, isTrouble = false) {
  const node = byId("toast");
  clearTimeout(saying);
  setAttribute(node, "class", isTrouble ? "toast tone-failed" : "toast");
  setText(node, text);
  show(node, true);
  saying = setTimeout(() => show(node, false), 7_000);
}

function pauseButton(stage) {
  const button = h("button", { type: "button", class: "order pause", "aria-pressed": "false" });
  button.addEventListener("click", async () => {
    if (!canOrder()) return;
    const paused = button.getAttribute("aria-pressed") === "true";
    try {
      await order(paused ? "/api/resume" : "/api/pause", { stages: [stage] });
      say(`${STAGE_WORDS[stage].title} ${paused ? "goes on" : "is paused: what is in hand is finished, nothing new is begun"}.`);
      live.assume((status) => {
        const one = status.stages.find((each) => each.stage === stage);
        one.paused = paused ? null : "just now, from here";
      });
    } catch (error) {
      say(`That did not work: ${error.message}`, true);
    }
  });
  return button;
}

function showPause(node, stage, isPausedNow) {
  const button = node.querySelector(".pause");
  const told = `${isPausedNow}${canOrder()}`;
  if (button.dataset.told === told) return;
  button.dataset.told = told;
  const word = `${isPausedNow ? "Resume" : "Pause"} ${STAGE_WORDS[stage].title.toLowerCase()}`;
  setAttribute(button, "aria-pressed", String(isPausedNow));
  button.replaceChildren(icon(isPausedNow ? "play" : "pause"), h("span", { class: "sr" }, word));
  guard(button, word);
}

/** PDFs by drop on the page, or by the button. */
function startUploads() {
  const input = byId("upload-file");
  const button = byId("upload");
  button.prepend(icon("upload"));
  live.onStatus(() => guard(button, "Or drop it anywhere on this page"));
  guard(button);
  button.addEventListener("click", () => canOrder() && input.click());
  input.addEventListener("change", () => {
    upload([...input.files]);
    input.value = "";
  });
  const cover = byId("drop");
  let inside = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    inside += 1;
    setText(byId("drop-says"), canOrder() ? "Drop the PDF to have its bibliography read" : NO_TOKEN);
    show(cover, true);
  });
  addEventListener("dragleave", (event) => {
    if (hasFiles(event) && (inside -= 1) <= 0) show(cover, false);
  });
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    inside = 0;
    show(cover, false);
    upload([...event.dataTransfer.files]);
  });
}

async function upload(files) {
  if (!files.length || !canOrder()) return;
  let taken = 0;
  for (const file of files) {
    const name = isolated(file.name);
    say(`${name} is sent (${taken + 1} of ${files.length}) …`);
    const form = new FormData();
    form.append("file", file, file.name);
    try {
      await answerOf(await fetch("/process", { method: "POST", headers: headers(), body: form }));
      taken += 1;
    } catch (error) {
      return say(`${name} was not taken: ${error.message}`, true);
    }
  }
  say(taken === 1 ? `${isolated(files[0].name)} is taken; its bibliography will be read.` : `${taken} PDFs are taken; their bibliographies will be read.`);
  live.refresh();
  sources.list.reload();
}
