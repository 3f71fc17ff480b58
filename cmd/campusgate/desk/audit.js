import { ask, draftOf, keepDraft } from "./ask.js";
import { element, newID } from "./dom.js";
import { paged } from "./rows.js";
import { splitView } from "./split.js";
import { facts, heading, orderLink, productLink, userLink } from "./things.js";
import { text } from "./text.js";

const calls = ["category/creat", "category/update", "coupon/creat", "credit/set", "job/retry", "order/arbitrate", "order/list", "order/note", "order/ship", "pay/settle", "product/review", "user/freeze", "user/identity", "user/list", "user/review", "wallet/grant", "wallet/info", "wallet/list"];

// auditPage is what admins and operators have done.
export function auditPage() {
  const [who, call, from, to] = [0, 0, 0, 0].map(newID);
  const list = newID();
  const inputs = {
    user_id: element("input", { id: who, inputmode: "numeric", autocomplete: "off" }),
    call: element("input", { id: call, list, autocomplete: "off", spellcheck: "false" }),
    time_begin: element("input", { id: from, type: "date" }),
    time_end: element("input", { id: to, type: "date" }),
  };
  const asked = () => {
    const data = Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.value.trim()]).filter(([, value]) => value));
    if (data.time_begin) data.time_begin += " 00:00:00";
    if (data.time_end) data.time_end += " 23:59:59";
    return data;
  };
  for (const [key, input] of Object.entries(inputs)) {
    input.value = draftOf("audit")[key] ?? "";
    input.addEventListener("input", () => keepDraft("audit", { ...draftOf("audit"), [key]: input.value }));
  }
  let wanted = asked();
  const source = paged(async (page, count) => {
    const found = await ask("audit/list", { ...wanted, page, count });
    if (!found.data) return found;
    const first = (page - 1) * count;
    return { data: { num: found.data.num, list: found.data.list.map((row, i) => ({ kind: "entry", id: String(first + i), ...row })) } };
  }, () => view.update());
  const tool = element("details", { open: Object.keys(wanted).length > 0 }, element("summary", {}, text.narrow), element("form", { class: "narrow", onsubmit(event) {
    event.preventDefault();
    wanted = asked();
    location.hash = "#audit";
    view.list.move(-1e5, false);
    source.again();
  } },
  ...[[who, text.whoDid, inputs.user_id], [call, text.call, inputs.call], [from, text.firstDay, inputs.time_begin], [to, text.lastDay, inputs.time_end]].map(([id, label, input]) =>
    element("div", { class: "field" }, element("label", { for: id }, label), input)),
  element("datalist", { id: list }, ...calls.map((name) => element("option", { value: name }))),
  element("button", { type: "submit" }, text.show)));
  const whoOf = ({ user_id: id }) => id === 0 ? text.commandLine : String(id);
  const view = splitView("audit", {
    label: text.audit, tool, tabs: [{ name: "all", label: text.audit, source: () => source }],
    show: (row) => [element("span", { class: "top" }, element("strong", {}, text.audited[row.call] ?? row.call), element("span", { class: "hint" }, row.creat_time)),
      element("span", {}, row.target), element("span", { class: "hint" }, whoOf(row))],
    openers: {
      entry: (_, { row }) => row ? { element: element("article", {}, heading(text.audited[row.call] ?? row.call),
        facts([text.call, element("code", {}, row.call)], [text.target, targetOf(row.target)], [text.whoDid, row.user_id === 0 ? text.commandLine : userLink(row.user_id)], [text.when, row.creat_time],
          [text.was, row.before], [text.became, row.after])) } : { problem: text.nothingHere },
    },
  });
  source.again();
  return view;
}

// targetOf leads to what was changed, where the desk can show it.
function targetOf(target) {
  const [, kind, id] = /^(user|order|product) (\d+)$/.exec(target) ?? [];
  return { user: userLink, order: orderLink, product: productLink }[kind]?.(id, target) ?? target;
}
