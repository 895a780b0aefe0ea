// Numbers, times and words for people.

const grouped = new Intl.NumberFormat("en");
const count = (number) => grouped.format(number);
const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
const sum = (numbers) => Object.values(numbers || {}).reduce((all, one) => all + one, 0);
const percent = (share) => `${share >= 1 ? 100 : Math.min(99, Math.round(share * 100))} %`;

/** A rate: few digits, none where they say nothing. */
function rate(perMinute) {
  if (!perMinute) return "0";
  return perMinute >= 100 ? count(Math.round(perMinute)) : perMinute >= 10 ? perMinute.toFixed(0) : perMinute.toFixed(1);
}

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${number >= 100 || unit === 0 ? Math.round(number) : number.toFixed(1)} ${units[unit]}`;
}

/** A span of time in its two largest units at most: "14 min", "3 h 20 min", "2 days". */
function span(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    return minutes < 600 && rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${Math.round(minutes / 60)} h`;
  }
  return `${Math.round(minutes / 1440)} days`;
}

/** Epoch seconds of a moment told as such or as ISO 8601. */
const epoch = (moment) => (typeof moment === "number" ? moment : Date.parse(moment) / 1000);

function ago(moment) {
  const seconds = Date.now() / 1000 - epoch(moment);
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}

function until(moment) {
  const seconds = epoch(moment) - Date.now() / 1000;
  return seconds <= 0 ? "now" : `in ${span(seconds)}`;
}

const clockOf = (moment) => new Date(epoch(moment) * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const dateOf = (moment) =>
  new Date(epoch(moment) * 1000).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const fullDate = (moment) => new Date(epoch(moment) * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A moment as an element: how long ago, and exactly on hover and for machines. */
function time(moment, shown = ago(moment)) {
  return h("time", { datetime: new Date(epoch(moment) * 1000).toISOString(), title: fullDate(moment) }, shown);
}

const TURNING = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const TURNED_BACK = { "\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069" };
const TURNS_BACK = new Set(Object.values(TURNED_BACK));

/**
 * A field whose letters run the other way, or that turns letters, kept to itself: what stands beside it stays as it is.
 * Turns that it leaves open are closed, those that it does not have open are left out (https://www.unicode.org/reports/tr9/).
 */
function isolated(text) {
  if (!TURNING.test(text)) return text;
  const open = [];
  let kept = "";
  for (const one of text) {
    if (TURNED_BACK[one]) open.push(TURNED_BACK[one]);
    else if (TURNS_BACK.has(one) && open.pop() !== one) return isolated(text.replace(/[\u202a-\u202e\u2066-\u2069]/g, ""));
    kept += one;
  }
  return `\u2068${kept}${open.reverse().join("")}\u2069`;
}

/** A document of the server, each of its texts by itself. */
const parsed = (json) => JSON.parse(json, (_, value) => (typeof value === "string" ? isolated(value) : value));

/** A list in words: "a, b and c". */
function listed(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const nameOf = (person) => [person.given, person.family || person.literal].filter(Boolean).join(" ");
const peopleOf = (people, most = 4) =>
  people.length > most ? `${people.slice(0, most).map(nameOf).join(", ")} et al.` : listed(people.map(nameOf));
