import { send } from "./client.js";
import { element, newID } from "./dom.js";
import { pictureInput } from "./picture.js";
import { listen } from "./push.js";
import { meaningOf, sayDetail } from "./refusal.js";
import { account, onChange, session } from "./session.js";
import { text } from "./text.js";

// How often the lists are read, in milliseconds, without pushes and beside them: these are
// hints, and one may be lost.
const pollEvery = 5000;
const pollBesidePushes = 60_000;

// newKey is a request_key that no other message has. (crypto.randomUUID wants https.)
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// What was typed stays while another page is shown, or the same one in another language: the
// product that was looked for, messages by their conversations, and the last of these of a token.
const typed = { wanted: "", drafts: new Map(), last: undefined };

// messagesPage shows the conversations of the account that the page acts as, and one of them,
// for as long as it is shown. find finds a call by its name.
export function messagesPage(find) {
  const list = element("ul", { class: "conversations", "aria-label": text.conversations });
  const thread = element("section", { class: "thread" });
  const problem = element("p", { class: "wrong", role: "status" });
  const page = element("div", {}, element("p", { class: "hint" }, text.messagesAbout), asking(find, open), problem,
    element("div", { class: "talk" }, list, thread));
  let shown; // the conversation that is open: its user, product, and box
  let token = session.token;
  const pictures = {}; // those that were shown, by their URLs
  let pushes; // to the account
  const attached = () => page.isConnected;

  // ask makes a call as the account, and is undefined where it fails.
  async function ask(call, data) {
    const asked = session.token;
    const { envelope, problem: why, http } = await send(find(call), data);
    if (asked !== session.token) return undefined; // another account's by now
    const failure = why ? text[why] : envelope.status === 0 ? "" : [meaningOf(find(call), envelope), await sayDetail(envelope.detail)].filter(Boolean).join(". ");
    problem.textContent = typeof failure === "function" ? failure(http) : failure;
    return envelope?.status === 0 ? envelope.data : undefined;
  }

  async function refresh() {
    if (!session.token) return list.replaceChildren(element("li", { class: "hint" }, text.tokenHint));
    const found = await ask("message/conversations", { count: 50 });
    if (!found) return;
    list.replaceChildren(...found.list.map((row) => element("li", {}, element("button", {
      type: "button", class: "second", "aria-current": is(row) && "true", onclick: () => open(row),
    }, element("strong", {}, row.user_name || String(row.user_id)), row.unread > 0 && element("span", { class: "unread" }, text.unread(row.unread)),
    element("span", { class: "hint" }, row.content || text.aPicture)))));
    if (found.list.length === 0) list.append(element("li", { class: "hint" }, text.noConversations));
    if (shown) await read();
  }

  const is = (row) => shown && String(row.user_id) === String(shown.user_id) && row.product_id === shown.product_id;

  // read shows the newest messages, and says that they were read.
  async function read() {
    const { user_id: user, product_id: product, box } = shown;
    const found = await ask("message/list", { user_id: user, product_id: product, count: 50 });
    if (!found || shown?.box !== box) return;
    const newest = found.list[0]?.message_id ?? 0;
    if (newest === shown.newest) return;
    shown.newest = newest;
    box.replaceChildren(...found.list.reverse().map((row) => element("li", { class: String(row.user_id) === String(user) ? "theirs" : "mine" },
      row.pic_url ? picture(row.pic_url) : element("span", {}, row.content), element("time", { class: "hint" }, row.creat_time))));
    box.scrollTop = box.scrollHeight;
    if (await ask("message/read", { user_id: user, product_id: product })) refresh();
  }

  // picture shows one of a message, which only the two see: it is asked for with the token.
  function picture(url) {
    const shown = element("img", { class: "stored", alt: text.picture });
    pictures[url] ??= send(find("get/message"), { name: url.slice(url.lastIndexOf("/") + 1) });
    pictures[url].then(({ picture: bytes }) => { if (bytes) shown.src = bytes; });
    return shown;
  }

  function open({ user_id: user, user_name: name, product_id: product }) {
    const id = newID();
    const box = element("ol", { class: "messages", tabindex: "0", "aria-live": "polite", "aria-label": text.messagesWith(name || user) });
    const input = element("textarea", { id, maxlength: "1000", rows: "2", required: true, onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.target.form.requestSubmit();
    } });
    const draft = `${token} ${user} ${product}`;
    input.value = typed.drafts.get(draft) ?? "";
    typed.last = { token, row: { user_id: user, user_name: name, product_id: product } };
    const button = element("button", { type: "submit" }, text.send);
    let key = newKey(); // what is sent again after a failure is one message
    async function say(what) {
      button.disabled = true;
      const sent = await ask("message/send", { user_id: String(user), product_id: product, ...what, request_key: key });
      button.disabled = false;
      if (!sent) return false;
      key = newKey();
      refresh();
      return true;
    }
    const form = element("form", { class: "compose", async onsubmit(event) {
      event.preventDefault();
      if (!await say({ content: input.value })) return;
      input.value = "";
      typed.drafts.delete(draft);
    } }, element("label", { for: id }, text.message), input, button);
    input.addEventListener("input", () => {
      key = newKey();
      typed.drafts.set(draft, input.value);
    });
    async function upload(base64) {
      const uploaded = await ask("message/upload", { base64 });
      if (uploaded && await say({ pic_url: uploaded.url })) more.open = false;
    }
    const more = element("details", { class: "more" }, element("summary", {}, text.more), sendPicture(upload), blocking(ask, user));
    shown = { user_id: user, product_id: product, box, newest: -1 };
    thread.replaceChildren(element("h2", { tabindex: "-1" }, text.messagesWith(name || user)), box, form, more);
    input.focus();
    refresh();
  }

  onChange(() => {
    if (session.token === token) return;
    token = session.token;
    shown = undefined;
    thread.replaceChildren();
    list.replaceChildren();
    if (attached()) begin();
    else pushes?.end();
  });

  function begin() {
    refresh();
    pushes?.end();
    pushes = listen(find, ({ subtype = "message" }) => subtype === "message" && refresh());
  }
  async function poll() {
    if (!attached()) return pushes.end();
    if (!document.hidden) await refresh();
    setTimeout(poll, pushes.isOpen() ? pollBesidePushes : pollEvery);
  }
  setTimeout(() => {
    begin();
    if (typed.last?.token === token) open(typed.last.row);
    setTimeout(poll, pollEvery);
  });
  return page;
}

// sendPicture chooses a picture and has it sent.
function sendPicture(upload) {
  const id = newID();
  let chosen = "";
  const button = element("button", { type: "submit", class: "second" }, text.sendPicture);
  return element("form", { class: "field", onsubmit(event) {
    event.preventDefault();
    if (chosen) upload(chosen);
  } }, element("label", { for: id }, text.picture), pictureInput(id, undefined, (base64) => { chosen = base64; }).element, element("p", { class: "actions" }, button));
}

// blocking keeps a user from sending messages, or no longer: who is blocked is not told.
function blocking(ask, user) {
  const done = element("span", { class: "hint", role: "status" });
  const button = (state, label, said) => element("button", { type: "button", class: "second", async onclick() {
    if (await ask("message/block", { user_id: String(user), state })) done.textContent = said;
  } }, label);
  return element("p", { class: "actions" }, button(1, text.block, text.blocked), button(0, text.unblock, text.unblocked), done);
}

// asking finds a product, to ask its seller about.
function asking(find, open) {
  const id = newID();
  const input = element("input", { id, type: "search", oninput: () => { typed.wanted = input.value; } });
  input.value = typed.wanted;
  const found = element("div", { class: "choice", "aria-live": "polite" });
  const choice = element("details", {}, element("summary", {}, text.askAbout),
    element("form", { class: "actions", async onsubmit(event) {
      event.preventDefault();
      const { envelope } = await send(find("product/search"), input.value ? { key: input.value } : {});
      const rows = (envelope?.data?.list ?? []).filter((row) => String(row.user_id) !== account()?.id);
      found.replaceChildren(...rows.map((row) => element("button", { type: "button", class: "second", onclick() {
        choice.open = false;
        open(row);
      } },
        `${row.product_name} · ¥${row.product_price} · ${row.user_name}`)));
      if (rows.length === 0) found.append(element("p", { class: "hint" }, text.nothingFound));
    } }, element("label", { for: id }, text.product), input, element("button", { type: "submit", class: "second" }, text.search)), found);
  return choice;
}
