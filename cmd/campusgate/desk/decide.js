import { draftOf, keepDraft, newKey } from "./ask.js";
import { element, newID } from "./dom.js";
import { text } from "./text.js";

// confirmed asks once, in a sentence that says what will happen.
export function confirmed(sentence, yes) {
  return new Promise((resolve) => {
    const id = newID();
    const dialog = element("dialog", { "aria-labelledby": id, onclose() {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
      back?.focus();
    } },
    element("form", { method: "dialog" }, element("p", { id }, sentence),
      element("p", { class: "actions" }, element("button", { value: "yes", autofocus: true }, yes),
        element("button", { value: "no", class: "second" }, text.cancel))));
    const back = document.activeElement;
    document.body.append(dialog);
    dialog.showModal();
  });
}

// decision is a form. Its fields have name, label and kind (text, long, money, number, choice or
// time), with hint, max, options, common (words to choose from), value and when(values) (whether it
// is asked for) where there are any.
// Its buttons have label and run(values, key), whose result is that of ask, and where wanted
// shortcut, check(values) (what is wrong), sentence(values) (asked before), done(), and gone: the
// status that says that somebody else was faster, which is told by done(words). What is typed stays
// until it was done, under a key that nothing else has.
export function decision(key, fields, buttons) {
  const draft = draftOf(key);
  const inputs = new Map();
  const wrong = element("p", { class: "wrong", role: "alert" });
  let once = newKey(); // what is sent again after a failure is one change
  let meant = 0; // the button that Enter presses: the first, or the one that asked for more; kept with what is typed

  const values = () => Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()]));
  function typed() {
    once = newKey();
    keepDraft(key, { ...values(), meant: String(meant) });
    fit();
  }
  function fit() {
    const now = values();
    for (const { name, when } of fields) if (when) inputs.get(name).parentElement.hidden = !when(now);
  }

  async function press(i) {
    const [button, pressed] = [buttons[i], made[i]];
    if (pressed.disabled) return;
    aim(i);
    wrong.textContent = "";
    const now = values();
    const fault = button.check?.(now);
    if (fault) {
      wrong.textContent = fault;
      const shown = [...inputs.values()].filter(({ parentElement }) => !parentElement.hidden);
      (shown.find(({ value }) => value.trim() === "") ?? shown[0])?.focus(); // what is missing, if something is
      return;
    }
    const sentence = button.sentence?.(now);
    if (sentence && !await confirmed(sentence, button.label)) return;
    pressed.disabled = true;
    const { problem, status } = await button.run(now, once);
    pressed.disabled = false;
    const late = problem && status !== undefined && status === button.gone;
    if (problem && !late) {
      wrong.textContent = problem;
      return;
    }
    keepDraft(key, undefined);
    aim(0);
    for (const { name, value, options } of fields) inputs.get(name).value = value ?? options?.[0][0] ?? "";
    fit();
    once = newKey();
    button.done?.(late ? problem : undefined);
  }

  const made = buttons.map((button, i) => element("button", {
    "data-key": button.shortcut, "aria-keyshortcuts": button.shortcut, onclick(event) {
      if (event.currentTarget.type !== "button") return;
      event.preventDefault(); // press makes it the one that submits: it would be pressed twice
      press(i);
    },
  }, button.label, button.shortcut && element("kbd", { "aria-hidden": "true" }, button.shortcut)));

  // aim has Enter press a button: who refuses, and is asked why, does not pass by it.
  function aim(i) {
    meant = i;
    made.forEach((button, at) => {
      button.type = at === i ? "submit" : "button";
      button.className = at === i ? "" : "second";
    });
  }
  aim(Number(draft.meant ?? 0));

  const form = element("form", {
    class: "decision",
    onsubmit(event) {
      event.preventDefault();
      press(meant);
    },
  },
  ...fields.map((field) => fieldOf(field, draft[field.name], inputs, typed)), element("p", { class: "actions" }, ...made), wrong);
  fit();
  return form;
}

function fieldOf({ name, label, kind = "text", hint, max, options, common, value }, drafted, inputs, oninput) {
  const [id, hintID, listID] = [newID(), newID(), newID()];
  const described = { id, "aria-describedby": hint && hintID, oninput, maxlength: max && String(max) };
  let input;
  if (kind === "choice") {
    input = element("select", { ...described, onchange: oninput }, ...options.map(([option, words]) => element("option", { value: option }, words)));
  } else if (kind === "long") {
    input = element("textarea", { ...described, rows: "2" });
  } else {
    input = element("input", {
      ...described, type: "text", autocomplete: "off", list: common && listID,
      inputmode: { money: "decimal", number: "numeric" }[kind], class: (kind === "money" || kind === "number") && "short",
    });
  }
  if (drafted !== undefined || value !== undefined) input.value = drafted ?? value;
  inputs.set(name, input);
  return element("div", { class: "field" }, element("label", { for: id }, label), input,
    hint && element("p", { class: "hint", id: hintID }, hint),
    common && element("datalist", { id: listID }, ...common.map((words) => element("option", { value: words }))));
}

// moneyOf reads yuan: undefined where it is none.
export function moneyOf(typed) {
  return /^-?\d{1,9}(\.\d{1,2})?$/.test(typed) ? Number(typed) : undefined;
}

export const yuan = (amount) => `${amount < 0 ? "−" : ""}¥${Math.abs(amount).toFixed(2)}`;

// folded is something that is rarely wanted.
export const folded = (label, ...children) => element("details", {}, element("summary", {}, label), ...children);
