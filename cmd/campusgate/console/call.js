import { refreshAccounts } from "./account.js";
import { answerView, json, pre } from "./answer.js";
import { curlOf, envelopeOf, send, urlOf } from "./client.js";
import { code, element, prose } from "./dom.js";
import { callForm } from "./form.js";
import { logIn, logOut, session } from "./session.js";
import { text } from "./text.js";

// callPage is a call with all that the reference says of it.
export function callPage(call, find) {
  const runner = callRunner(call, { values: example(call), find });
  const use = call.role ? text.roleNeeded(call.role, session.accounts.filter(({ role }) => role === call.role).map(({ name }) => name))
    : { none: text.tokenNone, optional: text.tokenOptional, needed: text.tokenNeeded }[call.token];
  return element("article", {},
    element("h2", { tabindex: "-1" }, call.name),
    element("p", {}, `${call.summary}.`),
    call.notes && element("p", { class: "hint" }, ...prose(call.notes)),
    element("p", {}, code(`${call.method} ${call.path}`), ` · ${use}`),
    call.fields.length > 0 && table(text.fields(call.fields.length), [text.field, text.kind, text.needed, text.rules],
      call.fields.map((field) => [code(field.name), kindOf(field), field.required ? text.yes : text.no, element("span", {}, ...prose(field.description))])),
    call.statuses.length > 0 && table(text.statuses(call.statuses.length), [text.status, text.meaning],
      call.statuses.map(({ status, text: meaning }) => [code(String(status)), meaning])),
    runner.element);
}

// example is what the form begins with: the document's, of the fields that a
// person types.
const example = (call) => Object.fromEntries(call.fields.filter(({ name, kind }) =>
  name in call.example && !/hash$/.test(name) && !["file", "password"].includes(kind)).map(({ name }) => [name, call.example[name]]));

// masked is the data as it is shown: without passwords.
const masked = (call, data) => Object.fromEntries(Object.entries(data).map(([name, value]) =>
  [name, value && call.fields.some((field) => field.name === name && field.kind === "password") ? "••••••••" : value]));

// adopt has the page act as the account that a call logged in to, and forget the one that
// it logged out of.
function adopt(call, sent, { envelope }) {
  if (envelope?.status !== 0) return;
  const { token, user_id: id, user_name: name = sent.user_name } = envelope.data ?? {};
  if (token) logIn({ id: String(id), name, token });
  else if (["user/logout", "user/delete"].includes(call.name)) {
    logOut();
    refreshAccounts(); // the demo's get other tokens
  }
}

const kindOf = (field) => field.choices ? field.choices.join(", ") : field.types.join(", ");

function table(title, heads, rows) {
  return element("details", {}, element("summary", {}, title),
    element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": title }, element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))))))));
}

// callRunner is the form of a call, what it will send, and what came back.
// derive may complete what was typed; before runs first of all when it is sent;
// onAnswer is told of an answer and of what was sent.
export function callRunner(call, { shown, values, find, derive = (data) => data, before = () => {}, onAnswer = () => {}, action = text.send }) {
  const request = pre("", text.request);
  const copied = element("p", { class: "hint", role: "status" });
  const result = element("div", { "aria-live": "polite", class: "result" });
  const read = () => derive(form.read());
  const preview = () => {
    const data = read();
    request.textContent = `${call.method} ${urlOf(call, data)}${call.kind === "post" ? `\n${json(envelopeOf(call, masked(call, data)))}` : ""}`;
  };
  const form = callForm(call, { shown, values, find, onInput: preview });
  const button = element("button", { type: "submit" }, action);

  async function run() {
    before();
    const data = read();
    button.disabled = true;
    button.textContent = text.sending;
    const answer = await send(call, data, form.onProgress);
    button.disabled = false;
    button.textContent = action;
    adopt(call, data, answer);
    result.replaceChildren(answerView(call, answer, form, run));
    preview();
    await onAnswer(answer, data);
  }

  async function copy() {
    const line = curlOf(call, read());
    try {
      await navigator.clipboard.writeText(line);
      copied.textContent = text.copied;
    } catch { // not every address may use the clipboard
      copied.replaceChildren(text.notCopied, pre(line, text.copyCurl));
    }
  }

  preview();
  return {
    element: element("form", {
      class: "call", novalidate: true,
      onsubmit(event) {
        event.preventDefault();
        if (!button.disabled) run();
      },
    },
    form.element,
    element("details", { open: !shown }, element("summary", {}, text.request), request),
    element("p", { class: "actions" }, button, element("button", { type: "button", class: "second", onclick: copy }, text.copyCurl)),
    copied, result),
    result,
    run: () => button.disabled || run(),
  };
}
