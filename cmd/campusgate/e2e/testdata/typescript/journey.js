// A student's way through a gateway with the generated client. It prints what it
// sees, and reads the codes, which only the server's log tells.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { CampusgateError, ForeignAnswerError, createClient, statuses } from "./campusgate.js";

const [base, token] = process.argv.slice(2);
const client = createClient({ base, token: () => token });
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const { imgdata, rand } = await client.imgGenerate();
console.log("captcha", Buffer.from(imgdata, "base64").toString("latin1", 1, 4));
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const hashOf = async (rand) => {
  const code = await terminal.question(`code of ${rand}?\n`);
  return createHash("md5").update(code.toLowerCase() + rand).digest("hex");
};
const hash = await hashOf(rand);
const sent = await client.smsGenerate({ phone: "13712345678", hash });
const sms_hash = await hashOf(sent.rand);
terminal.close();
await client.imgValidate({ hash, consume: true });

await client.userRegister({ phone: "13712345678", sms_hash, password: "correct horse", user_name: "newcomer" });
const session = await client.userLogin({ user_name: "Newcomer", password: "correct horse" });
const newcomer = createClient({ base, token: () => session.token });
const { user_id, user_name, phone } = await newcomer.userInfo();
const seen = await client.userInfo({ user_id });
const { list } = await newcomer.noticeList({ unread: 1 });
await newcomer.noticeRead({ notice_ids: list.map(({ notice_id }) => notice_id) });
console.log("account", user_name, phone, seen.phone, list[0].title, (await newcomer.noticeCount()).unread);

const { url } = await client.picUpload({ from: "shop", base64: pixel, name: "茶.png" });
const picture = await fetch(client.getPicURL("shop", "茶.png"));
console.log("picture", url, picture.headers.get("X-Picture"), picture.headers.get("Content-Type"));

const { shop_id } = await client.shopCreat({ shop_name: "小码三秃" });
const [shop] = await client.shopList({ mode: 1 });
console.log("shop", shop.shop_name, shop.shop_id === shop_id, shop.user_id);

const { product_id } = await client.productCreat({
  product_name: "头秃生发水", product_price: 12.5, shop_id, product_status: 1, pic_url: url,
});
const product = await client.productInfo({ product_id });
console.log("product", product.product_name, product.product_price, product.product_disprice);

const { purchase_id } = await client.purchaseApply({
  product_id, product_num: 2, product_unitprice: 12.5, product_totalprice: 25,
});
await client.purchasePay({ purchase_id, method: "wallet" });
const order = await client.purchaseInfo({ purchase_id });
console.log("purchase", order.purchase_state, order.purchase_price, (await client.purchaseList()).num);

await client.propertyAdd({
  type: 1, lab: "卡类", title: "一卡通", content: "在教学楼", occurrence_time: "", user_name: "王凌超", user_phone: 13700000000, user_qq: "",
});
const notices = await client.getPropertyList({ type: 1, lab: "卡", key: undefined });
console.log("property", notices.length, notices[0].title, notices[0].user_phone);

const absolute = createClient({ base, token, absolute: true });
const { pic_url } = await absolute.productInfo({ product_id });
console.log("absolute", pic_url === absolute.getPicURL("shop", "茶.png"), (await fetch(pic_url)).status, absolute.getPicURL("shop", "a").startsWith("http://"));
console.log("none", await client.productList({ type: "up", product_name: "nothing of that name" }), (await client.getPropertyList({ type: 2 })).length);
const foreign = async (status, body) => {
  const error = await createClient({ fetch: async () => new Response(body, { status }) }).shopList().catch((caught) => caught);
  console.log("foreign", error.name, error instanceof ForeignAnswerError && error.httpStatus, error.message);
};
await foreign(502, "<html>\n<h1>Bad Gateway</h1>");
await foreign(200, "[1]");
await foreign(200, "null");

for (const [name, fails] of Object.entries({
  again: () => client.purchasePay({ purchase_id, method: "wallet" }),
  rule: () => client.shopCreat({ shop_name: "" }),
  stranger: () => createClient({ base }).shopList(),
  aborted: () => client.shopList({}, AbortSignal.abort()),
})) {
  const error = await fails().catch((caught) => caught);
  console.log(name, error.name, error instanceof CampusgateError ? `${error.status} ${error.message} (${error.detail})` : "");
}
console.log("text", statuses.purchasePay[201]);
