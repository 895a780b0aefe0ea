// Light, dark, or as the system has it; kept in this browser.

const THEMES = [
  ["auto", "auto", "As the system"],
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
];

function startTheme() {
  const button = byId("theme");
  let chosen = localStorage.getItem("dl-lit-theme") || "auto";
  const apply = () => {
    const [name, picture, word] = THEMES.find(([one]) => one === chosen) || THEMES[0];
    document.documentElement.dataset.theme = name;
    button.replaceChildren(icon(picture), h("span", { class: "sr" }, `Theme: ${word}`));
    button.title = `Theme: ${word}`;
    document.dispatchEvent(new Event("theme"));
  };
  button.addEventListener("click", () => {
    chosen = THEMES[(THEMES.findIndex(([one]) => one === chosen) + 1) % THEMES.length][0];
    localStorage.setItem("dl-lit-theme", chosen);
    apply();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  apply();
}

/** A colour of the present theme, for what is painted on a canvas. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
