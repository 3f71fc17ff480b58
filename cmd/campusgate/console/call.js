import { ownToken } from "./account.js";
import { adopt, masked } from "./adopt.js";
import { answerView } from "./answer.js";
import { nextID, send } from "./client.js";
import { code, element, prose } from "./dom.js";
import { callForm, drawn } from "./form.js";
import { coloured, json, pre } from "./json.js";
import { sampleFor } from "./sampling.js";
import { account, onChange, session } from "./session.js";
import { answerExample, shapeTable } from "./shape.js";
import { curl, fetched, sent, typeScript } from "./snippets.js";
import { text } from "./text.js";

// callPage is a call with all that the reference says of it: what it asks for on one side, on
// the other what is sent and what comes back. Its form is filled with what works here. shown is
// to be called each time that the page comes into sight. state is what was typed and what came
// back: from it another page goes on, in another language, as kept.
export function callPage(call, find, kept) {
  const use = call.role ? text.roleNeeded(call.role, session.accounts.filter(({ role }) => role === call.role).map(({ name }) => name))
    : { none: text.tokenNone, optional: text.tokenOptional, needed: text.tokenNeeded }[call.token];
  const sample = sampleFor(call, find);
  const told = element("p", { class: "hint", role: "status" }, text.looking);
  const another = element("button", { type: "button", class: "second", hidden: true, onclick: refill });
  const parts = element("div", { class: "parts" });
  let one;
  let said = [() => text.looking];

  // fill makes the form anew: with fields, where there are some, over what was typed.
  function fill(fields) {
    const values = Object.entries({ ...(one?.form.read() ?? kept?.typed ?? example(call)), ...fields }).filter(([, value]) => value !== undefined);
    one = attempt(call, Object.fromEntries(values), find);
    parts.replaceChildren(...exchange(one));
  }

  // say tells where what is filled in comes from; missing is that something has to be made first.
  function say(words, missing = false) {
    said = [words, missing];
    told.textContent = words();
    another.hidden = !sample.made;
    another.textContent = missing ? text.makeOne : text.makeAnother;
    another.classList.toggle("second", !missing);
    one.button.classList.toggle("second", missing);
  }

  async function refill() {
    const made = [];
    another.disabled = true;
    try {
      const fields = await sample.make((name) => {
        made.push(name);
        told.textContent = text.making(made.join(" → "));
      });
      fill(fields);
      say(() => text.madeBy(made.join(" → ")));
      one.button.focus();
    } catch (problem) {
      say(() => text.notMade(problem.message), true);
    }
    another.disabled = false;
  }

  async function begin() {
    let found, problem;
    if (kept?.typed) {
      fill();
      one.resume(kept);
      return say(...kept.said);
    }
    try {
      found = await sample.find();
    } catch (why) { // the reference's example is left
      problem = why.message;
    }
    fill(found);
    const name = sample.account()?.name;
    if (sample.needs) say(() => text.needs[sample.needs]);
    else if (!name || ownToken()) say(() => ""); // it may fit another account or not
    else if (problem) say(() => text.notLooked(problem), sample.made);
    else if (!found) say(() => text.nothingToTake, sample.made);
    else say(() => call.token === "none" ? text.sampleForAll : text.sampleFor(name));
    return sample.act();
  }

  begin();
  return {
    element: element("article", {},
      element("h2", { tabindex: "-1" }, call.summary, " ", element("code", { class: "key" }, call.name)),
      call.notes && element("p", {}, ...prose(call.notes)),
      element("p", { class: "hint" }, code(`${call.method} ${call.path}`), ` · ${use}`),
      element("div", { class: "sample" }, told, another), parts),
    shown: () => one && sample.act(),
    state: () => ({ typed: one?.form.read(), said, ...one?.last() }),
  };
}

// exchange is a call in the making: its form, what it sends and what comes back, and what the
// reference tells of its answers.
function exchange(one) {
  const { call } = one;
  const answers = call.answer && (call.answer.type === "array" ? call.answer.of : call.answer);
  const before = element("div", {}, ...call.answer
    ? [element("p", { class: "hint" }, text.exampleAnswer), pre(coloured(json({ id: 1, status: 0, message: "successful", data: answerExample(call.answer) })), text.exampleAnswer)]
    : [element("p", { class: "hint" }, text.answerFile)]);
  one.onceSent(() => before.remove());
  return [
    one.framed(
      element("div", { class: "asked" }, one.form.element),
      element("div", { class: "exchange" },
        element("p", { class: "actions" }, one.button, one.sender),
        requestTabs(one),
        element("h3", {}, text.answer), before, one.result)),
    element("div", { class: "told" },
      answers && reference(text.answerFields, call.answer.type === "array" ? text.answerList : "", shapeTable(answers)),
      call.statuses.length > 0 && reference(text.statuses(call.statuses.length), "", table([text.status, text.meaning],
        call.statuses.map(({ status, text: meaning, message }) => [code(String(status)), meaning === message ? message : element("span", {}, meaning, " ", code(message))])))),
  ];
}

// example is what the form begins with: the document's, of the fields that a person types, and a
// picture that the page draws.
const example = (call) => Object.fromEntries(call.fields.filter(({ name, kind }) => name in call.example && !/hash$/.test(name) && kind !== "password")
  .map(({ name, kind }) => [name, kind === "file" ? drawn : call.example[name]]));

// reference is a part of what is told of a call beside its form.
const reference = (title, hint, shown) => element("details", { open: true },
  element("summary", {}, title), hint && element("p", { class: "hint" }, hint),
  element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": title }, shown));

const table = (heads, rows) => element("table", {},
  element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
  element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))))));

// An answer of which less is in sight is scrolled to; where request and answer stand below the
// fields, to its beginning.
const leastSeen = 100; // pixels
const narrow = matchMedia("(max-width: 64rem)");

// attempt is a call in the making: its form, which values fill, and what is sent by it. What was
// sent is shown until a field is changed.
function attempt(call, values, find) {
  const listeners = [];
  const result = element("div", { "aria-live": "polite", class: "result" });
  const sender = element("span", { class: "hint" });
  let was; // {data, id} of what was sent, while it is shown
  const tell = () => {
    sender.textContent = call.token === "none" || !session.token ? "" : text.actingAs(account()?.name ?? text.ownAccount);
    listeners.forEach((listener) => listener(was ?? { data: form.read(), id: nextID }, was !== undefined));
  };
  const changed = () => {
    was = undefined;
    tell();
  };
  const form = callForm(call, { values, find, reference: true, onInput: changed });
  const button = element("button", { type: "submit" }, text.send);
  let forget = () => {};
  let last = {}; // with answer, once something came back

  function show(answer) {
    forget();
    result.replaceChildren(answerView(call, answer, form, run));
  }

  async function run() {
    const data = form.read();
    button.disabled = true;
    button.textContent = text.sending;
    was = { data, id: nextID };
    tell();
    const answer = await send(call, data, form.onProgress);
    button.disabled = false;
    button.textContent = text.send;
    adopt(call, data, answer);
    last = { answer };
    show(answer);
    if (result.getBoundingClientRect().top > innerHeight - leastSeen) result.scrollIntoView({ block: narrow.matches ? "start" : "nearest" });
  }

  const made = {
    call, form, button, sender, result,
    // onRequest is told what will be sent, or was: its data and id, and whether it was.
    onRequest(listener) {
      listeners.push(listener);
      tell();
    },
    onceSent: (listener) => { forget = listener; },
    last: () => ({ ...last, was }),
    // resume shows what came back before, and what was sent for it.
    resume({ answer, was: before }) {
      if (!answer) return;
      last = { answer };
      was = before;
      tell();
      show(answer);
    },
    framed: (...children) => {
      const frame = element("form", {
        class: "call", novalidate: true,
        onsubmit(event) {
          event.preventDefault();
          if (!button.disabled) run();
        },
      }, ...children);
      onChange(() => frame.isConnected && tell());
      return frame;
    },
  };
  tell();
  return made;
}

// shownAs is a way to make a call, as it is shown.
const shownAs = (call, way, { data, id }) => way(call, JSON.parse(json(masked(call, data))), id);

// copyButton copies what text is now, and says so.
function copyButton(label, now) {
  const copied = element("span", { class: "hint", role: "status" });
  const button = element("button", { type: "button", class: "second", async onclick() {
    const line = now();
    try {
      await navigator.clipboard.writeText(line);
      copied.textContent = line.includes("$TOKEN") ? text.copiedToken : text.copied;
    } catch { // not every address may use the clipboard
      copied.replaceChildren(text.notCopied, pre(line, label));
    }
  } }, label);
  return [button, copied];
}

const ways = [["JSON", sent], ["curl", curl], ["fetch", fetched], ["TypeScript", typeScript]];
let way = ways[0]; // that of all calls

// requestTabs shows what will be sent, or was, in the ways to write it, each to be copied.
function requestTabs(one) {
  const title = element("h3", {});
  const panel = element("pre", { tabindex: "0", role: "tabpanel", class: "sent" });
  let now;
  const show = () => {
    tabs.forEach((tab, i) => {
      const chosen = ways[i] === way;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    });
    panel.setAttribute("aria-label", `${title.textContent}: ${way[0]}`);
    panel.replaceChildren(...coloured(shownAs(one.call, way[1], now)));
  };
  const tabs = ways.map((each, i) => element("button", {
    type: "button", role: "tab", class: "tab",
    onclick() {
      way = each;
      show();
    },
    onkeydown({ key }) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    },
  }, each[0]));
  const copy = copyButton(text.copy, () => way[1](one.call, now.data, now.id));
  one.onRequest((request, was) => {
    now = request;
    title.textContent = was ? text.requestWas : text.request;
    show();
  });
  return element("div", { class: "request" },
    element("div", { class: "row" }, title, copy[0], element("span", { role: "tablist", "aria-label": text.ways }, ...tabs)), panel, copy[1]);
}
