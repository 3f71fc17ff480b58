import { element } from "./dom.js";
import { base } from "./reference.js";
import { yuan } from "./decide.js";
import { text } from "./text.js";

// pictures shows those at their addresses side by side; a press shows one whole. What lies
// elsewhere is not fetched.
export function pictures(urls, label) {
  if (urls.length === 0) return element("p", { class: "hint" }, text.noPicture);
  return element("div", { class: "pictures" }, ...urls.map((url, i) => {
    const at = url.search(/\/get\/(pic|portrait|message)\//);
    if (at < 0 && !url.startsWith("data:")) return element("p", { class: "hint" }, text.elsewhere(url));
    const src = at < 0 ? url : base + url.slice(at + 1);
    const picture = element("img", { src, alt: text.pictureOf(label, i + 1, urls.length), loading: "lazy" });
    return element("button", { type: "button", class: "picture", onclick: () => enlarge(src, picture.alt) }, picture);
  }));
}

function enlarge(src, alt) {
  const dialog = element("dialog", { class: "whole", "aria-label": alt, onclose: () => dialog.remove(), onclick: () => dialog.close() },
    element("img", { src, alt }), element("p", { class: "actions" }, element("button", { type: "button", class: "second" }, text.close)));
  document.body.append(dialog);
  dialog.showModal();
}

// facts are pairs of a name and what it is; without the second it is left out.
export const facts = (...pairs) => element("dl", { class: "facts" }, ...pairs.filter(([, what]) => what !== undefined && what !== "" && what !== false)
  .map(([name, what]) => element("div", {}, element("dt", {}, name), element("dd", {}, what))));

// plain is the text of HTML that a seller wrote.
const entities = { amp: "&", lt: "<", gt: ">", quot: "\"", nbsp: " ", "#39": "'", "#34": "\"" };
export const plain = (html) => html.replace(/<(br|\/p|\/h\d|\/li|\/div)\b[^>]*>/gi, "\n").replace(/<[^>]*>/g, "")
  .replace(/&(\w+|#\d+);/g, (whole, name) => entities[name] ?? whole).trim();

export const badge = (words, kind = "") => element("span", { class: `badge ${kind}` }, words);

export const link = (to, words) => element("a", { href: `#${to}` }, words);
export const userLink = (id, name) => link(`find/users/user-${id}`, name || String(id));
export const orderLink = (id) => link(`find/orders/order-${id}`, id);
export const productLink = (id, name) => link(`find/products/product-${id}`, name);

// heading is that of what is shown, which takes the focus when it is opened.
export const heading = (words, ...more) => element("h2", { tabindex: "-1" }, words, ...more);

// lines is what was bought, in a few words.
export const linesOf = (lines) => lines.map(({ product_name: name, product_num: count }) => count > 1 ? `${name} × ${count}` : name).join(", ");

// tableOf has the rows of cells below their heads.
export const tableOf = (label, heads, rows) => element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label },
  element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell)))))));

export { yuan };
