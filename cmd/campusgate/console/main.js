import { accountBar, accountsNotice, refreshAccounts } from "./account.js";
import { idle, load } from "./client.js";
import { buyer } from "./demo.js";
import { element } from "./dom.js";
import { journeyPage } from "./journey.js";
import { livePage } from "./live.js";
import { messagesPage } from "./messages.js";
import { readCalls } from "./reference.js";
import { session, useToken } from "./session.js";
import { language, settingsBar, speak } from "./settings.js";
import { text } from "./text.js";

const view = element("main", { id: "view" });
const links = new Map(["journeys", "messages", "calls", "live"].map((name) => [name, element("a", { href: `#${name}` })]));
let calls = [];
let list; // of them, once it was shown
let shownCall = false; // one of them was shown
const find = (name) => calls.find((call) => call.name === name);
const pages = new Map(); // what was typed stays while another page is shown
const kept = new Map(); // states of the pages that were shown in another language

// frame is what stands around the pages.
function frame() {
  document.title = `campusgate · ${text.console}`;
  links.forEach((link, name) => { link.textContent = text[name]; });
  document.body.replaceChildren(
    element("header", {}, element("h1", {}, "campusgate ", element("span", {}, text.console)),
      element("nav", { "aria-label": text.console }, ...links.values()),
      // On a phone the menu is shown by its button, else always.
      element("button", { type: "button", class: "second opener", popovertarget: "menu" }, text.menu),
      element("div", { id: "menu", popover: "auto", class: "menu" }, accountBar(), settingsBar(turn))),
    view);
}
frame();

// turn shows the page in another language: where it is, with what was typed and what came back.
async function turn(wanted) {
  let read;
  try {
    read = await load(`openapi.json?lang=${wanted}`);
  } catch {
    view.querySelector(":scope > .answer")?.remove();
    view.prepend(element("div", { class: "answer bad", role: "alert" }, element("p", {}, text.down)));
    return;
  }
  await idle();
  const [place, opened] = [scrollY, document.querySelector("#menu").matches(":popover-open")];
  pages.forEach((page, name) => kept.set(name, page.state()));
  pages.clear();
  const wordsOfList = list?.search.value;
  [list, shownCall] = [undefined, false];
  speak(wanted);
  calls = readCalls(read);
  frame();
  view.before(accountsNotice(find));
  await show();
  if (wordsOfList) list?.seek(wordsOfList);
  if (opened) document.querySelector("#menu").showPopover();
  scrollTo(0, place);
}

let was; // the page before

// show shows the page that the address names: #journeys/NAME, #messages, #calls/TYPE/SUBTYPE, #live.
function show() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const at = ["messages", "calls", "live"].includes(name) ? name : "journeys";
  links.forEach((link) => {
    if (link.hash === `#${at}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  const from = was;
  was = at;
  if (at === "live") view.replaceChildren(livePage());
  else if (at === "messages") view.replaceChildren(messagesPage(find));
  else if (at === "calls") return showCall(find(rest.join("/")) ?? calls[0], location.hash);
  else {
    const journeys = page("journeys", (state) => journeyPage(find, refreshAccounts, state));
    view.replaceChildren(journeys.element);
    journeys.go(rest[0], from === at);
  }
  return undefined;
}

// page is one that stays; make makes it from the state in which it was shown in another language.
function page(name, make) {
  if (!pages.has(name)) {
    pages.set(name, make(kept.get(name)));
    kept.delete(name);
  }
  return pages.get(name);
}

// showCall shows a call beside the list of all, which stays as it was, unless the page was left
// before what is needed for that had come: it is not of the first view.
async function showCall(call, hash) {
  let parts;
  try {
    parts = await Promise.all([import("./call.js"), import("./list.js")]);
  } catch {
    if (location.hash === hash) view.replaceChildren(element("div", { class: "answer bad", role: "alert" }, element("p", {}, text.down), element("button", { type: "button", onclick: show }, text.retry)));
    return;
  }
  if (location.hash !== hash) return;
  const [{ callPage }, { callList }] = parts;
  list ??= callList(calls);
  const chosen = page(call.name, (state) => callPage(call, find, state));
  view.replaceChildren(element("div", { class: "calls" }, list.element, chosen.element));
  chosen.shown();
  list.current(call.name);
  // To the call, which may be far above where it was chosen: also the keys go on from there.
  scrollTo(0, 0);
  if (shownCall) chosen.element.querySelector("h2").focus({ preventScroll: true });
  shownCall = true;
}

// A slash goes to the search of the calls, unless it is typed somewhere.
function slash(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !list?.element.isConnected) return;
  if (event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  list.search.focus();
}

async function begin() {
  view.replaceChildren(element("p", { role: "status" }, text.loading));
  try {
    calls = readCalls(await load(`openapi.json?lang=${language}`));
  } catch {
    view.replaceChildren(element("div", { class: "answer bad", role: "alert" }, element("p", {}, text.noReference),
      element("button", { type: "button", onclick: begin }, text.retry)));
    return;
  }
  await refreshAccounts();
  view.before(accountsNotice(find));
  if (!session.token && session.accounts.length > 0) useToken(session.accounts[buyer].token);
  addEventListener("hashchange", show);
  addEventListener("keydown", slash);
  show();
}

await begin();
