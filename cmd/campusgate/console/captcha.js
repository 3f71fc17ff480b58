import { load } from "./client.js";
import { element, newID } from "./dom.js";
import { md5 } from "./md5.js";
import { keepHash } from "./session.js";
import { text } from "./text.js";

// codeBox asks for the code of an answer with a rand: of a picture (img), of an SMS (sms)
// or of a mail (mail). Once it is long enough its hash is kept, and told to onHash. Where the
// phone is given and the demo has the code in its log, the code is offered.
export function codeBox(type, { rand, imgdata, phone }, onHash = () => {}) {
  const id = newID();
  const picture = type === "img";
  const told = element("p", { class: "hint", role: "status" });
  const input = element("input", {
    id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: picture ? "5" : "6",
    inputmode: picture ? "text" : "numeric", class: "code", oninput: take,
  });
  const offered = element("p", { class: "hint" }, type === "sms" && text.smsHint);

  function take() {
    if (input.value.length < input.maxLength) return;
    const hash = md5(input.value.toLowerCase() + rand);
    told.textContent = text.hashKept(hash);
    keepHash(type, hash);
    onHash(hash);
  }

  async function offer() {
    const { code } = await load(`console/sms.json?phone=${encodeURIComponent(phone)}`);
    if (!code) return;
    offered.replaceChildren(text.smsOffered, " ", element("button", {
      type: "button", class: "second",
      onclick() {
        input.value = code;
        take();
      },
    }, text.smsUse(code)));
  }
  if (type === "sms" && phone) offer().catch(() => {}); // the hint says where it is
  return element("div", { class: "captcha" },
    picture && element("img", { src: `data:image/png;base64,${imgdata}`, alt: text.captchaAlt, width: "240", height: "60" }),
    element("label", { for: id }, { img: text.captchaCode, sms: text.smsCode, mail: text.mailCode }[type]), input,
    offered, told);
}
