// The calls that the desk makes, by their paths. They are few and known, so that the page need
// not read the whole reference first; a test holds them against it.
const paths = {
  "/account": ["user/login"],
  "/audit": ["audit/list"],
  "/browse": ["category/list", "coupon/list", "order/states", "product/detail", "product/search"],
  "/captcha": ["img/generate"],
  "/category": ["category/creat", "category/delete", "category/update"],
  "/coupon": ["coupon/creat", "coupon/update"],
  "/credit": ["credit/card", "credit/set"],
  "/get/product": ["product/list"],
  "/job": ["job/list", "job/retry"],
  "/message": ["message/ticket"],
  "/order": ["order/agree", "order/arbitrate", "order/decline", "order/info", "order/list", "order/note", "order/receive", "order/ship"],
  "/pay": ["pay/anomalies", "pay/settle"],
  "/product": ["product/review", "product/reviews"],
  "/stats": ["stats/summary"],
  "/user": ["user/freeze", "user/identity", "user/info", "user/list", "user/logout", "user/review"],
  "/wallet": ["wallet/grant", "wallet/info", "wallet/list"],
};

const open = ["user/login", "img/generate"]; // without a token

const calls = new Map(Object.entries(paths).flatMap(([path, names]) => names.map((name) => {
  const [type, subtype] = name.split("/");
  return [name, { name, type, subtype, path, method: "POST", kind: "post", token: open.includes(name) ? "none" : "needed" }];
})));

// find finds a call by its name.
export const find = (name) => calls.get(name);

// table is the table of orders, which is a file.
export const table = { name: "get/orders.csv", path: "/get/orders.csv", method: "GET", kind: "file", token: "needed" };
