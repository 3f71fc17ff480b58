import { accountBar, refreshAccounts } from "./account.js";
import { callPage } from "./call.js";
import { load } from "./client.js";
import { buyer } from "./demo.js";
import { element, newID } from "./dom.js";
import { journeyPage } from "./journey.js";
import { livePage } from "./live.js";
import { messagesPage } from "./messages.js";
import { readCalls } from "./reference.js";
import { session, useToken } from "./session.js";
import { settingsBar } from "./settings.js";
import { text } from "./text.js";

document.title = `campusgate · ${text.console}`;

const view = element("main", { id: "view" });
const links = ["journeys", "messages", "calls", "live"].map((name) => element("a", { href: `#${name}` }, text[name]));
document.body.replaceChildren(
  element("header", {}, element("h1", {}, "campusgate ", element("span", {}, text.console)),
    element("nav", { "aria-label": text.console }, ...links), accountBar(), settingsBar()),
  view);

let calls = [];
const find = (name) => calls.find((call) => call.name === name);
const pages = new Map(); // what was typed stays while another page is shown

// show shows the page that the address names: #journeys, #messages, #calls/TYPE/SUBTYPE, #live.
function show() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const at = ["messages", "calls", "live"].includes(name) ? name : "journeys";
  links.forEach((link) => {
    if (link.hash === `#${at}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  if (at === "live") view.replaceChildren(livePage());
  else if (at === "messages") view.replaceChildren(messagesPage(find));
  else if (at === "calls") showCall(find(rest.join("/")) ?? calls[0]);
  else view.replaceChildren(page("journeys", () => journeyPage(find, refreshAccounts)));
}

function page(name, make) {
  if (!pages.has(name)) pages.set(name, make());
  return pages.get(name);
}

// showCall shows a call beside the list of all; on a phone the list is a choice.
function showCall(call) {
  const groups = Map.groupBy(calls, ({ type }) => type);
  const id = newID();
  const choice = element("select", { id, onchange: () => { location.hash = `#calls/${choice.value}`; } },
    ...[...groups].map(([type, members]) => element("optgroup", { label: type },
      ...members.map(({ name }) => element("option", { value: name, selected: name === call.name }, name)))));
  const list = element("nav", { class: "list", "aria-label": text.calls },
    ...[...groups].map(([type, members]) => element("section", {}, element("h2", {}, type),
      element("ul", {}, ...members.map(({ name, summary }) => element("li", {},
        element("a", { href: `#calls/${name}`, title: summary, "aria-current": name === call.name && "page" }, name)))))));
  const scrolled = view.querySelector(".list")?.scrollTop ?? 0;
  view.replaceChildren(element("div", { class: "calls" },
    element("p", { class: "choose" }, element("label", { for: id }, text.chooseCall), " ", choice),
    list, page(call.name, () => callPage(call, find))));
  list.scrollTop = scrolled;
  list.querySelector("[aria-current]").scrollIntoView({ block: "nearest" });
  scrollTo(0, 0); // to the call, which may be far above where it was chosen
}

async function begin() {
  view.replaceChildren(element("p", { role: "status" }, text.loading));
  try {
    calls = readCalls(await load("openapi.json"));
  } catch {
    view.replaceChildren(element("div", { class: "answer bad", role: "alert" }, element("p", {}, text.noReference),
      element("button", { type: "button", onclick: begin }, text.retry)));
    return;
  }
  await refreshAccounts();
  if (!session.token && session.accounts.length > 0) useToken(session.accounts[buyer].token);
  addEventListener("hashchange", show);
  show();
}

await begin();
