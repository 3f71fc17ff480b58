import { element, newID } from "./dom.js";
import { md5 } from "./md5.js";
import { keepHash } from "./session.js";
import { text } from "./text.js";

// codeBox asks for the code of an answer with a rand: of a picture (img), of an SMS (sms)
// or of a mail (mail). Once it is long enough its hash is kept, and told to onHash.
export function codeBox(type, { rand, imgdata }, onHash = () => {}) {
  const id = newID();
  const picture = type === "img";
  const told = element("p", { class: "hint", role: "status" });
  const input = element("input", {
    id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: picture ? "5" : "6",
    inputmode: picture ? "text" : "numeric", class: "code",
    oninput() {
      if (input.value.length < input.maxLength) return;
      const hash = md5(input.value.toLowerCase() + rand);
      told.textContent = text.hashKept(hash);
      keepHash(type, hash);
      onHash(hash);
    },
  });
  return element("div", { class: "captcha" },
    picture && element("img", { src: `data:image/png;base64,${imgdata}`, alt: text.captchaAlt, width: "240", height: "60" }),
    element("label", { for: id }, { img: text.captchaCode, sms: text.smsCode, mail: text.mailCode }[type]), input,
    type === "sms" && element("p", { class: "hint" }, text.smsHint),
    told);
}
