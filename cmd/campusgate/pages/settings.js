// The language and the theme of the page: the browser's until somebody chooses, then what was
// chosen, for all pages of this server.
import { element, newID } from "./dom.js";

const names = { language: "campusgate.language", theme: "campusgate.theme" };

// A browser that keeps nothing for us has its own language and theme.
const kept = (name) => {
  try {
    return localStorage.getItem(names[name]);
  } catch {
    return null;
  }
};

export let language = kept("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
let theme = kept("theme") ?? "";
document.documentElement.dataset.theme = theme;

const choices = new EventTarget();
const named = () => { document.documentElement.lang = language === "zh" ? "zh-CN" : "en"; };
named();

// onLanguage calls a listener whenever another language was chosen: what holds words takes the
// other ones.
export const onLanguage = (listener) => choices.addEventListener("change", listener);

// onTheme calls a listener whenever the colours are others, as somebody or the system wants them.
export const onTheme = (listener) => {
  choices.addEventListener("theme", listener);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
};

// speak has all words of the page in a language from now on; what is shown by then is not.
export function speak(wanted) {
  language = wanted;
  keep("language", wanted);
  named();
  choices.dispatchEvent(new Event("change"));
}

function keep(name, value) {
  try {
    localStorage.setItem(names[name], value);
  } catch { // it holds until the page is left
  }
}

const words = () => language === "zh"
  ? { language: "语言", theme: "外观", auto: "跟随系统", light: "浅色", dark: "深色" }
  : { language: "Language", theme: "Theme", auto: "as the system", light: "light", dark: "dark" };

// settingsBar has the two choices. Both hold at once and lose nothing that was typed: turn shows
// the page in another language, which it has the words speak once it can.
export function settingsBar(turn) {
  const { auto, light, dark } = words();
  const bar = [
    choice("language", language, [["zh", "中文"], ["en", "English"]], async (value, select) => {
      await turn(value);
      select.value = language; // as before where it could not
      if (!select.isConnected) document.querySelector(".settings select")?.focus();
    }),
    choice("theme", theme, [["", auto], ["light", light], ["dark", dark]], (value) => {
      theme = value;
      keep("theme", value);
      document.documentElement.dataset.theme = value;
      choices.dispatchEvent(new Event("theme"));
    }),
  ];
  return element("span", { class: "settings" }, ...bar);
}

function choice(name, value, options, chosen) {
  const id = newID();
  const select = element("select", { id, onchange: () => chosen(select.value, select) }, ...options.map(([option, label]) => element("option", { value: option, selected: option === value }, label)));
  return element("span", {}, element("label", { for: id, class: "unseen" }, words()[name]), select);
}
