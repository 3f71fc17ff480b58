import { ask } from "./ask.js";
import { load } from "./client.js";
import { element, hiddenName, newID } from "./dom.js";
import { md5 } from "./md5.js";
import { keepToken, session, useToken } from "./session.js";
import { text } from "./text.js";

// What was typed stays while the same form is shown in another language.
const typed = { name: "", password: "", token: "", captcha: undefined, code: "" };

// keeping has a field begin with what was typed in it, and keeps what is.
function keeping(name, input) {
  input.value = typed[name];
  input.addEventListener("input", () => { typed[name] = input.value; });
  return input;
}

// loginForm asks for the login of an admin, and tells admitted who it is ({user_id, user_name}).
export function loginForm(admitted, why = "") {
  const wrong = element("p", { class: "wrong", role: "alert" }, why);
  const [name, password] = [newID(), newID()];
  const nameInput = keeping("name", element("input", { id: name, autocomplete: "username", required: true }));
  const passwordInput = keeping("password", element("input", { id: password, type: "password", autocomplete: "current-password", required: true }));
  const captcha = element("div", { class: "captcha" });
  const keep = newID();
  const keepBox = element("input", { id: keep, type: "checkbox", onchange: () => keepToken(keepBox.checked) });
  keepBox.checked = session.kept;
  const button = element("button", { type: "submit" }, text.logIn);
  let hash; // of the captcha, where one was asked for

  async function enter(token) {
    useToken(token);
    const { data, problem } = await ask("user/info");
    if (data?.role === "admin") {
      Object.assign(typed, { name: "", password: "", token: "", captcha: undefined, code: "" });
      return admitted(data);
    }
    useToken("");
    wrong.textContent = problem ?? text.noAdmin(data.user_name);
    return undefined;
  }

  async function drawCaptcha() {
    const { data, problem } = await ask("img/generate");
    if (problem) return;
    Object.assign(typed, { captcha: data, code: "" });
    showCaptcha(data).focus();
  }

  // showCaptcha returns the field for its characters.
  function showCaptcha({ rand, imgdata }) {
    const id = newID();
    const code = keeping("code", element("input", { id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "5", class: "code" }));
    hash = () => md5(code.value.trim().toLowerCase() + rand);
    captcha.replaceChildren(element("img", { src: `data:image/png;base64,${imgdata}`, alt: text.captchaAlt, width: "240", height: "60" }),
      element("div", { class: "field" }, element("label", { for: id }, text.captcha), code));
    return code;
  }
  if (typed.captcha) showCaptcha(typed.captcha);

  async function submit(event) {
    event.preventDefault();
    wrong.textContent = "";
    button.disabled = true;
    const typed = nameInput.value.trim();
    const who = /^1\d{10}$/.test(typed) ? { phone: typed } : { user_name: typed };
    const { data, problem, status } = await ask("user/login", { ...who, password: passwordInput.value, ...(hash && { hash: hash() }) });
    if (data) await enter(data.token);
    else {
      wrong.textContent = problem;
      if (status === 104 || hash && status !== undefined) await drawCaptcha();
    }
    button.disabled = false;
  }

  const own = newID();
  const token = keeping("token", element("input", { id: own, type: "password", autocomplete: "off", spellcheck: "false" }));
  const demo = element("p", { class: "actions" });
  async function offerDemo() {
    try {
      const admins = (await load("desk/demo.json")).filter(({ role }) => role === "admin");
      demo.replaceChildren(...admins.map((one) => element("button", { type: "button", class: "second", onclick: () => enter(one.token) }, text.actAs(one.name))));
    } catch { // without a demo there is nobody to choose
    }
  }
  offerDemo();
  return element("section", { class: "panel login" }, element("h2", { tabindex: "-1" }, text.logIn), element("p", { class: "hint" }, text.loginHint), wrong, demo,
    element("form", { onsubmit: submit },
      element("div", { class: "field" }, element("label", { for: name }, text.loginName), nameInput),
      element("div", { class: "field" }, element("label", { for: password }, text.password), passwordInput),
      captcha, element("p", {}, keepBox, " ", element("label", { for: keep }, text.keepToken)), element("p", { class: "actions" }, button)),
    element("details", { open: typed.token !== "" }, element("summary", {}, text.ownToken), element("form", { onsubmit(event) {
      event.preventDefault();
      enter(token.value);
    } }, hiddenName(), element("div", { class: "field" }, element("label", { for: own }, text.token), token),
    element("p", { class: "actions" }, element("button", { type: "submit", class: "second" }, text.useToken)))));
}
