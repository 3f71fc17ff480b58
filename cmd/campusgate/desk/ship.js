import { ask, draftOf, keepDraft } from "./ask.js";
import { element, newID } from "./dom.js";
import { orderView } from "./order.js";
import { paged } from "./rows.js";
import { splitView } from "./split.js";
import { heading, linesOf, tableOf, yuan } from "./things.js";
import { text } from "./text.js";

// shipPage has the orders that are paid and not sent, and ships many of them at once.
export function shipPage() {
  const source = paged(async (page, count) => {
    const found = await ask("order/list", { role: "all", state: "need_send", page, count });
    if (!found.data) return found;
    return { data: { num: found.data.num, list: found.data.list.map((row) => ({
      kind: "order", id: row.order_id, title: linesOf(row.lines), line: `${row.user_name} · ${yuan(row.pay_price)} · ${row.order_id}`, time: row.creat_time,
      ships: row.actions.some(({ subtype }) => subtype === "ship"),
    })) } };
  }, () => view.update());
  const view = splitView("ship", {
    label: text.ship, empty: text.nothingToShip,
    tool: element("p", { class: "actions" }, element("a", { class: "button", href: "#ship/orders/batch-0" }, text.shipMany),
      element("button", { type: "button", class: "second", onclick: () => source.again() }, text.lookAgain)),
    tabs: [{ name: "orders", label: text.ship, source: () => source }],
    show: (row) => [element("span", { class: "top" }, element("strong", {}, row.title), element("span", { class: "hint" }, row.ships ? text.deliveries.express : text.deliveries.face)),
      element("span", { class: "hint" }, row.line), element("span", { class: "hint" }, row.time)],
    openers: {
      order: orderView,
      batch: () => ({ element: batch(() => {
        const ids = [];
        for (let i = 0; i < source.num; i++) if (source.at(i)?.ships) ids.push(source.at(i).id);
        return ids;
      }, () => source.again()) }),
    },
  });
  source.again();
  return view;
}

// parse reads lines of an order's number, the parcel's number and perhaps its carrier, as they
// come out of a spreadsheet.
export function parse(typed, carrier) {
  return typed.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [id, number, ...own] = line.split(/[\s,，;；]+/);
    return { line, id, number, carrier: own.join(" ") || carrier, fit: /^\d{15,20}$/.test(id) && Boolean(number) && Boolean(own.join(" ") || carrier) };
  });
}

function batch(waiting, shipped) {
  const [carrierID, linesID, listID, hintID] = [0, 0, 0, 0].map(newID);
  const draft = draftOf("ship");
  const carrier = element("input", { id: carrierID, list: listID, maxlength: "50", oninput: typed, autocomplete: "off" });
  const lines = element("textarea", { id: linesID, rows: "10", oninput: typed, spellcheck: "false", "aria-describedby": hintID });
  carrier.value = draft.carrier ?? "";
  lines.value = draft.lines ?? "";
  const button = element("button", { type: "submit" });
  const wrong = element("p", { class: "wrong", role: "alert" });
  const results = element("div", { role: "status" });

  function typed() {
    keepDraft("ship", { carrier: carrier.value, lines: lines.value });
    button.textContent = text.shipCount(parse(lines.value, carrier.value.trim()).filter(({ fit }) => fit).length);
  }
  typed();

  async function run(event) {
    event.preventDefault();
    const all = parse(lines.value, carrier.value.trim());
    const bad = all.filter(({ fit }) => !fit);
    wrong.textContent = all.length === 0 || bad.length > 0 ? text.badLines(bad.map(({ line }) => line).join(", ")) : "";
    if (wrong.textContent) return;
    button.disabled = true;
    const rows = [];
    const left = [];
    for (const [i, one] of all.entries()) {
      const { problem } = await ask("order/ship", { order_id: one.id, logistics: one.carrier, logistics_id: one.number });
      rows.push([one.id, one.carrier, one.number, problem ?? text.shippedNow]);
      if (problem) left.push(one.line);
      button.textContent = text.shipProgress(i + 1, all.length);
    }
    button.disabled = false;
    lines.value = left.join("\n"); // what failed stays, to be mended
    typed();
    results.replaceChildren(element("p", { class: left.length > 0 ? "say bad" : "say" }, text.shipResult(all.length - left.length, left.length)),
      tableOf(text.shipMany, [text.number, text.carrier, text.parcelNumber, text.state], rows));
    shipped();
  }

  return element("article", {}, heading(text.shipMany), element("form", { class: "decision", onsubmit: run },
    element("div", { class: "field" }, element("label", { for: carrierID }, text.carrier), carrier, element("datalist", { id: listID }, ...text.carriers.map((name) => element("option", { value: name })))),
    element("div", { class: "field" }, element("label", { for: linesID }, text.shipLines), lines, element("p", { class: "hint", id: hintID }, text.shipLinesHint)),
    element("p", { class: "actions" }, button, element("button", { type: "button", class: "second", onclick() {
      const there = new Set(parse(lines.value, "").map(({ id }) => id));
      lines.value = [lines.value.trimEnd(), ...waiting().filter((id) => !there.has(id)).map((id) => `${id} `)].filter(Boolean).join("\n");
      typed();
      lines.focus();
    } }, text.takeWaiting)), wrong), results);
}
