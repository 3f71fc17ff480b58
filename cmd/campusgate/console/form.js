import { codeBox } from "./captcha.js";
import { send } from "./client.js";
import { code, element, newID, prose } from "./dom.js";
import { pictureInput } from "./picture.js";
import { onChange, session } from "./session.js";
import { text } from "./text.js";

// callForm is a form made from a call's rules. Only the fields in shown are asked
// for, where it is given; values fill the form. The server decides what is right:
// its refusals are put beside their fields.
export function callForm(call, { shown, values = {}, find, onInput }) {
  const asked = call.fields.filter(({ name }) => !shown || shown.includes(name));
  const controls = new Map(asked.map((field) => [field.name, control(call, field, values[field.name], find, onInput)]));
  return {
    element: element("div", { class: "fields" }, ...[...controls.values()].map((one) => one.element)),
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
    // explain puts a refusal's detail ("key: rule", or "key[2].inner: rule") beside its
    // field, and reports whether there was one.
    explain(detail = "") {
      controls.forEach((one) => one.explain(""));
      const [, name, inner, rule] = /^(\w+)([\w.[\]]*): (.*)$/s.exec(detail) ?? [];
      const at = controls.get(name);
      at?.explain(inner ? `${inner} ${rule}` : rule);
      return at !== undefined;
    },
  };
}

function control(call, field, value, find, onInput) {
  const id = newID();
  const hint = element("p", { class: "hint", id: newID() }, ...prose(field.description));
  const wrong = element("p", { class: "wrong", id: newID(), role: "alert" });
  const described = `${hint.id} ${wrong.id}`;
  const label = element("label", { for: id }, code(field.name),
    element("span", { class: "hint" }, field.required ? " *" : ` ${text.optional}`));
  const made = inputOf(call, field, value, { id, described, find, onInput });
  return {
    element: element("div", { class: "field" }, label, made.element, wrong, hint),
    read: made.read,
    onProgress: made.onProgress,
    explain(rule) {
      wrong.textContent = rule && text.field1(field.name) + rule;
      if (!rule) return made.input.removeAttribute("aria-invalid");
      made.input.setAttribute("aria-invalid", "true");
      made.input.focus();
    },
  };
}

function inputOf(call, field, value, { id, described, find, onInput }) {
  const common = { id, name: field.name, "aria-describedby": described, required: field.required, oninput: onInput };
  switch (field.kind) {
    case "file": return fileOf(id, described, onInput);
    case "choice": return choiceOf(field, value, common);
    case "number": return numberOf(field, value, common);
    case "json": return jsonOf(value, common);
    default:
      return field.name === "hash" ? hashOf(call, common, find) : textOf(field, value, common);
  }
}

function textOf(field, value, common) {
  const input = element(field.kind === "long" ? "textarea" : "input", {
    ...common, maxlength: field.maxLength, pattern: field.pattern, autocomplete: "off",
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
  input.value = value === undefined ? "" : JSON.stringify(value, null, 2);
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

function choiceOf(field, value, common) {
  const input = element("select", common,
    !(field.required && value !== undefined) && element("option", { value: "" }, "–"),
    ...field.choices.map((choice, i) => element("option", { value: String(i) }, String(choice))));
  const chosen = field.choices.findIndex((choice) => String(choice) === String(value));
  input.value = chosen < 0 ? "" : String(chosen);
  return { element: input, input, read: () => input.value === "" ? "" : field.choices[input.value] };
}

function fileOf(id, described, onInput) {
  let base64 = "";
  const picture = pictureInput(id, described, (read) => {
    base64 = read;
    onInput();
  });
  return { ...picture, read: () => base64 };
}

// hashOf is filled with the hash that the page keeps; a captcha can be drawn
// beside it.
function hashOf(call, common, find) {
  const type = call.name === "sms/validate" ? "sms" : "img";
  const input = element("input", { ...common, autocomplete: "off", spellcheck: "false" });
  const fill = () => {
    if (!session.hashes[type] || input.value === session.hashes[type]) return;
    input.value = session.hashes[type];
    common.oninput();
  };
  const place = element("div");
  const draw = element("button", {
    type: "button", class: "second",
    async onclick() {
      const { envelope } = await send(find("img/generate"), {});
      place.replaceChildren(envelope?.status === 0 ? codeBox(envelope.data) : envelope?.message ?? text.down);
      place.querySelector("input")?.focus();
    },
  }, text.drawCaptcha);
  input.value = session.hashes[type] ?? "";
  onChange(() => input.isConnected && fill());
  return { element: element("div", {}, input, type === "img" && draw, place), input, read: () => input.value };
}
