import { load } from "./client.js";
import { element, hiddenName, newID } from "./dom.js";
import { account, keepToken, known, onChange, session, useAccounts, useToken } from "./session.js";
import { text } from "./text.js";

const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

// describe is an account as the choice has it: of the demo's the wallet is known.
const describe = ({ name, role, wealth }) =>
  [name, role && `${text.role} ${role}`, wealth !== undefined && `${text.wallet} ${yuan(wealth)}`].filter(Boolean).join(" · ");

// refreshAccounts asks for the demo's accounts; without --demo there are none.
export async function refreshAccounts() {
  try {
    useAccounts(await load("console/demo.json"));
  } catch { // what was known stays: a call tells that the server is down
  }
}

let typed = session.token; // the last token that somebody has entered

// ownToken is the token that somebody has entered, "" where one of the demo's accounts was
// chosen since.
export const ownToken = () => session.accounts.some(({ token }) => token === typed) ? "" : typed;

// accountBar chooses whose token is sent.
export function accountBar() {
  const ids = [newID(), newID(), newID()];
  const choice = element("select", { id: ids[0], onchange: chosen });
  const token = element("input", {
    id: ids[1], type: "password", autocomplete: "off", spellcheck: "false",
    oninput() {
      typed = token.value.trim();
      useToken(typed);
    },
  });
  const own = element("span", { hidden: true }, hiddenName(), element("label", { for: ids[1] }, text.token), " ", token);
  const keep = element("input", { id: ids[2], type: "checkbox", onchange: () => keepToken(keep.checked) });
  const keeping = element("label", { class: "check", for: ids[2] }, keep, " ", text.keepToken);
  keep.checked = session.kept;
  token.value = session.token;

  function chosen() {
    own.hidden = choice.value !== "own";
    keeping.hidden = own.hidden && !session.kept;
    if (choice.value === "own") {
      token.value = "";
      token.focus();
    }
    typed = "";
    useToken(known().find(({ id }) => id === choice.value)?.token ?? "");
  }

  function show() {
    const ownShown = !own.hidden;
    choice.replaceChildren(
      ...known().map((one) => element("option", { value: one.id }, describe(one))),
      element("option", { value: "" }, text.noToken), element("option", { value: "own" }, text.ownToken));
    const acting = account();
    choice.value = acting ? acting.id : session.token || ownShown ? "own" : "";
    own.hidden = choice.value !== "own";
    keeping.hidden = own.hidden && !session.kept;
    if (token.value.trim() !== session.token) token.value = own.hidden ? "" : session.token;
  }
  onChange(show);
  show();
  return element("form", { class: "account", onsubmit: (event) => event.preventDefault() },
    element("span", {}, element("label", { for: ids[0] }, text.account), " ", choice), own,
    keeping);
}

// accountsNotice says, where there are no accounts to choose, why that is and how one gets one.
// find finds a call by its name.
export function accountsNotice(find) {
  const link = (name, words) => [element("a", { href: `#calls/${name}` }, words), " "];
  const notice = element("p", { class: "notice", role: "note" },
    isLoopback(location.hostname) ? text.noDemo : text.demoElsewhere(location.hostname), " ",
    ...find("user/login") ? [text.logInInstead, " ", ...link("user/login", text.logIn), ...link("user/register", text.register)] : [text.enterToken]);
  const show = () => { notice.hidden = session.token !== "" || session.accounts.length > 0; };
  onChange(show);
  show();
  return notice;
}

// isLoopback is what the server takes for its own machine's name.
const isLoopback = (host) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
