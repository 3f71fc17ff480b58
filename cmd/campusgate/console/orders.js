import { admin, buyer, secondSeller, seller } from "./demo.js";
import { element } from "./dom.js";
import { bubble, goods, money, thumb, yuan } from "./said.js";
import { session } from "./session.js";
import { text } from "./text.js";

// The journeys of orders, whose steps are as those in steps.js.

const listed = ({ data }) => Array.isArray(data) ? data : data?.list ?? [];
const sum = (list, key) => list.reduce((all, one) => all + one[key], 0);

// paidSays says what was paid, and what is left in a wallet that is known.
export const paidSays = (price, { wealth }) => wealth === undefined ? text.paidSays(money(price)) : text.paidLeft(money(price), yuan(wealth));

// payLink leads to where a channel is paid, beside this page: the steps stay here.
const payLink = (url) => /^https?:/.test(url) &&
  element("p", {}, element("a", { class: "button", href: url, target: "_blank", rel: "noopener" }, text.payThere));

// quoted says what the price of order/prepare is made of.
export function quoted({ quote: { orders, beli_off: beli, pay_price: pay } }) {
  const coupons = sum(orders, "off_price") - beli;
  return text.quoteSays(...[sum(orders, "goods_price"), coupons, beli, sum(orders, "ship_price"), pay].map((price) => price.toFixed(2)));
}

// chosen has a product of a seller chosen, and kept under a name.
const chosen = (title, by, name) => ({
  title, by: buyer, call: "product/list", shown: ["product_name"],
  data: () => ({ type: "up", shop_id: session.accounts[by]?.shop }),
  choose: { rows: listed, card: goods, take(memory, row) { memory[name] = row; } },
});

const inCart = (name) => ({
  title: text.cartAdd, by: buyer, call: "cart/add", shown: ["product_num"],
  data: (memory) => ({ product_id: memory[name].product_id, product_num: 1 }),
  remember(memory, { data }) { memory.lines = [...(memory.lines ?? []), data.cart_id]; },
  says: (memory, _, { product_num: pieces }) => [thumb(memory[name].pic_url), text.inCartSays(pieces, memory[name].product_name)],
});

const whereTo = () => ({
  title: text.orderAddress, by: buyer, call: "address/list",
  choose: { rows: listed, label: ({ name, address }) => `${name}, ${address}`, take(memory, row) { memory.address = row.address_id; } },
  says: (memory, envelope, sent, row) => row && text.addressKept(row.name, row.address),
});

// wished are what is ordered: lines of the cart, or a product.
const wished = ({ lines, product, record, address }) => ({
  ...(lines ? { cart_items: lines.map((id) => ({ cart_id: id })) } : { items: [{ product_id: product.product_id, product_num: 1 }] }),
  ...(record && { shop_records: [record], use_beli: true }), deliver: "express", address_id: address,
});

const price = () => ({
  title: text.cartPrice, hint: text.cartPriceHint, by: buyer, call: "order/prepare", data: wished,
  remember(memory, { data }) { memory.quote = data; },
  says: quoted,
});

const commit = () => ({
  title: text.orderCommit, by: buyer, call: "order/commit", shown: ["user_note"],
  data: (memory) => ({ ...wished(memory), pay_price: memory.quote.pay_price }),
  remember(memory, { data }) { memory.committed = data; },
  says: ({ committed }) => text.orderCommitted(committed.order_ids.length, committed.pay_price.toFixed(2), committed.expire_time),
});

// shippedSays says how a parcel goes.
function shippedSays(memory, _, { logistics: carrier, logistics_id: number }) { return text.shippedSays(carrier, number); }

const shipped = (title, by, order) => ({
  title, by, call: "order/ship", shown: ["logistics", "logistics_id"],
  data: (memory) => ({ order_id: order(memory), logistics: text.orderCarrier, logistics_id: "SF1023456789" }),
  says: shippedSays,
});

// received says that the parcel with a product is there.
const received = (title, name) => ({
  title, hint: text.orderConfirmHint, by: buyer, call: "order/confirm",
  data: (memory) => ({ order_id: orderOf(memory, name) }),
  says: (memory) => [thumb(memory[name].pic_url), text.receivedSays(memory[name].product_name)],
});

// orderOf is the order in which a product was bought.
const orderOf = ({ paid, ...memory }, name) => paid.lines.find(({ product_id: id }) => id === memory[name].product_id)?.order_id;

const cameTo = ({ wallet, wealth }) => text.walletFell(yuan(wallet), yuan(wealth));

export const buyFromTwo = () => [
  chosen(text.twoFirst, seller, "first"), inCart("first"),
  chosen(text.twoSecond, secondSeller, "other"), inCart("other"),
  {
    title: text.cartCoupon, hint: text.twoCouponHint, by: seller, call: "coupon/creat", shown: ["coupon_name", "coupon_value"],
    data: ({ first }) => ({
      coupon_name: text.twoCoupon, coupon_type: 0, coupon_value: 5, shop_id: first.shop_id, quantity: 100,
      open_time: "2020-01-01 00:00:00", close_time: "2100-01-01 00:00:00", valid_days: 7,
    }),
    remember(memory, { data }) { memory.coupon = data.coupon_id; },
    says: (memory, _, { coupon_name: name }) => text.couponSays(name),
  },
  {
    title: text.cartTake, by: buyer, call: "coupon/take", data: ({ coupon }) => ({ coupon_id: coupon }),
    remember(memory, { data }) { memory.record = data.record_id; },
    says: () => text.couponTaken,
  },
  whereTo(), price(), commit(),
  {
    title: text.twoPay, hint: text.twoPayHint, by: buyer, call: "order/pay",
    data: ({ committed }) => ({ pay_id: committed.pay_id, method: "sandbox", client: "pc" }),
    says: () => text.twoLinkSays,
    shows: (memory, { data }) => payLink(data.cashier_url),
  },
  {
    title: text.twoPaid, hint: text.twoPaidHint, by: buyer, call: "pay/info", data: ({ committed }) => ({ pay_id: committed.pay_id }),
    waits: ({ data }) => data?.pay_state === "waiting",
    remember(memory, { data }) { memory.paid = data; },
    says: ({ paid }) => paid.pay_state === "paid" ? text.twoPaidNow(paid.pay_price.toFixed(2)) : text.twoClosed,
  },
  shipped(text.orderShip, seller, (memory) => orderOf(memory, "first")), shipped(text.twoShip, secondSeller, (memory) => orderOf(memory, "other")),
  received(text.orderConfirm, "first"), received(text.twoConfirm, "other"),
  {
    title: text.twoWaiting, by: seller, call: "wallet/info",
    remember(memory, { data }) { memory.income = data; },
    says: ({ income }) => text.twoHeld(income.income_waiting.toFixed(2), income.balance.toFixed(2)),
  },
  {
    title: text.twoWeek, hint: text.twoWeekHint, by: admin, call: "demo/day", shown: ["days"], data: () => ({ days: 7 }),
    remember(memory, { data }) {
      memory.time = data.time;
      memory.wallet = session.accounts[seller].wealth; // as it was
    },
    says: ({ time }) => text.twoTime(time),
  },
  {
    title: text.twoSettled, by: seller, call: "order/info", data: (memory) => ({ order_id: orderOf(memory, "first") }),
    waits: ({ data }) => data?.settled === false,
    says: cameTo,
  },
];

const ours = ({ committed }) => committed.order_ids[0];

// decided is a step of a refund, with its reason.
const decided = (title, hint, by, call, reason, more = {}) => ({
  title, hint, by, call: `order/${call}`, shown: ["reason"], data: (memory) => ({ order_id: ours(memory), reason, ...more }),
  says: (memory, _, sent) => [session.accounts[by]?.name ?? "", bubble(sent.reason, by === buyer)],
});

export const sendBack = () => [
  chosen(text.backLook, secondSeller, "product"), whereTo(), price(), commit(),
  {
    title: text.buyPay, hint: ({ committed }) => text.payHint(money(committed.pay_price)), by: buyer, call: "order/pay",
    data: ({ committed }) => ({ pay_id: committed.pay_id, method: "wallet" }),
    says: (memory) => paidSays(memory.committed.pay_price, memory),
  },
  shipped(text.orderShip, secondSeller, ours),
  { ...decided(text.backAsk, text.backAskHint, buyer, "refund", text.backReason, { kind: "return" }), shown: ["kind", "reason"] },
  decided(text.backRefuse, text.backRefuseHint, secondSeller, "refuse", text.backRefused),
  decided(text.backAppeal, text.backAppealHint, buyer, "appeal", text.backAppealed),
  {
    title: text.backAgree, hint: text.backAgreeHint, by: secondSeller, call: "order/agree",
    data: (memory) => ({ order_id: ours(memory) }),
    says: () => text.agreedSays,
  },
  {
    title: text.backSend, by: buyer, call: "order/return", shown: ["logistics", "logistics_id"],
    data: (memory) => ({ order_id: ours(memory), logistics: text.orderCarrier, logistics_id: "SF1098765432" }),
    says: shippedSays,
  },
  decided(text.backDispute, text.backDisputeHint, secondSeller, "refuse", text.backDisputed),
  {
    title: text.backQueue, by: admin, call: "order/list", data: () => ({ role: "all", state: "refund" }),
    choose: {
      rows: (envelope) => listed(envelope).filter(({ actions }) => actions.some(({ subtype }) => subtype === "arbitrate")),
      label: ({ order_id: id, lines, user_name: name }) => `${lines.map((line) => line.product_name).join(", ")} · ${name} · ${id}`,
      take(memory, row) { memory.disputed = row; },
    },
  },
  {
    title: text.backDecide, hint: text.backDecideHint, by: admin, call: "order/arbitrate", shown: ["amount", "note"],
    data: ({ disputed }) => ({ order_id: disputed.order_id, amount: disputed.pay_price, note: text.backDecided }),
    remember(memory) { memory.wallet = session.accounts[buyer].wealth; }, // as it was
    says: (memory, _, { amount, note }) => [text.decidedSays(money(amount)), bubble(note)],
  },
  {
    title: text.backSee, by: buyer, call: "order/info", data: ({ disputed }) => ({ order_id: disputed.order_id }),
    says: cameTo,
  },
];
