import { ask } from "./ask.js";
import { element } from "./dom.js";
import { facts, orderLink, tableOf, yuan } from "./things.js";
import { text } from "./text.js";

// walletOf is what an account has, and what came and went. It is read when it is unfolded, since
// each look is written into the audit, and a page of a currency more when that is asked for.
export function walletOf(id) {
  const inside = element("div", {});
  const folded = element("details", { ontoggle: () => folded.open && !inside.hasChildNodes() && look() }, element("summary", {}, text.lookAtWallet), inside);

  async function look() {
    inside.replaceChildren(element("p", { class: "hint" }, text.loading));
    const { data, problem } = await ask("wallet/info", { user_id: id });
    if (problem) return failed(inside, problem, look);
    const shown = element("div", {});
    const buttons = [["cny", text.money], ["beli", text.beli], ["credit", text.credit]].map(([currency, words]) => element("button", {
      type: "button", class: "second", onclick: () => list(shown, currency, 1),
    }, words));
    inside.replaceChildren(facts([text.money, yuan(data.balance)], [text.incomeWaiting, yuan(data.income_waiting)], [text.beli, String(data.beli)],
      [text.creditRemain, `${yuan(data.credit_remain)} / ${yuan(data.credit_amount)}`]), element("p", { class: "actions" }, ...buttons), shown);
    return list(shown, "cny", 1);
  }

  async function list(shown, currency, page) {
    const size = 20;
    const { data, problem } = await ask("wallet/list", { user_id: id, currency, page, count: size });
    if (problem) return failed(shown, problem, () => list(shown, currency, page));
    const amount = (value) => currency === "beli" ? String(value) : yuan(value);
    const turn = (to, words) => element("button", { type: "button", class: "second", onclick: () => list(shown, currency, to) }, words);
    return shown.replaceChildren(data.num === 0 ? element("p", { class: "hint" }, text.nothingHere)
      : tableOf(text.ledger, [text.when, text.what, text.amount, text.balance, text.about], data.list.map((row) => [
        row.creat_time, text.ledgerKinds[row.kind] ?? row.kind, amount(row.amount), amount(row.balance), aboutOf(row)])),
    element("p", { class: "actions" }, page > 1 && turn(page - 1, text.newer), page * size < Math.min(data.num, 10_000) && turn(page + 1, text.older)));
  }

  return folded;
}

const failed = (where, problem, again) => where.replaceChildren(element("div", { role: "alert" }, element("p", { class: "wrong" }, problem),
  element("button", { type: "button", onclick: again }, text.retry)));

// aboutOf leads to the order, where it is one that the desk shows.
function aboutOf({ kind, order_id: order, pay_id: pay, note }) {
  if (order && kind !== "purchase") return element("span", {}, orderLink(order), note && ` ${note}`);
  return [order || pay, note].filter(Boolean).join(" ");
}
