import { element, newID } from "./dom.js";
import { md5 } from "./md5.js";
import { keepHash } from "./session.js";
import { text } from "./text.js";

// codeBox asks for the code of an answer with a rand: of a picture (imgdata), or
// of an SMS. Once it is long enough its hash is kept, and told to onHash.
export function codeBox({ rand, imgdata }, onHash = () => {}) {
  const id = newID();
  const type = imgdata ? "img" : "sms";
  const told = element("p", { class: "hint", role: "status" });
  const input = element("input", {
    id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: imgdata ? "5" : "6",
    inputmode: imgdata ? "text" : "numeric", class: "code",
    oninput() {
      if (input.value.length < input.maxLength) return;
      const hash = md5(input.value.toLowerCase() + rand);
      keepHash(type, hash);
      told.textContent = text.hashKept(hash);
      onHash(hash);
    },
  });
  return element("div", { class: "captcha" },
    imgdata && element("img", { src: `data:image/png;base64,${imgdata}`, alt: text.captchaAlt, width: "240", height: "60" }),
    element("label", { for: id }, imgdata ? text.captchaCode : text.smsCode), input,
    !imgdata && element("p", { class: "hint" }, text.smsHint),
    told);
}
