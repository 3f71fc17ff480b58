import { element } from "./dom.js";
import { free, rowList } from "./rows.js";
import { text } from "./text.js";

// splitView is a list beside what is open of it: on a phone one of them. Its tabs have name,
// label and source(), which rowList takes, and count() for their badge. Its rows have kind and
// id; openers make what is shown of a kind: open(id, {row, …}) has element or problem. arrived,
// where there is one, waits until the rows are there.
export function splitView(name, { label, tabs, show, openers, tool, arrived, onGone, empty = text.nothingHere }) {
  const detail = element("section", { class: "detail", "aria-label": text.detail, tabindex: "0" });
  const nothing = element("p", { class: "hint none" }, empty);
  const told = element("p", { class: "told", role: "status" });
  let tab = tabs[0];
  let shown = ""; // kind-id of what is open
  let shownAt = 0;
  let coming = "";
  let leaving = false; // by Escape: the list gets the focus
  const addressOf = (row) => `#${name}/${tab.name}/${row.kind}-${row.id}`;
  const list = rowList(label, show, addressOf);
  const links = tabs.map((one) => {
    const count = element("span", { class: "count" });
    return { one, count, link: element("a", { href: `#${name}/${one.name}` }, one.label, " ", count) };
  });
  const bar = element("nav", { class: "tabs", "aria-label": label }, ...links.map(({ link }) => link));
  const back = element("a", { class: "back" }, `← ${text.back}`);
  const view = element("div", { class: "split" }, element("div", { class: "side" }, tabs.length > 1 && bar, tool, nothing, list.element), detail, told);

  function update() {
    for (const { one, count, link } of links) {
      count.textContent = one.count?.() ?? "";
      if (one === tab) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const source = tab.source();
    nothing.hidden = source.num > 0 || source.ready === false;
    nothing.textContent = source.problem ?? empty;
    list.use(source);
  }

  // tell says what was done, for some seconds or until something else is done.
  let quiet;
  function tell(words) {
    clearTimeout(quiet);
    told.textContent = words;
    if (words) quiet = setTimeout(() => tell(""), 10_000);
  }

  const indexOf = (id) => {
    const source = tab.source();
    for (let i = 0; i < source.num; i++) {
      const row = source.at(i);
      if (row && `${row.kind}-${row.id}` === id) return i;
    }
    return -1;
  };

  // here reports whether the address still names what is open: whoever has left may not have
  // got the other page yet.
  const here = () => view.isConnected && location.hash.startsWith(`#${name}/`) && location.hash.endsWith(`/${shown}`);

  async function open(id, say = "") {
    const mine = shown = id;
    const words = say || coming;
    coming = "";
    tell("");
    view.classList.toggle("opened", Boolean(id));
    if (!id) {
      list.open("");
      detail.replaceChildren(element("p", { class: "hint" }, text.chooseOne));
      tell(words);
      if (leaving) list.focus();
      leaving = false;
      return;
    }
    back.href = `#${name}/${tab.name}`;
    if (!detail.querySelector("article")) detail.replaceChildren(back, element("p", { class: "hint" }, text.loading));
    await arrived?.(); // what is known of it may be its row alone
    if (mine !== shown) return;
    list.open(`#${name}/${tab.name}/${id}`);
    const [kind, ...rest] = id.split("-");
    shownAt = indexOf(id);
    const row = tab.source().at(shownAt);
    const made = await openers[kind]?.(rest.join("-"), {
      row, queued: row !== undefined,
      decided: (words) => gone(id, row, words), again: (words) => open(id, words),
    }) ?? { problem: text.nothingHere };
    if (mine !== shown) return;
    detail.replaceChildren(back, made.element ?? element("div", { role: "alert" }, element("p", { class: "wrong" }, made.problem),
      element("p", {}, element("button", { type: "button", onclick: () => open(id) }, text.retry))));
    tell(words); // once what came of it is shown
    detail.scrollTop = 0;
    if (!here()) return;
    if (free()) detail.querySelector("h2")?.focus({ preventScroll: true });
    if (getComputedStyle(back).display !== "none") scrollTo(0, 0);
  }

  // gone goes on to what comes next when something was decided, where that is still shown.
  function gone(id, row, words) {
    const now = indexOf(id); // others may have come and gone before it; it may be gone itself
    if (row) onGone?.(row);
    update();
    if (id !== shown) return tell(words);
    if (!here()) {
      shown = ""; // whoever comes back to it reads it anew
      return tell(words);
    }
    const next = list.at(now < 0 ? shownAt : now);
    if (tab.source().num > 0 && next) {
      history.replaceState(null, "", addressOf(next));
      open(`${next.kind}-${next.id}`, words);
    } else {
      history.replaceState(null, "", `#${name}/${tab.name}`);
      open("", words);
    }
  }

  return {
    element: view, update, list,
    // say has it told what was done, beside what is shown next.
    say: (words) => { coming = words; },
    // again reads the list anew.
    again: () => tab.source().again?.(),
    // at shows what an address names.
    at([wanted, ...rest]) {
      tab = tabs.find((one) => one.name === wanted) ?? tabs[0];
      update();
      const id = rest.join("/");
      if (id !== shown || !id) open(id);
    },
    // move is j and k: what is open follows, unless one walks through the list.
    move(by) {
      const row = list.move(by, !shown || list.has());
      if (shown && row && !list.has()) location.hash = addressOf(row);
    },
    // leave is Escape: it reports whether there was something to leave.
    leave() {
      if (!shown) return false;
      leaving = true;
      location.hash = `#${name}/${tab.name}`;
      return true;
    },
  };
}
