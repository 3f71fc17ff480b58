import { admin, buyer, secondSeller, seller } from "./demo.js";

// What the forms of the calls are filled with, so that they work as they stand: which of the
// demo's accounts sends a call (by), and what takes the place of the reference's example. That is
//   find   looks for it by calls that change nothing; undefined where there is nothing of the kind
//   make   makes it by the calls that anybody would make, once that is asked for
//   needs  why the demo alone cannot: text.needs says it
// Both functions get ask(by, call, data), the data of a real call's answer, and return the fields
// that the example has otherwise: undefined for one that it should not have. A call that is not
// here is sent as the buyer with the reference's example.

const rows = (data) => Array.isArray(data) ? data : data?.list ?? [];
const number = () => String(Math.floor(Math.random() * 90000) + 10000);

// A day is written as the server reads it; a picture is a dot.
const day = (before = 0) => new Date(Date.now() - before * 24 * 3600 * 1000).toISOString().slice(0, 10);
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const lately = () => ({ time_begin: `${day(30)} 00:00:00` });
const lastDays = () => ({ date_begin: day(30), date_end: day() });

// Goods of the seller's shop, what anybody may buy, and their prices.
const isUp = ({ product_type: type, state }) => type === 0 && (state === "on_sale" || state === "in_trade");

async function goods(ask) {
  const own = rows(await ask(seller, "product/mine", {})).filter(isUp);
  return own.sort((one, other) => one.product_price - other.product_price)[0];
}

const goodsID = async (ask) => pick(await goods(ask), "product_id");

// pick is some fields of a row, if there is one.
const pick = (row, ...names) => row && Object.fromEntries(names.map((name) => [name, row[name]]));

async function shop(ask) {
  return pick(await goods(ask), "shop_id");
}

async function sellersShop(ask) {
  return { shop_id: (await shop(ask)).shop_id };
}

// Something second-hand of the buyer's.
const used = async (ask) => pick(rows(await ask(buyer, "product/mine", {})).find(({ product_type: type }) => type === 1), "product_id");

async function release(ask) {
  const { url } = await ask(buyer, "pic/upload", { from: "product", base64: dot });
  const offered = await ask(buyer, "product/release", {
    product_name: `台灯${number()}`, product_content: "用了一个学期，亮度三档可调。", product_price: 35, original_price: 99, sell_method: 1, ship_price: 0,
    category_id: await category(ask), pics: [url],
  });
  return pick(offered, "product_id");
}

const category = async (ask) => rows(await ask(buyer, "category/list", { kind: 1 }))[0]?.category_id;

// A category that nothing is in: those of the demo are left alone.
const sampleCategory = "示例分类";
const ownCategory = async (ask) => pick(rows(await ask(admin, "category/list", { kind: 1 })).find(({ category_name: name }) => name.startsWith(sampleCategory)), "category_id");
const makeCategory = async (ask) => pick(await ask(admin, "category/creat", { category_name: sampleCategory + number(), kind: 1 }), "category_id");

// A notice of lost and found of the buyer's.
const sampleTitle = "测试标题";
const notice = async (ask) => pick(rows(await ask(buyer, "get/property", { type: 1, title: sampleTitle })).find(({ user_name: name }) => name), "id");
async function makeNotice(ask) {
  const { uid } = await ask(buyer, "property/add", {
    type: 1, lab: "测试", title: sampleTitle, content: "我找到一件东西", occurrence_time: "2019-04-22 16:17:42", user_name: "演示买家", user_phone: "123456", user_qq: "893721708",
  });
  return { id: uid };
}

// A purchase of one product that is to be paid.
const purchase = async (ask) => pick(rows(await ask(buyer, "purchase/list", {})).find(({ purchase_state: state }) => state === "paying"), "purchase_id");
async function makePurchase(ask) {
  const product = await goods(ask);
  return pick(await ask(buyer, "purchase/apply", {
    product_id: product.product_id, product_num: 1, product_unitprice: product.product_price, product_totalprice: product.product_price,
  }), "purchase_id");
}

// An order with which a user may take a step: the list says with which.
const orderFor = (step, by, role) => async (ask) => pick(rows(await ask(by, "order/list", { role }))
  .find(({ actions }) => actions.some(({ subtype }) => subtype === step)), "order_id");

// An account may have so many unpaid orders; makeRoom cancels one that is too much.
const mostUnpaid = 5;
const unpaid = async (ask) => rows(await ask(buyer, "order/list", { role: "buyer", state: "need_pay" }));
async function makeRoom(ask) {
  const [one, ...others] = await unpaid(ask);
  if (others.length + 1 >= mostUnpaid) await ask(buyer, "order/cancel", pick(one, "order_id"));
}

// Orders in the states that the calls need, each from the one before.
const toPay = async (ask) => {
  await makeRoom(ask);
  const wished = { items: [{ product_id: (await goods(ask)).product_id, product_num: 1 }], deliver: "express", address_id: rows(await ask(buyer, "address/list", {}))[0].address_id };
  const { pay_price } = await ask(buyer, "order/prepare", wished);
  const { order_ids: [order_id], pay_id } = await ask(buyer, "order/commit", { ...wished, pay_price });
  return { order_id, pay_id };
};
const after = (before, by, step, data = {}) => async (ask) => {
  const { order_id } = await before(ask);
  await ask(by, `order/${step}`, { order_id, ...data });
  return { order_id };
};
const paid = async (ask) => {
  const { order_id, pay_id } = await toPay(ask);
  await ask(buyer, "order/pay", { pay_id, method: "wallet" });
  return { order_id };
};
const onlyPay = (before) => async (ask) => pick(await before(ask), "pay_id");
const onlyOrder = (before) => async (ask) => pick(await before(ask), "order_id");
const cancelled = after(toPay, buyer, "cancel");
const shipped = after(paid, seller, "ship", { logistics: "顺丰", logistics_id: "SF1023456789" });
const refunding = after(shipped, buyer, "refund", { kind: "return", reason: "有划痕" });
const refused = after(refunding, seller, "refuse", { reason: "商品完好" });
const appealed = after(refused, buyer, "appeal", { reason: "照片里看得到" });
const returning = after(refunding, seller, "agree");
const returned = after(returning, buyer, "return", { logistics: "顺丰", logistics_id: "SF1234567890" });

const anyOrder = async (ask) => pick(rows(await ask(buyer, "order/list", { role: "buyer" }))[0], "order_id");
const step = (name, by, role, make) => ({ by, find: orderFor(name, by, role), make: onlyOrder(make) });

// A debt of the buyer's, of goods that may be paid in part.
const debt = async (ask) => pick(rows(await ask(buyer, "credit/list", { type: "need_pay" }))[0], "order_id");
async function owe(ask) {
  const { shop_id } = await shop(ask);
  await ask(admin, "credit/set", { user_id: await idOf(ask, buyer), inc_amount: 100 });
  const { product_id } = await ask(seller, "product/creat", {
    product_name: `耳机${number()}`, product_content: "可以分期", product_key: "耳机", product_price: 30, first_price: 10, shop_id, product_status: 1,
  });
  const wished = { items: [{ product_id, product_num: 1, first_price: 10 }], deliver: "face" };
  const { pay_price } = await ask(buyer, "order/prepare", wished);
  const { order_ids: [order_id], pay_id } = await ask(buyer, "order/commit", { ...wished, pay_price });
  await ask(buyer, "order/pay", { pay_id, method: "wallet" });
  return { order_id };
}

const idOf = async (ask, by) => String((await ask(by, "user/info", {})).user_id);
const about = (by) => async (ask) => ({ user_id: await idOf(ask, by) });

// A coupon of the seller's shop.
const coupon = async (ask) => pick(rows(await ask(buyer, "coupon/list", await sellersShop(ask)))[0], "coupon_id");
async function notTaken(ask) {
  const own = rows(await ask(buyer, "coupon/mine", {})).map(({ coupon_id: id }) => id);
  return pick(rows(await ask(buyer, "coupon/list", await sellersShop(ask))).find(({ coupon_id: id }) => !own.includes(id)), "coupon_id");
}
const couponTerms = (shop) => ({
  coupon_name: "满100减20", coupon_type: 1, coupon_value: 20, minimum_consume: 100, shop_id: shop, quantity: 100,
  open_time: "2020-01-01 00:00:00", close_time: "2100-01-01 00:00:00", valid_days: 7,
});
const makeCoupon = async (ask) => pick(await ask(seller, "coupon/creat", couponTerms((await shop(ask)).shop_id)), "coupon_id");

const line = async (ask) => rows(await ask(buyer, "cart/list", {}))[0]?.cart_id;
const asList = (id) => id && { cart_ids: [id] };
const makeLine = async (ask) => (await ask(buyer, "cart/add", { product_id: (await goods(ask)).product_id })).cart_id;

// A course of the seller's, which is free for a while, and its sections.
const ownCourse = async (ask) => rows(await ask(seller, "product/mine", {})).find(({ product_type: type }) => type === 2)?.product_id;
async function makeCourse(ask) {
  const { product_id } = await ask(seller, "course/creat", { ...await sellersShop(ask), product_name: `Go 语言入门 ${number()}`, brief: "从零写一个服务器", level: 1, hours: 12, product_status: 1 });
  await ask(seller, "course/chapters", { product_id, chapters: [{ title: "第一章", sections: [
    { title: "安装", kind: "video", seconds: 300, free: true, link: "https://example.com/1.mp4" }, { title: "小结", kind: "text", content: "今天学了变量。" }] }] });
  await ask(seller, "course/policies", { product_id, price_policies: [{ valid_period: 7, product_price: 0, default: true }] });
  return product_id;
}
const course = { by: seller, find: async (ask) => some({ product_id: await ownCourse(ask) }), make: async (ask) => ({ product_id: await makeCourse(ask) }) };
const some = (fields) => Object.values(fields).includes(undefined) ? undefined : fields;
async function section(ask, product_id) {
  const { chapters } = await ask(seller, "course/info", { product_id });
  return some({ product_id, section_id: chapters.flatMap(({ sections }) => sections)[0]?.section_id });
}
const lesson = {
  by: seller, make: async (ask) => section(ask, await makeCourse(ask)),
  find: async (ask) => {
    const product_id = await ownCourse(ask);
    return product_id && section(ask, product_id);
  },
};

// A conversation of the buyer's with the second seller.
const talk = async (ask) => pick(rows(await ask(buyer, "message/conversations", {}))[0], "user_id", "product_id");

// An identity that waits for an admin.
const claim = async (ask) => {
  const waiting = rows(await ask(admin, "user/list", { verify_state: 1 }))[0];
  return waiting && { user_id: String(waiting.user_id) };
};
async function makeClaim(ask) {
  await unclaimed(ask, secondSeller);
  await ask(secondSeller, "user/verify", { real_name: "林知秋", id_code: identityCode(), pic_up: dot, pic_down: dot });
  return about(secondSeller)(ask);
}

// mayClaim is {} where an account may send its identity, which a refusal lets it again.
const mayClaim = async (ask, by) => [1, 2].includes((await ask(by, "user/info", {})).verify_state) ? undefined : {};
async function unclaimed(ask, by) {
  if (!await mayClaim(ask, by)) await ask(admin, "user/review", { ...await about(by)(ask), pass: 0, note: "照片不清楚" });
  return {};
}

// identityCode is the code of an identity card that is nobody's: its last character is a check.
function identityCode() {
  const digits = `11010519491231${String(Math.floor(Math.random() * 1000)).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  return digits + "10X98765432"[weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11];
}
const refuseClaim = (row) => row && { ...row, pass: 0, note: "照片不清楚" };

// withPicture is where a picture of a product of the demo stands.
async function shownPicture(ask) {
  const product = rows(await ask(buyer, "product/search", {})).find(({ pic_url: url }) => /\/get\/pic\//.test(url ?? ""));
  const [, from, name] = /\/get\/pic\/([^/]+)\/([^/]+)$/.exec(product?.pic_url ?? "") ?? [];
  return name && { from, name: decodeURIComponent(name) };
}
const uploaded = async (ask, from) => (await ask(buyer, "pic/upload", { from, base64: dot })).url;

const byAdmin = { by: admin };

export const samples = {
  "img/validate": { needs: "code" }, "sms/generate": { needs: "code" }, "sms/validate": { needs: "code" }, "user/register": { needs: "code" },
  "user/reset": { needs: "code" }, "user/contact": { needs: "code" }, "user/mail": { needs: "mail" },
  "user/login": { needs: "password" }, "user/password": { needs: "password" }, "user/delete": { needs: "password" }, "pay/settle": { by: admin, needs: "channel" }, "job/retry": { by: admin, needs: "job" },
  "portrait/upload": { by: buyer, find: async (ask) => ({ id: await idOf(ask, buyer) }) },
  "get/portrait": { by: buyer, find: async (ask) => ({ id: await idOf(ask, buyer) }) },
  "get/pic": { by: buyer, find: shownPicture, make: async (ask) => ({ from: "product", name: (await uploaded(ask, "product")).split("/").at(-1) }) },
  "get/message": { by: buyer, make: async (ask) => ({ name: (await ask(buyer, "message/upload", { base64: dot })).url.split("/").at(-1) }) },
  "message/send": { by: buyer, find: talk }, "message/list": { by: buyer, find: talk }, "message/read": { by: buyer, find: talk },
  "message/block": { by: buyer, find: async (ask) => ({ ...pick(await talk(ask), "user_id"), state: 0 }) },
  "property/update": { by: buyer, find: notice, make: makeNotice }, "property/delete": { by: buyer, find: async (ask) => ownNotice(await notice(ask)), make: async (ask) => ownNotice(await makeNotice(ask)) },
  "get/property": { by: buyer, find: async () => ({ type: 1, lab: "卡" }) },
  "shop/creat": { by: buyer, find: async () => ({ shop_name: `码三秃的店铺${number()}` }) },
  "shop/update": { by: seller, find: shop }, "shop/info": { by: buyer, find: async (ask) => ({ ...await shop(ask), shop_name: undefined }) },
  "product/creat": { by: seller, find: async (ask) => ({ ...await shop(ask), product_name: `测试商品${number()}` }) },
  "product/update": { by: seller, find: async (ask) => pick(await goods(ask), "product_id", "shop_id", "product_name") },
  "product/list": { by: buyer, find: async (ask) => ({ ...await shop(ask), product_name: undefined, product_key: undefined, type: "up" }) },
  "product/info": { by: buyer, find: goodsID }, "product/detail": { by: buyer, find: goodsID }, "product/collect": { by: buyer, find: goodsID }, "product/report": { by: buyer, find: goodsID },
  "product/search": { by: buyer, find: async () => ({ key: "台灯", product_type: undefined }) },
  "product/release": { by: buyer, find: async (ask) => some({ category_id: await category(ask), pics: await pictures(ask) }), make: async (ask) => ({ category_id: await category(ask), pics: [await uploaded(ask, "product")] }) },
  "product/edit": { by: buyer, find: used, make: release }, "product/withdraw": { by: buyer, find: used, make: release },
  "product/mine": { by: seller }, "product/reviews": byAdmin,
  "product/review": {
    by: admin, find: async (ask) => toReview(rows(await ask(admin, "product/reviews", {}))[0]),
    make: async (ask) => toReview(await reported(ask)),
  },
  "category/creat": { by: admin, find: async () => ({ category_name: sampleCategory + number() }) },
  "category/update": { by: admin, find: async (ask) => renamed(await ownCategory(ask)), make: async (ask) => renamed(await makeCategory(ask)) },
  "category/delete": { by: admin, find: ownCategory, make: makeCategory },
  "coupon/list": { by: buyer, find: shop },
  "coupon/creat": { by: seller, find: async (ask) => couponTerms((await shop(ask)).shop_id) },
  "coupon/update": { by: seller, find: async (ask) => longer(await coupon(ask)), make: async (ask) => longer(await makeCoupon(ask)) },
  "coupon/take": { by: buyer, find: notTaken, make: makeCoupon },
  "user/verify": { by: buyer, find: (ask) => mayClaim(ask, buyer), make: (ask) => unclaimed(ask, buyer) }, "user/list": byAdmin, "user/identity": { by: admin, find: claim, make: makeClaim }, "user/review": { by: admin, find: async (ask) => refuseClaim(await claim(ask)), make: async (ask) => refuseClaim(await makeClaim(ask)) },
  "user/freeze": { by: admin, find: async (ask) => ({ ...await about(secondSeller)(ask), state: 0, note: "已核实，恢复使用" }) },
  "address/update": { by: buyer, find: async (ask) => pick(rows(await ask(buyer, "address/list", {}))[0], "address_id") },
  "address/default": { by: buyer, find: async (ask) => pick(rows(await ask(buyer, "address/list", {}))[0], "address_id") },
  "address/delete": {
    by: buyer, find: async (ask) => pick(rows(await ask(buyer, "address/list", {})).slice(1)[0], "address_id"),
    make: async (ask) => pick(await ask(buyer, "address/creat", { name: "演示买家", phone: "13700000000", address: "浙江科技学院东和公寓3号楼301" }), "address_id"),
  },
  "purchase/apply": { by: buyer, find: async (ask) => {
    const product = await goods(ask);
    return { product_id: product.product_id, product_unitprice: product.product_price, product_totalprice: product.product_price };
  } },
  "purchase/pay": { by: buyer, find: purchase, make: makePurchase }, "purchase/cancel": { by: buyer, find: purchase, make: makePurchase },
  "purchase/info": { by: buyer, find: async (ask) => pick(rows(await ask(buyer, "purchase/list", {}))[0], "purchase_id"), make: makePurchase },
  "cart/add": { by: buyer, find: goodsID },
  "cart/update": { by: buyer, find: async (ask) => some({ cart_id: await line(ask) }), make: async (ask) => ({ cart_id: await makeLine(ask) }) },
  "cart/delete": { by: buyer, find: async (ask) => asList(await line(ask)), make: async (ask) => asList(await makeLine(ask)) },
  "order/prepare": { by: buyer, find: async (ask) => wish(await goods(ask)) },
  "order/commit": {
    by: buyer, find: async (ask) => (await unpaid(ask)).length < mostUnpaid ? priced(ask) : undefined,
    async make(ask) {
      await makeRoom(ask);
      return priced(ask);
    },
  },
  "order/pay": { by: buyer, find: async (ask) => pick(rows(await ask(buyer, "order/list", { role: "buyer", state: "need_pay" }))[0], "pay_id"), make: onlyPay(toPay) },
  "order/cancel": step("cancel", buyer, "buyer", toPay),
  "order/address": { by: buyer, find: withAddress(orderFor("address", buyer, "buyer")), make: withAddress(onlyOrder(paid)) },
  "order/ship": step("ship", seller, "seller", paid), "order/decline": step("decline", seller, "seller", paid),
  "order/confirm": step("confirm", buyer, "buyer", shipped), "order/extend": step("extend", buyer, "buyer", shipped),
  "order/refund": { by: buyer, find: inFull(orderFor("refund", buyer, "buyer")), make: inFull(onlyOrder(shipped)) }, "order/agree": step("agree", seller, "seller", refunding),
  "order/refuse": step("refuse", seller, "seller", refunding), "order/appeal": step("appeal", buyer, "buyer", refused),
  "order/revoke": step("revoke", buyer, "buyer", refunding), "order/return": step("return", buyer, "buyer", returning),
  "order/receive": step("receive", seller, "seller", returned), "order/arbitrate": step("arbitrate", admin, "all", appealed),
  "order/delete": step("delete", buyer, "buyer", cancelled),
  "order/note": { by: admin, find: async (ask) => pick(rows(await ask(admin, "order/list", { role: "all" }))[0], "order_id"), make: onlyOrder(toPay) },
  "order/info": { by: buyer, find: anyOrder, make: onlyOrder(toPay) },
  "pay/info": { by: buyer, find: async (ask) => pick(rows(await ask(buyer, "order/list", { role: "buyer" }))[0], "pay_id"), make: onlyPay(toPay) },
  "pay/anomalies": byAdmin,
  "credit/pay": { by: buyer, find: debt, make: owe },
  "wallet/grant": { by: admin, find: about(buyer) }, "credit/set": { by: admin, find: about(buyer) }, "credit/card": { by: admin, find: about(buyer) },
  "credit/cards": { by: admin, find: async () => lately() },
  "course/creat": { by: seller, find: sellersShop }, "course/update": course, "course/chapters": course, "course/policies": course,
  "course/info": { ...course, by: buyer }, "course/enrol": { by: buyer, find: async (ask) => pick(rows(await ask(buyer, "course/list", { free: 1 }))[0], "product_id"), make: course.make }, "course/study": lesson, "course/progress": lesson,
  "notice/read": { by: buyer, find: async (ask) => {
    const ids = rows(await ask(buyer, "notice/list", {})).map(({ notice_id: id }) => id).slice(0, 2);
    return ids.length > 0 ? { notice_ids: ids } : { notice_ids: undefined, all: true };
  } },
  "stats/summary": { by: admin, find: async () => lastDays() }, "get/orders.csv": { by: admin, find: async () => lastDays() },
  "audit/list": { by: admin, find: async () => ({ ...lately(), call: undefined }) }, "demo/day": byAdmin,
  "job/list": { by: admin, find: async () => ({ kind: undefined }) },
};

async function priced(ask) {
  const wished = wish(await goods(ask));
  return { ...wished, pay_price: (await ask(buyer, "order/prepare", { ...wished, deliver: "face" })).pay_price };
}

function wish(product) {
  return { items: [{ product_id: product.product_id, product_num: 1 }] };
}

function inFull(find) {
  return async (ask) => {
    const order = await find(ask);
    return order && { ...order, amount: undefined };
  };
}

function withAddress(find) {
  return async (ask) => {
    const order = await find(ask);
    return order && { ...order, ...pick(rows(await ask(buyer, "address/list", {}))[0], "address_id") };
  };
}

// reported is something that waits for an admin: where words alone have passed it, it is reported.
async function reported(ask) {
  const { product_id } = await release(ask);
  if (!rows(await ask(admin, "product/reviews", {})).some((row) => row.product_id === product_id)) {
    await ask(secondSeller, "product/report", { product_id, reason: "与描述不符" });
  }
  return { product_id };
}

const ownNotice = (row) => row && { id: row.id, user_id: undefined };
const renamed = (row) => row && { ...row, category_name: sampleCategory + number() };
const longer = (row) => row && { ...row, close_time: "2101-01-01 00:00:00" };
const toReview = (row) => row && { ...pick(row, "product_id"), pass: 1, note: "图文相符" };
const pictures = async (ask) => {
  const product = rows(await ask(buyer, "product/search", {})).find(({ pic_url: url }) => /\/get\/pic\//.test(url ?? ""));
  return product && [product.pic_url];
};
