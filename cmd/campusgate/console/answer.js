import { codeBox } from "./captcha.js";
import { code, element } from "./dom.js";
import { coloured, json, pre } from "./json.js";
import { base } from "./reference.js";
import { meaningOf, wrongOf } from "./refusal.js";
import { account } from "./session.js";
import { text } from "./text.js";

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
  // 1 says that a list is empty: nothing has failed.
  const [look, sign] = good ? ["good", "✓"] : envelope.status === 1 ? ["warn", "∅"] : ["bad", "✗"];
  const beside = form.explain(good ? "" : envelope.detail);
  return element("div", { class: `answer ${look}` },
    element("p", { class: "verdict" }, `${sign} `, code(String(envelope.status)), ` ${meaningOf(call, envelope)} `, took,
      result.http !== 200 && element("span", { class: "hint" }, ` HTTP ${result.http}`)),
    envelope.status === 1 && element("p", { class: "hint" }, text.emptyAnswer),
    !good && envelope.detail && !beside && wrongOf(envelope.detail),
    !good && /^token:/.test(envelope.detail ?? "") && element("p", {}, text.tokenHint),
    good && envelope.data?.rand && codeBox(codeType(call, envelope.data), { ...envelope.data, phone: form.read().phone }),
    good && envelope.data?.token && element("p", {}, text.actsAs(account()?.name)),
    payLink(envelope.data?.cashier_url),
    pictures(envelope.data),
    pre(coloured(json(envelope)), text.answer));
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
