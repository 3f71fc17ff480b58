import { ask, ended, forgetDrafts } from "./ask.js";
import { idle } from "./client.js";
import { element, newID } from "./dom.js";
import { loginForm } from "./login.js";
import { all, queues, refresh, watch } from "./queues.js";
import { session, useToken } from "./session.js";
import { settingsBar, speak } from "./settings.js";
import { learnStates, text } from "./text.js";
import { waitingPage } from "./waiting.js";

const view = element("main", { id: "view" });
// What is not needed for the first view is loaded behind it, and is there where the server is down
// for a moment.
const later = { find: "findPage", ship: "shipPage", market: "marketPage", numbers: "numbersPage", audit: "auditPage" };
const makers = { waiting: waitingPage,
  ...Object.fromEntries(Object.entries(later).map(([name, make]) => [name, async () => (await import(`./${name}.js`))[make]()])) };
const names = Object.keys(makers);
const links = new Map(names.map((name) => [name, element("a", { href: `#${name}` })]));
const waits = element("span", { class: "count" });

const boxID = newID();
const box = element("input", { id: boxID, type: "search", autocomplete: "off", "aria-keyshortcuts": "/" });
const who = element("span", { class: "who" });
const header = element("header");

// frame is what stands around the pages.
function frame() {
  links.forEach((link, name) => link.replaceChildren(text[name], ...name === "waiting" ? [" ", waits] : []));
  box.placeholder = text.searchHint;
  header.replaceChildren(element("h1", {}, "campusgate ", element("span", {}, text.desk)),
    element("nav", { "aria-label": text.desk }, ...links.values()),
    element("form", { role: "search", async onsubmit(event) {
      event.preventDefault();
      box.blur();
      const { search } = await import("./find.js");
      search(box.value.trim());
      if (location.hash === "#find") show();
      else location.hash = "#find";
    } }, element("label", { for: boxID, class: "unseen" }, text.searchLabel), box),
    element("details", { class: "more" }, element("summary", {}, who), element("div", { class: "panel" }, settingsBar(turn),
      element("button", { type: "button", class: "second", onclick: showKeys, "aria-keyshortcuts": "?" }, text.keys, element("kbd", { "aria-hidden": "true" }, "?")),
      element("button", { type: "button", class: "second", onclick: leave }, text.logOut))));
  document.body.replaceChildren(header, view);
}

// turn shows the page in another language: where it is, as the one who is logged in, with what was
// typed.
async function turn(wanted) {
  await idle();
  speak(wanted);
  if (!session.token) return logIn("");
  const place = scrollY;
  const opened = header.querySelector(".more").open;
  page = undefined;
  pages.clear();
  frame();
  header.querySelector(".more").open = opened;
  refresh(); // what waits is said in words
  await show();
  scrollTo(0, place);
}

const pages = new Map(); // what was typed and found stays while another page is shown
let page;

// show shows the page that the address names: #waiting/QUEUE/KIND-ID, #find/WHAT/KIND-ID
// and so on.
async function show() {
  const address = location.hash;
  const [name, ...rest] = address.slice(1).split("/");
  const at = name in makers ? name : "waiting";
  for (const [one, link] of links) {
    if (one === at) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" }); // on a phone the row is wider than the screen
    } else link.removeAttribute("aria-current");
  }
  try {
    if (!pages.has(at)) pages.set(at, makers[at]());
    const made = await pages.get(at);
    if (address !== location.hash) return;
    if (made !== page) view.replaceChildren(made.element);
    page = made;
  } catch {
    pages.delete(at);
    view.replaceChildren(element("div", { role: "alert" }, element("p", {}, text.down), element("button", { type: "button", onclick: () => location.reload() }, text.retry)));
    return;
  }
  page.at(rest);
}

function moved() {
  const count = all().length;
  waits.textContent = queues.ready ? String(count) : "";
  document.title = `${count > 0 ? `(${count}) ` : ""}campusgate · ${text.desk}`;
  if (page?.waits) page.update();
}

// Keys work where nothing is being typed: letters are pressed without Ctrl, Alt or Meta.
const typing = ({ tagName, type }) => tagName === "TEXTAREA" || tagName === "SELECT" || tagName === "INPUT" && type !== "checkbox";

const keys = {
  "/": () => box.focus(),
  j: () => page.move?.(1),
  k: () => page.move?.(-1),
  r() {
    refresh(true, true);
    page.again?.();
  },
  "?": showKeys,
  ...Object.fromEntries(names.map((name, i) => [String(i + 1), () => { location.hash = `#${name}`; }])),
};

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]") || !page) return;
  if (event.key === "Escape") {
    const more = header.querySelector(".more");
    if (more.open) more.open = false;
    else if (typing(document.activeElement)) document.activeElement.blur();
    else page.leave?.();
    return;
  }
  if (typing(event.target)) return;
  const button = [...view.querySelectorAll(`button[data-key="${CSS.escape(event.key)}"]`)].find((one) => one.getClientRects().length > 0);
  const act = button ? () => event.repeat || button.click() : keys[event.key] ?? arrows(event);
  if (!act) return;
  event.preventDefault();
  act();
}

const arrows = ({ key }) => page.list?.has() && { ArrowDown: () => page.move(1), ArrowUp: () => page.move(-1), PageDown: () => page.move(8), PageUp: () => page.move(-8),
  Home: () => page.move(-1e5), End: () => page.move(1e5) }[key];

function showKeys() {
  const id = newID();
  const dialog = element("dialog", { "aria-labelledby": id, onclose: () => dialog.remove() }, element("h2", { id }, text.keys),
    element("dl", { class: "keylist" }, ...text.keyList.map(([key, what]) => element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)))),
    element("form", { method: "dialog", class: "actions" }, element("button", { class: "second" }, text.close)));
  document.body.append(dialog);
  dialog.showModal();
}

let stop = () => {};

// begin works as the admin who has logged in.
async function begin(admin) {
  who.textContent = admin.user_name;
  frame();
  const { data } = await ask("order/states");
  learnStates(data?.states ?? []);
  stop();
  stop = watch(moved);
  await show();
  setTimeout(() => Object.keys(later).forEach((name) => import(`./${name}.js`).catch(() => {})), 500);
}

async function leave() {
  await ask("user/logout");
  forgetDrafts();
  useToken("");
  location.reload();
}

function logIn(why) {
  document.title = `campusgate · ${text.desk}`;
  document.body.replaceChildren(element("header", {}, element("h1", {}, "campusgate ", element("span", {}, text.desk)), settingsBar(turn)),
    element("main", {}, loginForm(begin, why)));
}

// Whoever has to log in again goes on where they were: nothing of the page is gone.
ended.addEventListener("ended", () => {
  if (!page || document.querySelector("dialog.again")) return;
  const dialog = element("dialog", { class: "again", "aria-label": text.logIn, oncancel: (event) => event.preventDefault() });
  dialog.append(loginForm((admin) => {
    dialog.close();
    dialog.remove();
    begin(admin);
  }, text.tokenEnded));
  useToken("");
  document.body.append(dialog);
  dialog.showModal();
});

addEventListener("hashchange", () => {
  header.querySelector(".more").open = false;
  if (page) show();
});
addEventListener("keydown", pressed);

async function start() {
  if (!session.token) return logIn("");
  const { data, problem, status } = await ask("user/info");
  if (data?.role === "admin") return begin(data);
  if (data || status !== undefined) {
    useToken("");
    return logIn(data ? text.noAdmin(data.user_name) : "");
  }
  document.body.replaceChildren(element("main", {}, element("div", { role: "alert" }, element("p", {}, problem),
    element("button", { type: "button", onclick: start }, text.retry))));
  return undefined;
}

await start();
