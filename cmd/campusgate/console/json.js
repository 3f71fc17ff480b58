import { element } from "./dom.js";

// shorten makes long texts (pictures) fit to be read, and shows of a token no more than
// what kind it is: whoever looks on could use it.
const shorten = (key, value) => {
  if (typeof value !== "string") return value;
  if (key === "token") return `${value.slice(0, 3)}…`;
  return value.length > 300 ? `${value.slice(0, 40)}… (${value.length})` : value;
};

// json is a value, as a person reads it.
export const json = (value) => JSON.stringify(value, shorten, 2);

// pre shows text that may be wider than the page.
export const pre = (content, label) => element("pre", { tabindex: "0", role: "group", "aria-label": label }, ...[content].flat());

// What has a colour: a name with its colon, other text, numbers, and the words of JSON and of
// the programs to copy. What is longer than is read has none.
const tokens = /("(?:\\.|[^"\\])*")(\s*:)?|(?<=[\s[:])(-?\d+(?:\.\d+)?)(?=[\s,\]}]|$)|\b(true|false|null|const|await|import|from)\b/g;
const longestColoured = 100_000;

// coloured is JSON, or a program with JSON in it, as elements.
export function coloured(text) {
  if (text.length > longestColoured) return [text];
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(tokens)) {
    const [, string, colon, number] = match;
    const kind = colon ? "name" : string ? "string" : number ? "number" : "word";
    const token = string ?? match[0];
    parts.push(text.slice(done, match.index), element("span", { class: `json-${kind}` }, token));
    done = match.index + token.length;
  }
  return [...parts, text.slice(done)];
}
