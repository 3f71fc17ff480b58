import { ask } from "./ask.js";
import { decision, folded, moneyOf } from "./decide.js";
import { element } from "./dom.js";
import { badge, facts, heading, linesOf, pictures, productLink, tableOf, userLink, yuan } from "./things.js";
import { text } from "./text.js";

// orderView shows the whole life of an order with its money, and what an admin may do now.
// decided is called when it waited in the queue and waits no more, again when it changed.
export async function orderView(id, { queued, decided, again }) {
  const { data: order, problem } = await ask("order/info", { order_id: id });
  if (problem) return { problem };
  const may = new Map(order.actions.map(({ subtype, until }) => [subtype, until]));
  const left = order.pay_price - order.refunded;
  const asked = order.refunds.at(-1);
  return {
    element: element("article", {},
      heading(linesOf(order.lines), " ", badge(text.stateOf(order.state), order.state === "refunding" ? "warn" : "")),
      order.appealed && element("p", { class: "say bad" }, text.appealSays(may.get("arbitrate") ?? "")),
      may.has("arbitrate") && arbitrating(order, left, asked, queued ? decided : again),
      facts([text.number, order.order_id], [text.buyer, userLink(order.user_id, order.user_name)], [text.seller, userLink(order.seller_id, order.seller_name)],
        [text.shop, order.shop_name], [text.delivery, text.deliveries[order.deliver]], [text.noteOfBuyer, order.user_note],
        [text.address, order.address?.address && `${order.address.name}, ${order.address.phone}, ${order.address.address}`],
        [text.parcel, order.logistics && `${order.logistics} ${order.logistics_id}`]),
      element("h3", {}, text.itsMoney), moneyOfOrder(order),
      element("h3", {}, text.goods), goods(order),
      ...refunds(order),
      element("h3", {}, text.itsLife), life(order),
      element("section", { class: "panel" }, element("h3", {}, text.decide), ...actions(order, may, left, again))),
  };
}

// paidOf is what the price of an order is called: paid, or to be paid.
const paidOf = (order) => order.pay_method ? text.paid : text.toPay;

function moneyOfOrder(order) {
  const { goods_price: price, off_price: off, ship_price: ship, credit_price: credit, pay_price: pay, refunded, debt } = order;
  return element("div", {}, facts([text.goodsPrice, yuan(price)], [text.off, off > 0 && `${yuan(-off)}${order.beli > 0 ? ` (${text.beliOf(order.beli)})` : ""}`],
    [text.shipping, ship > 0 && yuan(ship)], [text.onCredit, credit > 0 && yuan(-credit)],
    [paidOf(order), `${yuan(pay)}${order.pay_method ? ` · ${text.methodOf(order.pay_method)}` : ""}`],
    [text.wentBack, refunded > 0 && yuan(-refunded)], [text.debt, debt > 0 && `${yuan(debt)} · ${order.due_time}`],
    [text.whereIsIt, text.moneyIs(order)], [text.payment, order.pay_id]),
  order.trades.length > 0 && tableOf(text.attempts, [text.channel, text.state, text.amount, text.attempt, text.tradeNumber],
    order.trades.map((one) => [text.methodOf(one.channel), text.attemptStates[one.state] ?? one.state, yuan(one.amount), one.attempt_id, one.trade_no])));
}

const goods = (order) => element("div", {}, pictures(order.lines.map((line) => line.pic_url).filter(Boolean), text.goods),
  tableOf(text.goods, [text.product, text.pieces, text.price, text.off, paidOf(order), text.returned], order.lines.map((line) => [
    productLink(line.product_id, line.product_name), String(line.product_num), yuan(line.price),
    yuan(line.coupon_off + line.shop_off + line.market_off + line.beli_off), yuan(line.pay_price), String(line.returned)])));

function refunds({ refunds: list }) {
  return list.length === 0 ? [] : [element("h3", {}, text.refunds), ...list.map((one) => element("div", { class: "refund" },
    facts([text.refundKind, text.refundKinds[one.kind]], [text.amount, yuan(one.amount)], [text.state, text.refundStates[one.state] ?? one.state], [text.arrived, one.arrived && text.yes],
      [text.asked, one.creat_time], [text.reason, one.reason], [text.answerOf, one.note], [text.parcel, one.logistics && `${one.logistics} ${one.logistics_id}`]),
    one.pics.length > 0 && pictures(one.pics, text.refunds)))];
}

const life = ({ history }) => element("ol", { class: "life" }, ...history.map(({ step, state, time, who, note }) => element("li", {},
  element("time", {}, time), element("span", {}, element("strong", {}, text.steps[step] ?? step), ` · ${text.sides[who] ?? who} · ${text.stateOf(state)}`, note && element("span", { class: "note" }, note)))));

const appealOf = ({ history }) => history.findLast(({ step }) => step === "appeal")?.note;

function arbitrating(order, left, asked, done) {
  const [buyer, seller] = [order.user_name || order.user_id, order.seller_name || order.seller_id];
  return element("section", { class: "panel" }, element("h3", {}, text.decideRefund),
    asked && element("p", {}, text.askedFor(buyer, yuan(asked.amount), asked.reason)),
    asked?.note && element("p", {}, text.answered(seller, asked.note)),
    order.appealed && appealOf(order) && element("p", {}, text.appealedBecause(appealOf(order))),
    asked?.pics.length > 0 && pictures(asked.pics, text.refunds),
    decision(`arbitrate ${order.order_id}`, [
      { name: "amount", label: text.goesBack, kind: "money", hint: text.goesBackHint(yuan(left)), value: asked && String(asked.amount) },
      { name: "note", label: text.noteToBoth, max: 200, common: text.commonVerdicts },
    ], [{
      label: text.decideIt, shortcut: "d", gone: 205,
      check: ({ amount, note }) => !(moneyOf(amount) >= 0) || moneyOf(amount) > left ? text.wrongBack(yuan(left)) : note ? undefined : text.sayWhyBoth,
      sentence: ({ amount }) => text.arbitrateSentence(yuan(moneyOf(amount)), buyer, seller, yuan(left - moneyOf(amount))),
      run: ({ amount, note }) => ask("order/arbitrate", { order_id: order.order_id, amount: moneyOf(amount), note }),
      done: (late) => done(late ?? text.decided(order.order_id)),
    }]));
}

function actions(order, may, left, again) {
  const id = order.order_id;
  const buyer = order.user_name || order.user_id;
  const one = (step, fields, button) => may.has(step) && folded(text.orderActions[step], decision(`${step} ${id}`, fields, [{ label: text.orderActions[step], done: () => again(text.done), ...button }]));
  return [
    one("ship", [{ name: "logistics", label: text.carrier, max: 50, value: order.logistics || undefined, common: text.carriers }, { name: "number", label: text.parcelNumber, max: 50, value: order.logistics_id || undefined }], {
      check: ({ logistics, number }) => logistics && number ? undefined : text.bothNeeded,
      run: ({ logistics, number }) => ask("order/ship", { order_id: id, logistics, logistics_id: number }),
    }),
    one("decline", [], { sentence: () => text.declineSentence(yuan(left), buyer), run: () => ask("order/decline", { order_id: id }) }),
    one("agree", [], { sentence: () => text.agreeSentence(yuan(order.refunds.at(-1)?.amount ?? left), buyer), run: () => ask("order/agree", { order_id: id }) }),
    one("receive", [], { sentence: () => text.receiveSentence(yuan(order.refunds.at(-1)?.amount ?? left), buyer), run: () => ask("order/receive", { order_id: id }) }),
    one("note", [{ name: "note", label: text.noteOfAdmins, kind: "long", max: 500, hint: text.noteOfAdminsHint, value: order.admin_note }], { run: ({ note }) => ask("order/note", { order_id: id, admin_note: note }) }),
  ].filter(Boolean);
}
