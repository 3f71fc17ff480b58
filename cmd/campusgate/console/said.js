import { element } from "./dom.js";
import { base } from "./reference.js";

// What a step says once it is done is text, or a list of texts and of these.

// yuan is an amount in fen, or of money on the wire, as people write it.
export const yuan = (fen) => (fen / 100).toFixed(2);
export const money = (price) => Number(price ?? 0).toFixed(2);

// pictureAddress is where a picture is asked for, whatever host its URL has.
export const pictureAddress = (url) => base + url.slice(url.indexOf("/get/") + 1);

// thumb is a small picture beside what is said of it.
export const thumb = (url) => url ? element("img", { class: "thumb", src: pictureAddress(url), alt: "" }) : "";

// bubble is what somebody has written.
export const bubble = (words, mine = false) => element("span", { class: mine ? "bubble mine" : "bubble" }, words);

// goods is a product as a card shows it.
export const goods = (row, about = "") => ({
  picture: row.pic_url ?? row.pics?.[0] ?? "", name: row.product_name, price: `¥${money(row.product_disprice ?? row.product_price)}`, about,
});

// cardParts are what a button shows of { picture, name, price, about }.
export const cardParts = ({ picture, name, price, about }) => [
  picture ? element("img", { src: pictureAddress(picture), alt: "", loading: "lazy" }) : element("span", { class: "blank" }),
  element("strong", {}, name), price ? element("span", { class: "price" }, price) : "", about ? element("span", { class: "hint" }, about) : "",
];

// cards shows what has been found, of which nothing is to be chosen.
export const cards = (found) => element("div", { class: "goods" }, ...found.map((one) => element("div", { class: "found" }, ...cardParts(one))));

// pictureRow shows pictures, from their URLs.
export const pictureRow = (urls) => element("p", { class: "pictures" },
  ...urls.map((url) => element("img", { class: "stored", src: pictureAddress(url), alt: "" })));

// conversation shows messages, the newest last, as the user with an id has them.
export const conversation = (messages, mine) => element("div", { class: "conversation" },
  ...messages.map((one) => bubble(one.content, String(one.sender_id ?? one.user_id) === String(mine))));
