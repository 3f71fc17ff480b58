import { codeBox } from "./captcha.js";
import { send } from "./client.js";
import { element, hiddenName, newID, prose } from "./dom.js";
import { labelOf } from "./labels.js";
import { pictureInput } from "./picture.js";
import { keysOf, meaningOf, sayDetail } from "./refusal.js";
import { onChange, session } from "./session.js";
import { shapeTable, typeName } from "./shape.js";
import { text } from "./text.js";

// callForm is a form made from a call's rules. Only the fields in shown are asked
// for, in its order, where it is given; values fill the form. The server decides what
// is right: its refusals are put beside their fields. With reference the types are shown.
export function callForm(call, { shown, values = {}, find, reference, onInput }) {
  const asked = shown?.map((wanted) => call.fields.find(({ name }) => name === wanted)) ?? call.fields;
  const typed = (name) => controls.get(name)?.read() ?? values[name];
  const controls = new Map(asked.map((field) => [field.name, control(call, field, values[field.name], { find, typed, reference, onInput })]));
  const needsName = asked.some(({ kind }) => kind === "password") && !asked.some(({ name }) => name === "user_name");
  return {
    element: element("div", { class: "fields" }, needsName && hiddenName(), ...[...controls.values()].map((one) => one.element)),
    // read is what was typed, over the values that are not asked for.
    read() {
      const data = Object.fromEntries(Object.entries(values).filter(([name]) => !controls.has(name)));
      for (const field of asked) {
        const typed = controls.get(field.name).read();
        // What is optional and empty is not sent.
        if (typed !== "" || field.required) data[field.name] = typed;
      }
      return data;
    },
    onProgress: (part) => controls.forEach((one) => one.onProgress?.(part)),
    // explain puts a refusal's detail ("key: rule", or "key[2].inner: rule") beside the first of
    // its fields that is asked for, and reports whether there was one.
    explain(detail = "") {
      controls.forEach((one) => one.explain(""));
      const at = keysOf(detail).map((name) => controls.get(name)).find(Boolean);
      at?.explain(detail);
      return at !== undefined;
    },
  };
}

function control(call, field, value, form) {
  const id = newID();
  const hint = element("p", { class: "hint", id: newID() }, ...form.reference ? prose(field.description) : [hintOf(call, field)]);
  const wrong = element("p", { class: "wrong", id: newID(), role: "alert" });
  const described = `${hint.id} ${wrong.id}`;
  const label = element("label", { for: id }, labelOf(field.name), " ", element("code", { class: "key" }, field.name),
    element("span", { class: "hint" }, field.required ? " *" : ` · ${text.optional}`, form.reference && typeHint(field), field.kind === "json" && ` · ${text.asJSON}`));
  const made = inputOf(call, field, value, { id, described, ...form });
  return {
    element: element("div", { class: "field" }, label, made.element, wrong, hint, form.reference && field.kind === "json" && inside(field)),
    read: made.read,
    onProgress: made.onProgress,
    explain(detail) {
      if (!detail) {
        wrong.textContent = "";
        return made.input.removeAttribute("aria-invalid");
      }
      if (field.kind === "file" && made.read() === "") wrong.textContent = text.pictureFirst;
      else sayDetail(detail).then((words) => { wrong.textContent = words || text.checkThis; });
      made.input.setAttribute("aria-invalid", "true");
      made.input.focus();
    },
  };
}

// hintOf is what a person has to know of a field, where it is not asked for as the reference has it.
export const hintOf = (call, field) => text.hints[`${call.name} ${field.name}`] ?? "";

// typeHint is a field's type, where its control does not show it.
const typeHint = (field) => ["choice", "file", "password"].includes(field.kind) ? "" : ` · ${typeName({ ...field.shape, nullable: false, choices: [] })}`;

// inside is what the objects of a field have.
function inside({ shape }) {
  const { members = [] } = shape.of ?? shape;
  return members.length > 0 && element("details", {}, element("summary", {}, text.eachHas),
    element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": text.eachHas }, shapeTable(shape.of ?? shape, text.optional)));
}

function inputOf(call, field, value, { id, described, onInput, ...form }) {
  const common = { id, name: field.name, "aria-describedby": described, required: field.required, oninput: onInput };
  switch (field.kind) {
    case "file": return fileOf(id, described, value, onInput);
    case "choice": return choiceOf(field, value, common, text.choices[`${call.name} ${field.name}`]);
    case "number": return numberOf(field, value, common);
    case "json": return jsonOf(value, common);
    default:
      return /^(sms_)?hash$/.test(field.name) ? hashOf(call, field, value, common, form) : textOf(field, value, common);
  }
}

// keyboards are those that a phone shows for some fields.
const keyboards = { phone: "tel", email: "email" };

function textOf(field, value, common) {
  const password = field.kind === "password";
  const input = element(field.kind === "long" ? "textarea" : "input", {
    ...common, maxlength: field.maxLength, pattern: field.pattern, inputmode: keyboards[field.name],
    type: password && "password",
    autocomplete: password ? "new-password" : field.name === "user_name" ? "username" : "off", // what a browser keeps is not offered
  });
  input.value = value ?? "";
  return { element: input, input, read: () => input.value };
}

function numberOf(field, value, common) {
  const input = element("input", {
    ...common, type: "number", step: field.step, min: field.minimum, max: field.maximum,
    inputmode: field.step === "1" ? "numeric" : "decimal",
  });
  input.value = value ?? "";
  return {
    element: input, input,
    // A number that JavaScript would round goes as its text, which is as good.
    read: () => input.value === "" || Math.abs(Number(input.value)) > Number.MAX_SAFE_INTEGER ? input.value : Number(input.value),
  };
}

// jsonOf asks for a list or an object as JSON. What is none is sent as it was typed:
// the server refuses it.
function jsonOf(value, common) {
  const input = element("textarea", { ...common, autocomplete: "off", spellcheck: "false" });
  const plain = Array.isArray(value) && value.every((one) => typeof one !== "object");
  const written = () => plain ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(value, null, 2);
  input.value = value === undefined ? "" : typeof value === "string" ? value : written();
  return {
    element: input, input,
    read() {
      try {
        return JSON.parse(input.value);
      } catch {
        return input.value;
      }
    },
  };
}

function choiceOf(field, value, common, words = {}) {
  const input = element("select", common,
    !(field.required && value !== undefined) && element("option", { value: "" }, "–"),
    ...field.choices.map((choice, i) => element("option", { value: String(i) }, words[choice] ? `${words[choice]} (${choice})` : String(choice))));
  const chosen = field.choices.findIndex((choice) => String(choice) === String(value));
  input.value = chosen < 0 ? "" : String(chosen);
  return { element: input, input, read: () => input.value === "" ? "" : field.choices[input.value] };
}

// drawn stands for a picture that the page draws.
export const drawn = "drawn";

function fileOf(id, described, value, onInput) {
  let base64 = "";
  let ready = false; // the form is there
  const picture = pictureInput(id, described, (read) => {
    base64 = read;
    if (ready) onInput();
  });
  if (value === drawn) picture.useSample();
  else if (value) picture.show(`data:image/png;base64,${value}`, "");
  ready = true;
  return { ...picture, read: () => base64 };
}

// hashType is whose hash a field takes: of a picture's code (img), an SMS's or a mail's.
const hashType = (call, { name }) =>
  name === "sms_hash" || call.name === "sms/validate" ? "sms" : call.name === "user/contact" ? "mail" : "img";

// hashOf is filled with the hash that the page keeps. A code can be asked for beside it:
// an SMS wants a captcha's first, and the phone of the same form.
function hashOf(call, field, value, common, { find, typed }) {
  const type = hashType(call, field);
  const input = element("input", { ...common, autocomplete: "off", spellcheck: "false" });
  const fill = () => {
    if (!session.hashes[type] || input.value === session.hashes[type]) return;
    input.value = session.hashes[type];
    common.oninput();
  };
  const place = element("div", { "aria-live": "polite" });
  async function ask(name, data, code, onHash) {
    const { envelope } = await send(find(name), data);
    place.replaceChildren(envelope?.status === 0 ? codeBox(code, { ...envelope.data, phone: data.phone }, onHash)
      : element("p", { class: "wrong" }, envelope ? [meaningOf(find(name), envelope), await sayDetail(envelope.detail)].filter(Boolean).join(". ") : text.down));
    place.querySelector("input")?.focus();
  }
  const draw = (onHash) => ask("img/generate", {}, "img", onHash);
  const begin = {
    img: () => draw(),
    sms: () => draw((hash) => ask("sms/generate", { phone: typed("phone"), hash }, "sms")),
    mail: () => ask("user/mail", { email: typed("email") }, "mail"),
  }[type];
  const canAsk = type !== "sms" || call.fields.some(({ name }) => name === "phone");
  input.value = session.hashes[type] || value || "";
  onChange(() => input.isConnected && fill());
  return {
    element: element("div", {}, input, canAsk
      ? element("button", { type: "button", class: "second", onclick: begin }, type === "img" ? text.drawCaptcha : text.sendCode)
      : element("p", { class: "hint" }, text.sendFirst, " ", element("a", { href: "#calls/sms/generate" }, "sms/generate")), place),
    input, read: () => input.value,
  };
}
