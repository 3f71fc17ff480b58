import { find } from "./calls.js";
import { send } from "./client.js";
import { sayDetail } from "./refusal.js";
import { session } from "./session.js";
import { text } from "./text.js";

// Where a token has ended, whoever listens asks for another.
export const ended = new EventTarget();
const tokenEnded = [-100, -101, -102];

// ask makes a call and never fails: its result has data, or problem in words, with status where
// the server has answered.
export async function ask(name, data = {}) {
  const asked = session.token;
  return read(name, asked, await send(find(name), data));
}

// read is what came back of a call, as ask has it.
export async function read(name, asked, { problem, http, envelope }) {
  if (problem) {
    const why = text[problem];
    return { problem: typeof why === "function" ? why(http) : why };
  }
  const { status, message, detail = "", data } = envelope;
  if (status === 0) return { data };
  if (tokenEnded.includes(status) && find(name)?.token !== "none" && asked === session.token) ended.dispatchEvent(new Event("ended"));
  const known = text.refusals[`${name} ${status}`] ?? text.refusals[status];
  return { status, problem: known ?? (await sayDetail(detail) || message), detail };
}

// pages reads the rows of a list, a hundred at a time, up to so many pages: {rows, num} or
// {problem}.
export async function pages(name, data, most) {
  const rows = [];
  let num = 0;
  for (let page = 1; page <= most; page++) {
    const { data: found, problem } = await ask(name, { ...data, page, count: 100 });
    if (problem) return { problem };
    rows.push(...found.list);
    ({ num } = found);
    if (found.list.length < 100) break;
  }
  return { rows, num };
}

// newKey is a request_key that no other change has. (crypto.randomUUID wants https.)
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// Drafts are what was typed and not sent yet. They stay with the tab, so that neither another
// page nor a reload while the server is down loses them.
const stored = "campusgate.desk.drafts";
const drafts = (() => {
  try {
    return JSON.parse(sessionStorage.getItem(stored)) ?? {};
  } catch {
    return {};
  }
})();

// forgetDrafts is for who logs out.
export function forgetDrafts() {
  for (const key of Object.keys(drafts)) delete drafts[key];
  sessionStorage.removeItem(stored);
}

export const draftOf = (key) => drafts[key] ?? {};

export function keepDraft(key, values) {
  if (values) drafts[key] = values;
  else delete drafts[key];
  try {
    sessionStorage.setItem(stored, JSON.stringify(drafts));
  } catch { // it holds until the page is left
  }
}
