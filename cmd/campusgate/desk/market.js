import { ask } from "./ask.js";
import { decision, moneyOf } from "./decide.js";
import { element } from "./dom.js";
import { paged } from "./rows.js";
import { splitView } from "./split.js";
import { badge, facts, heading, productLink, yuan } from "./things.js";
import { text } from "./text.js";

const whole = (typed) => /^\d{1,9}$/.test(typed) ? Number(typed) : undefined;

// marketPage has the categories, and all coupons there ever were.
export function marketPage() {
  const source = (name, kind, make, more = {}) => paged(async (page, count) => {
    const found = await ask(name, { ...more, page, count });
    if (!found.data) return found;
    return { data: { num: found.data.num, list: found.data.list.map((row) => ({ ...row, kind, id: String(make(row)), of: row.kind })) } };
  }, () => view.update());
  const sources = {
    categories: source("category/list", "category", (row) => row.category_id),
    coupons: source("coupon/list", "coupon", (row) => row.coupon_id, { all: true }),
  };
  const again = (name) => async (words) => {
    await sources[name].again();
    view.say(words);
    location.hash = `#market/${name}`;
  };
  const view = splitView("market", {
    label: text.market,
    tool: element("p", { class: "actions" }, element("a", { href: "#market/categories/newcategory-0" }, text.newCategory), element("a", { href: "#market/coupons/newcoupon-0" }, text.newCoupon)),
    tabs: Object.keys(sources).map((name) => ({ name, label: text[name], source: () => sources[name], count: () => sources[name].ready ? String(sources[name].num) : "" })),
    show: (row) => row.kind === "category"
      ? [element("span", { class: "top" }, element("strong", {}, row.category_name), badge(text.categoryKinds[row.of])), element("span", { class: "hint" }, text.sortedAt(row.sort))]
      : [element("span", { class: "top" }, element("strong", {}, row.coupon_name), badge(row.coupon_status === 0 ? text.on : text.isOff)), element("span", { class: "hint" }, text.couponSays(row, yuan)),
        element("span", { class: "hint" }, `${text.takenOf(row.taken, row.quantity, row.used)} · ${text.untilDay(row.close_time.slice(0, 10))}`)],
    openers: {
      newcategory: () => ({ element: newCategory(again("categories")) }), newcoupon: () => ({ element: newCoupon(again("coupons")) }),
      category: (_, { row }) => row ? { element: category(row, again("categories")) } : { problem: text.nothingHere },
      coupon: (_, { row }) => row ? { element: coupon(row, again("coupons")) } : { problem: text.nothingHere },
    },
  });
  for (const one of Object.values(sources)) one.again();
  return view;
}

const nameAndSort = (name, sort) => [{ name: "name", label: text.name, max: 20, value: name }, { name: "sort", label: text.sort, kind: "number", hint: text.sortHint, value: sort }];
const checkCategory = ({ name, sort }) => !name || whole(sort) === undefined ? text.nameAndSort : undefined;

const newCategory = (again) => element("article", {}, heading(text.newCategory), decision("newcategory",
  [{ name: "kind", label: text.kind, kind: "choice", options: text.categoryKinds.map((words, i) => [String(i), words]) }, ...nameAndSort(undefined, "0")], [{
    label: text.add, check: checkCategory, run: ({ kind, name, sort }) => ask("category/creat", { category_name: name, kind: Number(kind), sort: whole(sort) }), done: () => again(text.added),
  }]));

const category = (row, again) => element("article", {}, heading(row.category_name, " ", badge(text.categoryKinds[row.of])), decision(`category ${row.id}`, nameAndSort(row.category_name, String(row.sort)), [
  { label: text.keep, check: checkCategory, run: ({ name, sort }) => ask("category/update", { category_id: row.category_id, category_name: name, sort: whole(sort) }), done: () => again(text.done) },
  { label: text.remove, sentence: () => text.removeSentence(row.category_name), run: () => ask("category/delete", { category_id: row.category_id }), done: () => again(text.removed) },
]));

const coupon = (row, again) => element("article", {}, heading(row.coupon_name), facts([text.what, text.couponSays(row, yuan)], [text.taken, text.takenOf(row.taken, row.quantity, row.used)],
  [text.from, row.open_time], [text.until, row.close_time], [text.shop, row.shop_id > 0 && String(row.shop_id)], [text.product, row.product_id > 0 && productLink(row.product_id, String(row.product_id))]),
decision(`coupon ${row.id}`, [
  { name: "name", label: text.name, max: 50, value: row.coupon_name }, { name: "quantity", label: text.quantity, kind: "number", value: String(row.quantity) },
  { name: "close", label: text.until, value: row.close_time, hint: text.timeHint },
], [
  { label: text.keep, check: ({ name, quantity }) => name && whole(quantity) ? undefined : text.nameAndQuantity,
    run: ({ name, quantity, close }) => ask("coupon/update", { coupon_id: row.coupon_id, coupon_name: name, quantity: whole(quantity), close_time: close }), done: () => again(text.done) },
  row.coupon_status === 0
    ? { label: text.switchOff, sentence: () => text.switchOffSentence(row.coupon_name), run: () => ask("coupon/update", { coupon_id: row.coupon_id, coupon_status: 1 }), done: () => again(text.done) }
    : { label: text.switchOn, sentence: () => text.switchOnSentence(row.coupon_name), run: () => ask("coupon/update", { coupon_id: row.coupon_id, coupon_status: 0 }), done: () => again(text.done) },
]));

const two = (number) => String(number).padStart(2, "0");
const timeOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:00`;

function newCoupon(again) {
  const now = new Date();
  const data = ({ name, type, value, percent, least, quantity, open, close, days, shop, product, code }) => ({
    coupon_name: name, coupon_type: Number(type), quantity: whole(quantity), open_time: open, close_time: close, valid_days: whole(days),
    ...(type === "2" ? { off_percent: whole(percent) } : { coupon_value: moneyOf(value) }), ...(least && type !== "0" && { minimum_consume: moneyOf(least) }),
    ...(shop && { shop_id: whole(shop) }), ...(product && { product_id: whole(product) }), ...(code && { code }),
  });
  return element("article", {}, heading(text.newCoupon), element("p", { class: "hint" }, text.couponHint), decision("newcoupon", [
    { name: "name", label: text.name, max: 50 }, { name: "type", label: text.what, kind: "choice", options: text.couponTypes.map((words, i) => [String(i), words]) },
    { name: "value", label: text.couponValue, kind: "money", when: ({ type }) => type !== "2" }, { name: "percent", label: text.couponPercent, kind: "number", when: ({ type }) => type === "2" },
    { name: "least", label: text.couponLeast, kind: "money", when: ({ type }) => type !== "0" },
    { name: "quantity", label: text.quantity, kind: "number", value: "100" }, { name: "days", label: text.validDays, kind: "number", value: "7" },
    { name: "open", label: text.from, value: timeOf(now), hint: text.timeHint }, { name: "close", label: text.until, value: timeOf(new Date(now.getTime() + 30 * 24 * 60 * 60 * 1000)) },
    { name: "shop", label: text.onlyShop, kind: "number" }, { name: "product", label: text.onlyProduct, kind: "number" }, { name: "code", label: text.couponCode, max: 32 },
  ], [{
    label: text.add,
    check: (all) => !all.name || !whole(all.quantity) || !whole(all.days) ? text.nameAndQuantity
      : all.type === "2" ? !(whole(all.percent) >= 1 && whole(all.percent) <= 99) && text.wrongPercent
        : !(moneyOf(all.value) > 0) || all.type === "1" && !(moneyOf(all.least) > 0) ? text.wrongAmount : undefined,
    sentence: (all) => text.couponSentence(all.name, whole(all.quantity), Number(all.type) === 2 ? text.percentLeft(all.percent) : yuan(moneyOf(all.value))),
    run: (all, once) => ask("coupon/creat", { ...data(all), request_key: once }), done: () => again(text.added),
  }]));
}
