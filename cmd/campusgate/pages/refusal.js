import { element } from "./dom.js";
import { placeOf } from "./labels.js";
import { language } from "./settings.js";

// What a refusal says to a person. Its envelope, as it came, is shown beside that.

const withPlace = /^([\w.[\]]+(?:(?:, | or )[\w.[\]]+)*): (.+)$/s;

// read is a detail's keys, each perhaps with a place within it (items[2].line), and its rule:
// "key: rule", or "key[2]: inner: rule".
function read(detail) {
  const [, places, rule] = withPlace.exec(detail) ?? [];
  if (!places) return { places: [], rule: detail };
  const inner = read(rule);
  return inner.places.length > 0 ? { places: [`${places}.${inner.places[0]}`], rule: inner.rule } : { places: places.split(/, | or /), rule };
}

// keysOf are the keys of the fields that a detail names.
export const keysOf = (detail = "") => read(detail).places.map((place) => place.split(/[.[]/)[0]);

// meaningOf is an answer's status in words: the reference's, which are in the page's language.
export const meaningOf = (call, { status, message }) => call.statuses.find((one) => one.status === status && one.message === message)?.text ?? message;

// sayDetail is a detail in the language of the page: "" in Chinese for one that is not known.
export async function sayDetail(detail = "") {
  const { places, rule } = read(detail);
  const where = places.map(placeOf);
  if (language !== "zh") return where.length > 0 ? `${where.join(", ")}: ${rule}` : detail;
  try {
    const { ruleOf } = await import("./rules.js");
    const words = ruleOf(rule);
    return words && where.length > 0 ? `${where.join("、")}：${words}` : words ?? "";
  } catch { // the server is down by now
    return detail;
  }
}

// wrongOf says a detail that has no field on the page.
export function wrongOf(detail) {
  const shown = element("p", { class: "wrong" });
  sayDetail(detail).then((words) => { shown.textContent = words; });
  return shown;
}

// noted is a text that may end with a detail, as a notice does that tells of a review.
export async function noted(words) {
  if (language !== "zh" || !/\w+: has a refused word$/.test(words)) return words;
  const [detail] = /\w+: has a refused word$/.exec(words);
  return words.slice(0, -detail.length) + await sayDetail(detail);
}
