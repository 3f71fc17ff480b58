import { askSeller } from "./asking.js";
import { codeBox } from "./captcha.js";
import { admin, buyer, seller } from "./demo.js";
import { element } from "./dom.js";
import { learn } from "./learning.js";
import { buyFromTwo, paidSays, quoted, sendBack } from "./orders.js";
import { noted } from "./refusal.js";
import { bubble, cards, goods, money, pictureRow, thumb, yuan } from "./said.js";
import { account, session } from "./session.js";
import { text } from "./text.js";

// The journeys: each step is a call, what is asked for (shown), and what fills it
// from the memory of the steps before (data). remember takes what the next steps
// need from the answer; hint may be of the memory; choose offers the answer's rows, as cards where it has card. says is what
// happened, in words and what said.js makes, of the memory, the answer, what was sent and the
// row that was chosen; shows is what stays in sight below it. by is which of the demo's
// accounts acts, as another one; otherwise are steps that take over where a status is
// answered, mend is what helps after a refusal. waits tells of an answer that a job of the
// server will change soon. memory.wealth is what is in the wallet once a step is done.

const number = () => String(Math.floor(Math.random() * 9000) + 1000);
const rows = (envelope) => (Array.isArray(envelope.data) ? envelope.data : envelope.data?.list ?? []);
const cents = (yuan) => Math.round(yuan * 100);

const buying = (look) => [
  {
    title: look.title, by: buyer, call: "product/list", shown: ["product_name"],
    data: (memory) => ({ type: "up", product_name: look.name(memory) }),
    choose: { rows, card: goods, take(memory, row) { memory.product = row; } },
  },
  {
    title: text.buyOrder, by: buyer, call: "purchase/apply", shown: ["product_num"],
    data: ({ product }) => ({
      product_id: product.product_id, product_num: 1, product_unitprice: product.product_disprice ?? product.product_price,
    }),
    derive: (data) => ({ ...data, product_totalprice: cents(data.product_unitprice) * data.product_num / 100 }),
    remember(memory, { data }, sent) {
      memory.order = data.purchase_id;
      memory.total = sent.product_totalprice;
    },
    says: ({ product, total }, _, { product_num: pieces }) => [thumb(product.pic_url), text.orderedSays(pieces, product.product_name, money(total))],
  },
  {
    title: text.buyPay, hint: ({ total }) => text.payHint(money(total)), by: buyer, call: "purchase/pay",
    data: ({ order }) => ({ purchase_id: order, method: "wallet" }),
    remember(memory) { memory.wallet = account()?.wealth; }, // the wallet as it was
    says: (memory) => paidSays(memory.total, memory),
  },
  {
    title: text.buySee, by: buyer, call: "purchase/info", data: ({ order }) => ({ purchase_id: order }),
    says: ({ wallet, wealth }) => wallet === undefined ? text.walletUnknown : text.walletFell(yuan(wallet), yuan(wealth)),
  },
];

// sellerOf is the one of the demo's sellers whose shop has what was chosen; whatever else was
// put on sale here is the first one's.
const sellerOf = ({ product }) => session.accounts.find(({ shop }) => shop === product.shop_id) ?? session.accounts[seller];

const filling = () => [
  {
    title: text.cartLook, by: buyer, call: "product/list", shown: ["product_name"], data: () => ({ type: "up" }),
    choose: { rows, card: goods, take(memory, row) { memory.product = row; } },
  },
  {
    title: text.cartAdd, by: buyer, call: "cart/add", shown: ["product_num"],
    data: ({ product }) => ({ product_id: product.product_id, product_num: 1 }),
    remember(memory, { data }) { memory.line = data.cart_id; },
    says: ({ product }, _, { product_num: pieces }) => [thumb(product.pic_url), text.inCartSays(pieces, product.product_name)],
  },
  {
    title: text.cartCoupon, hint: text.cartCouponHint, as: sellerOf, call: "coupon/creat", shown: ["coupon_name", "coupon_value", "minimum_consume"],
    data: ({ product }) => ({
      coupon_name: text.couponSample, coupon_type: 1, coupon_value: 5, minimum_consume: 10, shop_id: product.shop_id, quantity: 100,
      open_time: "2020-01-01 00:00:00", close_time: "2100-01-01 00:00:00", valid_days: 7,
    }),
    says: (memory, _, { coupon_name: name }) => text.couponSays(name),
  },
  {
    title: text.cartCoupons, by: buyer, call: "coupon/list", data: ({ product }) => ({ shop_id: product.shop_id }),
    choose: { rows, label: (row) => row.coupon_name, take(memory, row) { memory.coupon = row; } },
  },
  {
    title: text.cartTake, by: buyer, call: "coupon/take", data: ({ coupon }) => ({ coupon_id: coupon.coupon_id }),
    remember(memory, { data }) { memory.record = data.record_id; },
    says: () => text.couponTaken,
  },
  {
    title: text.cartPrice, hint: text.cartPriceHint, by: buyer, call: "order/prepare", shown: ["deliver", "use_beli"],
    data: ({ line, record }) => ({ cart_items: [{ cart_id: line }], shop_records: [record], deliver: "face", use_beli: true }),
    remember(memory, { data }) { memory.quote = data; },
    says: quoted,
  },
];

const drawCaptcha = () => ({
  title: text.captchaDraw, hint: text.captchaDrawHint, call: "img/generate", untilHash: "img", says: () => text.captchaRead,
});

const sendSMS = () => ({
  title: text.captchaSend, hint: text.captchaSendHint, call: "sms/generate", shown: ["phone"],
  data: () => ({ phone: `137${number()}${number()}` }), untilHash: "sms",
  derive: (data) => ({ ...data, hash: session.hashes.img }), // the picture may be read again
  mend: ({ detail }) => /^hash:/.test(detail ?? "") ? element("p", {}, text.captchaAgain) : undefined,
  remember(memory, { data }, sent) {
    memory.phone = sent.phone;
    memory.rand = data.rand;
  },
  says: ({ phone }) => text.codeTyped(phone),
});

// stored says that a picture is.
function stored(memory, { data }) { return [thumb(data.url), text.pictureStored]; }

// photo may be followed by another one.
const photo = () => ({
  title: text.usedPicture, hint: text.usedPictureHint, by: seller, call: "pic/upload", shown: ["base64"], data: () => ({ from: "product" }),
  remember(memory, { data }) { memory.pictures = [...(memory.pictures ?? []), data.url]; },
  choose: {
    rows: (envelope, { pictures = [] }) => pictures.length < 9 ? [true, false] : [false],
    label: (more) => more ? text.usedAnother : text.usedEnough,
    take: (memory, more) => more ? [photo()] : [],
  },
  says: stored,
});

// noticeBubble is a notice, with the reason of a review in the language of the page.
function noticeBubble({ title, content }) {
  const shown = bubble(text.noticeSays(title, content));
  noted(content).then((words) => { shown.textContent = text.noticeSays(title, words); });
  return shown;
}

// told waits for what the seller is told of the product.
const told = (title) => {
  const about = (envelope, { product }) => rows(envelope).find(({ product_id: id }) => id === product);
  return {
    title, by: seller, call: "notice/list", data: () => ({ count: 20 }),
    waits: (envelope, memory) => envelope.status === 0 && !about(envelope, memory),
    remember(memory, envelope) { memory.notice = about(envelope, memory); },
    says: ({ notice }) => noticeBubble(notice),
  };
};

// inSight waits until the buyer sees the product.
const inSight = (title) => ({
  title, by: buyer, call: "product/detail", data: ({ product }) => ({ product_id: product }),
  waits: ({ status }) => status === 100,
  says: () => text.usedSeen,
  shows: (memory, { data }) => pictureRow(data.pics ?? [data.pic_url].filter(Boolean)),
});

// own is the account that the journey has logged in to.
const own = ({ account }) => account;

// journeys are in the language of the page.
export const journeys = () => [
  {
    name: "buy", title: text.buyTitle, about: text.buyAbout,
    steps: buying({ title: text.buyLook, name: () => "" }),
  },
  { name: "cart", title: text.cartTitle, about: text.cartAbout, steps: filling() },
  { name: "two-sellers", title: text.twoTitle, about: text.twoAbout, steps: buyFromTwo() },
  { name: "send-back", title: text.backTitle, about: text.backAbout, steps: sendBack() },
  { name: "learn", title: text.courseTitle, about: text.courseAbout, steps: learn() },
  { name: "ask", title: text.askTitle, about: text.askAboutJourney, steps: askSeller() },
  {
    name: "account", title: text.accountTitle, about: text.accountAbout,
    steps: [
      drawCaptcha(),
      sendSMS(),
      {
        title: text.accountRegister, hint: text.accountRegisterHint, call: "user/register", shown: ["user_name", "password"],
        data: ({ phone }) => ({ phone, user_name: text.nameSample(number()) }),
        derive: (data) => ({ ...data, sms_hash: session.hashes.sms }), // the code may be corrected
        remember(memory, envelope, { user_name, password }) { memory.login = { user_name, password }; },
        mend: ({ status }, { rand, phone }) => status === 102 ? codeBox("sms", { rand, phone }) : undefined,
        says: ({ login }) => text.actsAs(login.user_name),
      },
      {
        title: text.accountLogin, hint: text.accountLoginHint, call: "user/login", shown: ["user_name", "password"],
        data: ({ login }) => login,
        remember(memory) { memory.account = account(); },
        says: ({ account: { name } }) => text.loggedIn(name),
      },
      {
        title: text.accountAddress, as: own, call: "address/creat", shown: ["name", "phone", "address"],
        data: ({ login, phone }) => ({ name: login.user_name, phone, address: text.addressSample }),
        says: (memory, _, { name, address }) => text.addressKept(name, address),
      },
      {
        title: text.accountNotices, as: own, call: "notice/list",
        choose: {
          rows,
          label: ({ title, content }) => text.noticeSays(title, content),
          take(memory, row) { memory.notice = row; },
        },
        says: (memory, envelope, sent, row) => row && bubble(text.noticeSays(row.title, row.content)),
      },
      {
        title: text.accountRead, as: own, call: "notice/read",
        data: ({ notice }) => ({ notice_ids: [notice.notice_id] }),
        says: () => text.noticeRead,
      },
    ],
  },
  {
    name: "captcha", title: text.captchaTitle, about: text.captchaAbout,
    steps: [
      drawCaptcha(),
      { title: text.captchaCheck, call: "img/validate", shown: ["hash"], says: () => text.captchaRight },
      sendSMS(),
      {
        title: text.captchaProve, hint: text.captchaProveHint, call: "sms/validate", shown: ["hash", "phone", "consume"],
        data: ({ phone }) => ({ phone, consume: true }),
        says: ({ phone }) => text.codeRight(phone),
      },
    ],
  },
  {
    name: "lost", title: text.lostTitle, about: text.lostAbout,
    steps: [
      {
        title: text.lostPicture, hint: text.lostPictureHint, by: buyer, call: "pic/upload", shown: ["base64"],
        data: () => ({ from: "property" }),
        remember(memory, { data }) { memory.picture = data.url; },
        says: stored,
      },
      {
        title: text.lostPublish, by: buyer, call: "property/add", shown: ["title", "content", "lab", "user_phone"],
        data: ({ picture }) => ({
          type: 1, lab: text.lostLab, title: text.lostSample, content: text.lostContent, occurrence_time: "",
          user_name: (account()?.name ?? "campusgate").slice(0, 10), user_phone: "13700000000", user_qq: "", pic_num: 1, pic_url1: picture,
        }),
        remember(memory, { data }) { memory.notice = data.uid; },
        says: ({ picture }, _, { title }) => [thumb(picture), text.published(title)],
      },
      {
        title: text.lostFind, hint: text.lostFindHint, by: buyer, call: "get/property", shown: ["key"],
        data: () => ({ type: 1, key: text.lostKey, count: 3 }),
        says: (memory, envelope) => text.foundSays(rows(envelope).map(({ title }) => title).join(text.and)),
        shows: (memory, envelope) => cards(rows(envelope).map((row) => ({ picture: row.pic_url1, name: row.title, about: row.content }))),
      },
      {
        title: text.lostOver, by: buyer, call: "property/update",
        data: ({ notice }) => ({ id: notice, state: 1 }),
        says: () => text.noticeOver,
      },
    ],
  },
  {
    name: "sell", title: text.sellTitle, about: text.sellAbout,
    steps: [
      {
        title: text.sellOpen, by: seller, call: "shop/creat", shown: ["shop_name", "shop_content"],
        data: () => ({ shop_name: text.shopSample(number()) }),
        remember(memory, { data }) { memory.shop = data.shop_id; },
        says: (memory, _, { shop_name: name }) => text.shopOpen(name),
        otherwise: { // the number of shops has been capped
          101: {
            title: text.sellOwn, hint: text.sellOwnHint, by: seller, call: "shop/list", data: () => ({ mode: 1 }),
            choose: { rows, label: (row) => row.shop_name, take(memory, row) { memory.shop = row.shop_id; } },
          },
        },
      },
      {
        title: text.sellPicture, by: seller, call: "pic/upload", shown: ["base64"], data: () => ({ from: "product" }),
        remember(memory, { data }) { memory.picture = data.url; },
        says: stored,
      },
      {
        title: text.sellPut, by: seller, call: "product/creat",
        shown: ["product_name", "product_content", "product_key", "product_price"],
        data: ({ shop, picture }) => ({
          product_name: text.productSample(number()), product_price: 12.5, product_key: text.productName, shop_id: shop,
          pic_url: picture, product_status: 1,
        }),
        remember(memory, envelope, sent) { memory.name = sent.product_name; },
        says: ({ picture }, _, { product_name: name, product_price: price }) => [thumb(picture), text.onSale(name, money(price))],
      },
      ...buying({ title: text.sellFind, name: ({ name }) => name }),
    ],
  },
  {
    name: "second-hand", title: text.usedTitle, about: text.usedAbout,
    steps: [
      photo(),
      {
        title: text.usedRelease, hint: text.usedReleaseHint, by: seller, call: "product/release",
        shown: ["product_name", "product_content", "product_price", "original_price"],
        data: ({ pictures }) => ({
          product_name: text.usedRefusedName, product_content: text.usedContent, product_price: 35, original_price: 99,
          sell_method: 1, ship_price: 0, category_id: 8, pics: pictures,
        }),
        remember(memory, { data }) { memory.product = data.product_id; },
        says: ({ pictures }, _, { product_name: name, product_price: price }) => [thumb(pictures[0]), text.offeredSays(name, money(price))],
      },
      told(text.usedTold),
      {
        title: text.usedMend, by: seller, call: "product/edit", shown: ["product_name"],
        data: ({ product }) => ({ product_id: product, product_name: text.usedName }),
        says: (memory, _, { product_name: name }) => text.renamed(name),
      },
      inSight(text.usedLook),
      {
        title: text.usedReport, by: buyer, call: "product/report", shown: ["reason"],
        data: ({ product }) => ({ product_id: product, reason: text.usedReason }),
        says: (memory, _, { reason }) => [text.reportedSays, bubble(reason, true)],
      },
      {
        title: text.usedQueue, by: admin, call: "product/reviews",
        choose: { rows, label: (row) => `${row.product_name} · ${row.reason}`, take(memory, row) { memory.reviewed = row.product_id; } },
      },
      {
        title: text.usedReview, hint: text.usedReviewHint, by: admin, call: "product/review", shown: ["pass", "note"],
        data: ({ reviewed }) => ({ product_id: reviewed, pass: 0, note: text.usedNote }),
        says: (memory, _, { pass, note }) => [pass === 1 ? text.reviewKept : text.reviewDown, bubble(note, true)],
      },
      told(text.usedVerdict),
      {
        title: text.usedEdit, by: seller, call: "product/edit", shown: ["product_content", "product_price"],
        data: ({ product }) => ({ product_id: product, product_content: text.usedBetter, product_price: 30 }),
        says: (memory, _, { product_content: content, product_price: price }) => text.editedSays(content, money(price)),
      },
      inSight(text.usedBack),
    ],
  },
];
