import { ask } from "./ask.js";
import { decision, folded, moneyOf } from "./decide.js";
import { element } from "./dom.js";
import { badge, facts, heading, linesOf, orderLink, pictures, yuan } from "./things.js";
import { text } from "./text.js";
import { walletOf } from "./wallet.js";

// verificationView shows who somebody says to be, and has it decided about.
export async function verificationView(id, { row, decided }) {
  const { data: identity, problem } = await ask("user/identity", { user_id: String(id) });
  if (problem) return { problem };
  const name = row?.user_name || String(id);
  const decide = (pass) => ({ note }) => ask("user/review", { user_id: String(id), pass, note });
  return {
    element: element("article", {}, heading(text.verificationOf(name)),
      facts([text.realName, identity.real_name], [text.idCode, element("code", {}, identity.id_code)], [text.account, String(id)], [text.phone, row?.phone]),
      pictures([identity.pic_up, identity.pic_down].filter(Boolean).map((data) => `data:${mimeOf(data)};base64,${data}`), text.idCard),
      element("section", { class: "panel" }, element("h3", {}, text.decide),
        decision(`verification ${id}`, [{ name: "note", label: text.noteToOwner, max: 200, common: text.commonIdentityNotes, hint: text.noteHint }], [
          { label: text.pass, shortcut: "p", gone: 110, run: decide(1), done: (late) => decided(late ?? text.passed(name)) },
          { label: text.refuse, shortcut: "x", check: ({ note }) => note ? undefined : text.sayWhy, gone: 110, run: decide(0), done: (late) => decided(late ?? text.refused(name)) },
        ]))),
  };
}

const mimeOf = (base64) => base64.startsWith("/9j/") ? "image/jpeg" : base64.startsWith("R0lG") ? "image/gif" : "image/png";

// personView shows an account with its orders and its credit, and what an admin may do with it.
export async function personView(id, { again }) {
  const key = String(id);
  const [found, orders, credit] = await Promise.all([
    ask("user/list", { key, count: 20 }), ask("order/list", { role: "all", user_id: key, count: 10 }), ask("credit/card", { user_id: key, count: 10 })]);
  if (found.problem) return { problem: found.problem };
  const user = found.data.list.find((one) => String(one.user_id) === key);
  if (!user) return { problem: text.noSuchUser };
  const name = user.user_name || key;
  const frozen = user.state === 1;
  return {
    element: element("article", {},
      heading(name, " ", frozen && badge(text.frozen, "bad"), user.role && badge(text.roles(user.role))),
      facts([text.account, key], [text.phone, user.phone], [text.email, user.email], [text.since, user.creat_time],
        [text.identity, text.verifyStates[user.verify_state]], [text.note, user.verify_note]),
      user.verify_state === 1 && element("p", {}, element("a", { class: "button", href: `#waiting/verifications/verification-${key}` }, text.lookAtIdentity)),
      element("h3", {}, text.orders), ordersOf(orders),
      element("h3", {}, text.credit), creditOf(credit),
      element("h3", {}, text.wallet), walletOf(key),
      element("section", { class: "panel" }, element("h3", {}, text.decide),
        folded(frozen ? text.unfreeze : text.freeze, freezing(key, name, frozen, again)),
        folded(text.giveMoney, granting(key, name, again)), folded(text.changeCredit, crediting(key, name, again)))),
  };
}

function ordersOf({ data, problem }) {
  if (problem) return element("p", { class: "wrong" }, problem);
  if (data.list.length === 0) return element("p", { class: "hint" }, text.noOrders);
  return element("ul", { class: "lines" }, ...data.list.map((order) => element("li", {}, orderLink(order.order_id), ` ${linesOf(order.lines)} · ${yuan(order.pay_price)} · ${text.stateOf(order.state)} · ${order.creat_time}`)));
}

function creditOf({ data, problem }) {
  if (problem) return element("p", { class: "wrong" }, problem);
  return element("div", {}, facts([text.creditAmount, yuan(data.credit_amount)], [text.creditRemain, yuan(data.credit_remain)],
    [text.debt, yuan(data.debt)], [text.overdue, data.overdue > 0 && yuan(data.overdue)], [text.nextDue, data.next_due]),
  data.list.length > 0 && element("ul", { class: "lines" }, ...data.list.map((one) => element("li", {}, `${one.creat_time} ${yuan(one.inc_amount)} ${one.note}`))));
}

const freezing = (id, name, frozen, again) => decision(`freeze ${id}`, [{ name: "note", label: text.noteToOwner, max: 200, hint: text.ownerReads }], [{
  label: frozen ? text.unfreeze : text.freeze,
  check: ({ note }) => frozen || note ? undefined : text.sayWhy,
  sentence: () => frozen ? text.unfreezeSentence(name) : text.freezeSentence(name),
  run: ({ note }) => ask("user/freeze", { user_id: id, state: frozen ? 0 : 1, note }),
  done: () => again(frozen ? text.unfrozenNow(name) : text.frozenNow(name)),
}]);

const granting = (id, name, again) => decision(`grant ${id}`, [
  { name: "currency", label: text.currency, kind: "choice", options: [["cny", text.money], ["beli", text.beli]] },
  { name: "amount", label: text.amount, kind: "money", hint: text.amountHint },
  { name: "note", label: text.noteToOwner, max: 200 },
], [{
  label: text.give,
  check: ({ amount, currency }) => !moneyOf(amount) || currency === "beli" && !Number.isInteger(moneyOf(amount)) ? text.wrongAmount : undefined,
  sentence: ({ currency, amount }) => text.giveSentence(name, currency === "beli" ? text.beliOf(Math.abs(moneyOf(amount))) : yuan(Math.abs(moneyOf(amount))), moneyOf(amount) < 0),
  run: ({ currency, amount, note }, once) => ask("wallet/grant", { user_id: id, currency, amount: moneyOf(amount), note, request_key: once }),
  done: () => again(text.given(name)),
}]);

const crediting = (id, name, again) => decision(`credit ${id}`, [
  { name: "amount", label: text.amount, kind: "money", hint: text.creditHint }, { name: "note", label: text.noteToOwner, max: 200 },
], [{
  label: text.changeCredit,
  check: ({ amount }) => moneyOf(amount) ? undefined : text.wrongAmount,
  sentence: ({ amount }) => text.creditSentence(name, yuan(Math.abs(moneyOf(amount))), moneyOf(amount) < 0),
  run: ({ amount, note }, once) => ask("credit/set", { user_id: id, inc_amount: moneyOf(amount), note, request_key: once }),
  done: () => again(text.credited(name)),
}]);
