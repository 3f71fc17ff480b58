import { ask } from "./ask.js";
import { element } from "./dom.js";
import { orderView } from "./order.js";
import { personView } from "./person.js";
import { productView } from "./product.js";
import { paged } from "./rows.js";
import { splitView } from "./split.js";
import { badge, linesOf, yuan } from "./things.js";
import { text } from "./text.js";

// What is looked for is what an operator has in hand: a number of an order, a phone, a name, the
// number of an account or of a product. It is looked for everywhere at once.
let wanted = "";
let buyer = ""; // of the one account that a name has led to
let started = () => {};

export function search(words) {
  wanted = words;
  started();
}

const isPhone = (words) => /^1\d{10}$/.test(words);
const isOrder = (words) => /^\d{15,20}$/.test(words);

// rows makes lists of ours of what a call answers.
const rows = (name, kind, make) => async (data, page, count) => {
  const found = await ask(name, { ...data, page, count });
  if (!found.data) return found;
  return { data: { num: found.data.num, list: found.data.list.map((row) => ({ kind, ...make(row) })) } };
};

const orders = rows("order/list", "order", (row) => ({
  id: row.order_id, title: linesOf(row.lines), line: `${row.user_name} · ${yuan(row.pay_price)} · ${row.order_id}`, time: row.creat_time, state: text.stateOf(row.state),
}));
const users = rows("user/list", "user", (row) => ({
  id: String(row.user_id), title: row.user_name || String(row.user_id), line: [row.phone, String(row.user_id)].filter(Boolean).join(" · "), time: row.creat_time,
  state: row.state === 1 ? text.frozen : text.roles(row.role),
}));
const products = rows("product/search", "product", (row) => ({
  id: String(row.product_id), title: row.product_name, line: `${row.user_name} · ${yuan(row.product_price)}`, time: row.creat_time, state: text.productTypes[row.product_type],
}));

const none = { data: { num: 0, list: [] } };

async function readOrders(page, count) {
  const all = { role: "all" };
  if (wanted === "") return orders(all, page, count);
  if (isOrder(wanted)) return orders({ ...all, order_id: wanted }, page, count);
  if (isPhone(wanted)) return orders({ ...all, phone: wanted }, page, count);
  if (buyer) return orders({ ...all, user_id: buyer }, page, count);
  if (/^\d+$/.test(wanted)) return orders({ ...all, user_id: wanted }, page, count);
  return none;
}

const readUsers = (page, count) => isOrder(wanted) ? none : users(wanted ? { key: wanted } : {}, page, count);

async function readProducts(page, count) {
  if (/^\d{1,12}$/.test(wanted) && !isPhone(wanted) && page === 1) {
    const { data } = await ask("product/detail", { product_id: Number(wanted) });
    if (data) {
      return { data: { num: 1, list: [{ kind: "product", id: wanted, title: data.product_name, line: `${data.user_name} · ${yuan(data.product_price)}`, time: data.creat_time,
        state: text.productTypes[data.product_type] }] } };
    }
  }
  return products(wanted ? { key: wanted } : {}, page, count);
}

// Goods of shops that are not on sale, which no search of the market finds. That list has no
// number: it is one more than is known as long as its pages are full.
async function readOffSale(page, count) {
  if (wanted === "") return none;
  const found = await ask("product/list", { product_name: wanted.slice(0, 100), type: "down", page, count });
  if (found.status === 1) return { data: { num: (page - 1) * count, list: [] } };
  if (!found.data) return found;
  const list = found.data.map((row) => ({
    kind: "product", id: String(row.product_id), title: row.product_name, line: yuan(row.product_price), time: row.creat_time, state: text.offSale,
  }));
  return { data: { num: (page - 1) * count + list.length + (list.length === count ? 1 : 0), list } };
}

// findPage is what was found. Each list is read when it is first looked at: a list of accounts is
// written into the audit.
export function findPage() {
  const told = element("p", { class: "hint", role: "status" });
  const readers = { orders: readOrders, users: readUsers, products: readProducts, offSale: readOffSale };
  const begun = new Set();
  const changed = () => view.update();
  const sources = Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, paged(read, changed)]));
  const begin = (name) => {
    if (begun.has(name)) return;
    begun.add(name);
    sources[name].again();
  };
  const view = splitView("find", {
    label: text.find, tool: told, empty: text.nothingFound,
    tabs: Object.keys(readers).map((name) => ({
      name, label: text[name], source: () => sources[name],
      count: () => !begun.has(name) || !sources[name].ready ? "" : sources[name].num >= 10_000 ? "10000+" : String(sources[name].num),
    })),
    openers: { order: orderView, user: personView, product: productView },
    show: (row) => [element("span", { class: "top" }, element("strong", {}, row.title), row.state && badge(row.state)),
      element("span", { class: "hint" }, row.line), element("span", { class: "hint" }, row.time)],
  });

  let seen;
  async function look() {
    if (seen === wanted) return;
    seen = wanted;
    buyer = "";
    told.textContent = wanted ? text.searchedFor(wanted) : "";
    begun.clear();
    for (const source of Object.values(sources)) Object.assign(source, { num: 0, ready: false, problem: undefined });
    if (wanted === "") return;
    const order = Object.keys(readers);
    order.forEach((name) => begun.add(name));
    await Promise.all(order.map((name) => sources[name].again()));
    if (seen !== wanted || location.hash !== "#find") return;
    const best = order.find((name) => sources[name].num > 0);
    if (sources.orders.num === 0 && sources.users.num === 1) {
      buyer = sources.users.at(0).id;
      sources.orders.again();
    }
    if (best) {
      history.replaceState(null, "", `#find/${best}`);
      view.at([best]);
      view.list.focus();
    }
  }
  started = look;
  look();
  return { ...view, at(rest) {
    begin(Object.keys(readers).includes(rest[0]) ? rest[0] : "orders");
    view.at(rest);
  } };
}
