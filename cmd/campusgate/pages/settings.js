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

export const language = kept("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

document.documentElement.lang = language === "zh" ? "zh-CN" : "en";

const theme = kept("theme") ?? "";
document.documentElement.dataset.theme = theme;

function keep(name, value) {
  try {
    localStorage.setItem(names[name], value);
  } catch { // it holds until the page is left
  }
}

const words = language === "zh"
  ? { language: "语言", theme: "外观", auto: "跟随系统", light: "浅色", dark: "深色" }
  : { language: "Language", theme: "Theme", auto: "as the system", light: "light", dark: "dark" };

// settingsBar has the two choices. Another language is another page; the theme changes at once.
export function settingsBar() {
  const choices = [
    choice("language", language, [["zh", "中文"], ["en", "English"]], () => location.reload()),
    choice("theme", theme, [["", words.auto], ["light", words.light], ["dark", words.dark]],
      (value) => { document.documentElement.dataset.theme = value; }),
  ];
  return element("span", { class: "settings" }, ...choices);
}

function choice(name, value, options, chosen) {
  const id = newID();
  const select = element("select", { id, onchange() {
    keep(name, select.value);
    chosen(select.value);
  } }, ...options.map(([option, label]) => element("option", { value: option, selected: option === value }, label)));
  return element("span", {}, element("label", { for: id, class: "unseen" }, words[name]), select);
}
