import { element, newID } from "./dom.js";
import { text } from "./text.js";

// The types of calls, in the order in which they are listed: those that belong together stand
// beside each other. One that is not here comes last.
const order = [
  "user", "address", "img", "sms", "product", "category", "shop", "coupon", "cart", "order", "purchase", "pay", "wallet", "credit", "course",
  "property", "message", "notice", "pic", "portrait", "pictures", "stats", "audit", "demo",
];

// callList lists the calls by their types, and finds them by a word; on a narrow screen it is
// opened by a button. It is one for all calls: current marks the one that is shown.
export function callList(calls) {
  const place = (type) => (order.indexOf(type) + order.length + 1) % (order.length + 1);
  const groups = [...Map.groupBy(calls, ({ type }) => type)].sort(([one], [other]) => place(one) - place(other));
  const links = new Map();
  const parts = groups.map(([type, members]) => element("section", {},
    element("h2", {}, text.groups[type] ?? type, " ", element("code", { class: "key" }, type)),
    element("ul", {}, ...members.map((call) => {
      const prefix = call.name.startsWith(`${type}/`) ? `${type}/` : "";
      const link = element("a", { href: `#calls/${call.name}`, onclick: () => open(false) },
        element("span", { class: "unseen" }, prefix), element("code", {}, call.name.slice(prefix.length)), " ",
        element("span", { class: "hint" }, call.summary));
      links.set(call.name, link);
      return element("li", { "data-words": `${call.name} ${call.summary} ${text.groups[type] ?? ""}`.toLowerCase() }, link);
    }))));
  const ids = [newID(), newID()];
  const found = element("p", { class: "hint", role: "status" });
  const search = element("input", {
    id: ids[0], type: "search", autocomplete: "off", spellcheck: "false", placeholder: text.searchCalls, "aria-keyshortcuts": "/",
    oninput: find, onkeydown: move,
  });
  const all = element("div", { class: "all", id: ids[1] }, found, ...parts);
  const button = element("button", { type: "button", class: "second", "aria-controls": ids[1], onclick: () => open(!list.classList.contains("open")) }, text.allCalls);
  const list = element("nav", { class: "list", "aria-label": text.calls, onkeydown: leave },
    element("div", { class: "find" }, element("label", { for: ids[0], class: "unseen" }, text.searchCalls), search, button), all);

  // open is how it is shown on a narrow screen.
  function open(wanted) {
    list.classList.toggle("open", wanted);
    button.setAttribute("aria-expanded", String(wanted));
  }

  const shown = () => [...links.values()].filter((link) => link.getClientRects().length > 0);

  function find() {
    const words = search.value.toLowerCase().split(/[\s/]+/);
    let count = 0;
    parts.forEach((part) => {
      const items = [...part.querySelectorAll("li")];
      items.forEach((item) => { item.hidden = !words.every((word) => item.dataset.words.includes(word)); });
      const left = items.filter((item) => !item.hidden).length;
      part.hidden = left === 0;
      count += left;
    });
    found.textContent = search.value ? text.found(count) : "";
    open(search.value !== "");
  }

  // best is the call that is named as was typed, or else the first that was found.
  function best() {
    const name = search.value.toLowerCase().replace(/^\/|\s/g, "");
    return shown().find((link) => link.hash.includes(name)) ?? shown()[0];
  }

  // move goes from the search to what it has found.
  function move(event) {
    if (event.key === "Enter") best()?.click();
    else if (event.key === "ArrowDown") shown()[0]?.focus();
    else if (event.key === "Escape") {
      search.value = "";
      find();
    } else return;
    event.preventDefault();
  }

  // leave goes from one to the next, and back to the search.
  function leave(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const every = shown();
    const at = every.indexOf(document.activeElement);
    if (!step || at < 0 || event.defaultPrevented) return;
    event.preventDefault();
    (every[at + step] ?? (step < 0 ? search : every[at])).focus();
  }

  open(false);
  return {
    element: list,
    search,
    seek(words) {
      search.value = words;
      find();
    },
    current(name) {
      links.forEach((link, each) => each === name ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current"));
      const link = links.get(name);
      const { top, bottom } = link.getBoundingClientRect();
      const frame = all.getBoundingClientRect();
      if (top < frame.top || bottom > frame.bottom) all.scrollTop += top - frame.top - frame.height / 3;
    },
  };
}
