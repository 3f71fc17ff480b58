import { codeBox } from "./captcha.js";
import { code, element } from "./dom.js";
import { base } from "./reference.js";
import { account } from "./session.js";
import { text } from "./text.js";

// shorten makes long texts (pictures) fit to be read, and shows of a token no more than
// what kind it is: whoever looks on could use it.
const shorten = (key, value) => {
  if (typeof value !== "string") return value;
  if (key === "token") return `${value.slice(0, 3)}…`;
  return value.length > 300 ? `${value.slice(0, 40)}… (${value.length})` : value;
};

// json is a value, as a person reads it.
export const json = (value) => JSON.stringify(value, shorten, 2);

// pre shows text that may be wider than the page.
export const pre = (content, label) => element("pre", { tabindex: "0", role: "group", "aria-label": label }, content);

// answerView shows what came back of a call.
export function answerView(call, result, form, retry) {
  if (result.problem) {
    const why = text[result.problem];
    return element("div", { class: "answer bad", role: "alert" },
      element("p", {}, typeof why === "function" ? why(result.http) : why),
      element("button", { type: "button", onclick: retry }, text.retry));
  }
  const took = element("span", { class: "hint took" }, text.took(result.took.toFixed(0)));
  if (result.picture) {
    const ok = result.shown === "stored" || result.shown === "default";
    return element("div", { class: ok ? "answer good" : "answer bad" },
      element("p", {}, text.shown(result.shown, result.http), " ", took),
      element("img", { class: "stored", src: result.picture, alt: text.shown(result.shown, result.http) }));
  }
  if (result.file) {
    return element("div", { class: "answer good" },
      element("p", {}, element("a", { class: "button", href: result.file, download: result.name }, text.keep(result.name)), " ", took));
  }
  const { envelope } = result;
  const good = envelope.status === 0;
  const known = call.statuses.find(({ status, text: meaning }) => status === envelope.status && meaning === envelope.message);
  const beside = form.explain(good ? "" : envelope.detail);
  return element("div", { class: good ? "answer good" : "answer bad" },
    element("p", { class: "verdict" }, good ? "✓ " : "✗ ", code(String(envelope.status)), ` ${known?.text ?? envelope.message} `, took,
      result.http !== 200 && element("span", { class: "hint" }, ` HTTP ${result.http}`)),
    !good && envelope.detail && !beside && element("p", { class: "wrong" }, envelope.detail),
    !good && /^token:/.test(envelope.detail ?? "") && element("p", {}, text.tokenHint),
    good && envelope.data?.rand && codeBox(codeType(call, envelope.data), envelope.data),
    good && envelope.data?.token && element("p", {}, text.actsAs(account()?.name)),
    payLink(envelope.data?.cashier_url),
    pictures(envelope.data),
    pre(json(envelope), text.answer));
}

// payLink leads to where a channel is paid, beside this page: the steps stay here.
const payLink = (url) => /^https?:/.test(url) &&
  element("p", {}, element("a", { class: "button", href: url, target: "_blank", rel: "noopener" }, text.payThere));

const codeType = (call, { imgdata }) => imgdata ? "img" : call.name === "user/mail" ? "mail" : "sms";

// pictures shows those to which data leads, from their addresses.
function pictures(data) {
  const found = new Set();
  JSON.stringify(data, (_, value) => {
    if (typeof value === "string" && /\/get\/(pic|portrait)\/[^\s"'<>]+$/.test(value) && !value.includes("\n")) found.add(value);
    return value;
  });
  if (found.size === 0) return undefined;
  return element("p", { class: "pictures" }, ...[...found].slice(0, 6).map((url) => element("img", {
    class: "stored", alt: text.pictureOf(url), src: base + url.slice(url.indexOf("/get/") + 1),
  })));
}
