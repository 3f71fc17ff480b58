import { element, prose } from "./dom.js";
import { labelOf } from "./labels.js";
import { text } from "./text.js";

// What is shown of the shapes of reference.js: their fields, and an example.

// typeName is a shape's type, in words.
export function typeName({ type, of, nullable, choices }) {
  const name = choices?.length > 0 ? choices.join(", ")
    : type === "array" ? text.listOf(typeName(of)) : text.types[type] ?? type ?? text.types.object;
  return nullable ? text.orNull(name) : name;
}

// shapeTable lists the members of a shape, and below each its own. optional is said of those
// that need not be there.
export function shapeTable(shape, optional = text.sometimes) {
  const rows = [];
  const walk = ({ members }, depth) => members.forEach(({ name, description, shape: inner, required }) => {
    const cell = element("td", {}, labelOf(name), " ", element("code", { class: "key" }, name));
    cell.style.paddingLeft = `${depth * 1.2}rem`;
    rows.push(element("tr", {}, cell, element("td", {}, typeName(inner), !required && element("span", { class: "hint" }, ` ${optional}`)),
      element("td", {}, ...prose(description))));
    walk({ members: (inner.type === "array" ? inner.of : inner).members ?? [] }, depth + 1);
  });
  walk({ members: shape.members ?? [] }, 0);
  return rows.length === 0 ? element("p", {}, text.noFields) : element("table", { class: "shape" },
    element("thead", {}, element("tr", {}, ...[text.field, text.kind, text.meaning].map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows));
}

// Values of an example by their names: others have one by their type.
const known = [
  [/_time$|_end$|_begin$|^time$/, "2026-11-27 20:00:00"], [/^date$/, "2026-11-27"], [/pic_url\d?$|^pics$|^url$/, "./api/external/get/pic/product/tea.png"],
  [/head_img$/, "./api/external/get/portrait/1180310087"], [/^(cashier|pay)_url$/, "http://127.0.0.1:4081/api/external/cashier/…"], [/product_name$/, "头秃生发水"], [/shop_name$/, "小码三秃"],
  [/(user|seller)_name$|^real_name$|^name$/, "演示买家"], [/phone$/, "137****7010"], [/email$/, "student@example.org"], [/^order_ids?$/, "15749511520000101"],
  [/^(pay|purchase)_id$/, "15749511520000100"], [/^(user|seller)_id$/, 1180310087], [/^shop_id$/, 811729970], [/^product_id$/, 4517733], [/price|amount|balance|off$|value/, 101.5],
  [/^(imgdata|base64)$/, "iVBORw0KGgo…"], [/^rand$/, "k3fQx"], [/^token$/, "cg_…"],
];

const plain = { text: "…", integer: 1, number: 12.5, boolean: true };

// answerExample is a value of a shape.
export function answerExample(shape, name = "") {
  if (shape.choices?.length > 0) return shape.choices[0];
  if (shape.type === "array") return shape.of.type === undefined ? [] : [answerExample(shape.of, name)];
  if (plain[shape.type] === undefined) {
    const members = shape.members.map((member) => [member.name, answerExample(member.shape, member.name)]);
    return Object.fromEntries(shape.of ? [["…", answerExample(shape.of)]] : members);
  }
  const value = known.find(([names, one]) => names.test(name) && fits(one, shape.type))?.[1];
  return value ?? plain[shape.type];
}

const fits = (value, type) => type === "text" ? typeof value === "string"
  : type === "number" ? typeof value === "number" : type === "integer" && Number.isInteger(value);
