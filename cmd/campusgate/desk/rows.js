import { element } from "./dom.js";

const height = 72; // pixels of a row
const beyond = 6; // rows that are drawn above and below what is in sight

// rowList is a list of which what is in sight is drawn, so that ten thousand rows cost what ten
// do. Its source has num, at(i), which is undefined while a row is not here yet, and
// want(first, last), which has them come. show makes what a row is shown by, and address is
// where it leads.
export function rowList(label, show, address) {
  const list = element("ul", { class: "rows" });
  const box = element("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "-1" }, list);
  const drawn = new Map(); // index → {line, link, row, mark}
  let source = { num: 0, at: () => undefined, want() {} };
  let current = 0; // the row that Tab reaches
  let opened = ""; // the address of that which is shown
  let waiting = false;

  function draw() {
    waiting = false;
    const { num } = source;
    current = Math.max(0, Math.min(current, num - 1));
    list.style.height = `${num * height}px`;
    const first = Math.max(0, Math.floor(box.scrollTop / height) - beyond);
    const last = Math.min(num, Math.ceil((box.scrollTop + box.clientHeight) / height) + beyond);
    source.want(first, last);
    const wanted = new Set();
    for (let i = first; i < last; i++) wanted.add(i);
    if (num > 0) wanted.add(current); // it may have the focus
    for (const [i, { line }] of drawn) {
      if (wanted.has(i)) continue;
      line.remove();
      drawn.delete(i);
    }
    for (const i of wanted) drawRow(i, num);
  }

  function drawRow(i, num) {
    const row = source.at(i);
    let one = drawn.get(i);
    if (!one) {
      const link = element("a", { onfocus: () => { if (current !== i) { current = i; draw(); } } });
      one = { link, line: element("li", {}, link) };
      one.line.style.transform = `translateY(${i * height}px)`;
      drawn.set(i, one);
      list.append(one.line);
    }
    const to = row === undefined ? "" : address(row);
    one.line.setAttribute("aria-setsize", num);
    one.line.setAttribute("aria-posinset", i + 1);
    one.link.tabIndex = i === current ? 0 : -1;
    if (to) one.link.href = to;
    else one.link.removeAttribute("href");
    if (to && to === opened) one.link.setAttribute("aria-current", "true");
    else one.link.removeAttribute("aria-current");
    const mark = row && JSON.stringify(row);
    if (one.mark === mark && one.link.firstChild) return; // what is being pressed stays
    one.mark = mark;
    one.link.replaceChildren(...(row === undefined ? [element("span", { class: "hint" }, "…")] : show(row)));
  }

  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  }

  function bring(i) {
    const top = i * height;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height - box.clientHeight;
  }

  box.addEventListener("scroll", soon, { passive: true });
  new ResizeObserver(soon).observe(box);
  return {
    element: box,
    // use shows a source, at once: a row that still led into another list would be opened there.
    use(other) {
      if (source !== other) {
        source = other;
        current = 0;
        box.scrollTop = 0;
      }
      draw();
    },
    // open marks the row that is shown beside the list, and goes to it where it is known.
    open(to) {
      opened = to;
      for (let i = 0; to && i < source.num && i < 10_000; i++) {
        const row = source.at(i);
        if (row === undefined || address(row) !== to) continue;
        current = i;
        bring(i);
        break;
      }
      soon();
    },
    // move goes so many rows on, with the focus unless told otherwise; it is the row there.
    move(by, focus = true) {
      if (source.num === 0) return undefined;
      current = Math.max(0, Math.min(current + by, source.num - 1));
      bring(current);
      draw();
      if (focus) drawn.get(current).link.focus({ preventScroll: true });
      return source.at(current);
    },
    focus() {
      draw();
      if (free()) drawn.get(current)?.link.focus();
    },
    has: () => box.contains(document.activeElement),
    current: () => current,
    at: (i) => source.at(Math.max(0, Math.min(i, source.num - 1))),
  };
}

// free reports whether the focus may be moved: not from under somebody's typing.
export const free = () => !document.activeElement?.matches("input, textarea, select");

// paged is a source whose rows are read when they are in sight, a hundred at a time. changed is
// called when something came.
export function paged(read, changed) {
  const size = 100;
  let pages = new Map(); // number → rows, undefined while they come
  const source = {
    num: 0,
    problem: undefined,
    ready: false,
    at: (i) => pages.get(Math.floor(i / size) + 1)?.[i % size],
    want(first, last) {
      for (let page = Math.floor(first / size) + 1; page <= Math.floor(Math.max(first, last - 1) / size) + 1; page++) load(page);
    },
    // again reads what is there anew.
    again() {
      pages = new Map();
      return load(1);
    },
  };

  async function load(page) {
    if (pages.has(page)) return;
    const mine = pages;
    pages.set(page, undefined);
    const { data, problem, status } = await read(page, size);
    if (mine !== pages) return;
    source.problem = problem;
    source.ready = true;
    if (data) {
      pages.set(page, data.list);
      source.num = Math.min(data.num, 10_000); // no page begins behind it
    } else if (status === undefined) setTimeout(() => { pages.delete(page); changed(); }, 3000); // the server was down: asked for again
    changed();
  }
  return source;
}

// listed is a source of rows that are all here; other ones may be set.
export const listed = () => ({ rows: [], ready: false, get num() { return this.rows.length; }, at(i) { return this.rows[i]; }, want() {} });
