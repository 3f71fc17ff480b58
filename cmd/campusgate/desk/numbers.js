import { ask, draftOf, keepDraft, read } from "./ask.js";
import { table } from "./calls.js";
import { send } from "./client.js";
import { element, newID } from "./dom.js";
import { plot } from "./plot.js";
import { session } from "./session.js";
import { tableOf, yuan } from "./things.js";
import { text } from "./text.js";

const dayMs = 24 * 60 * 60 * 1000;
const dayOf = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

// numbersPage shows what happened on each day, the last 30 unless others are asked for, and has
// the table of orders to keep.
export function numbersPage() {
  const [begin, end] = [newID(), newID()];
  const from = element("input", { id: begin, type: "date", required: true });
  const to = element("input", { id: end, type: "date", required: true });
  const typed = () => keepDraft("numbers", { from: from.value, to: to.value });
  [from, to].forEach((input) => input.addEventListener("input", typed));
  const problem = element("p", { class: "wrong", role: "alert" });
  const sums = element("div", { class: "sums" });
  const kept = element("p", { role: "status" });
  const plots = [
    plot(text.ordersADay, [{ label: text.made }, { label: text.paid, colour: "good" }], { date: true }),
    plot(text.moneyADay, [{ label: text.paid, colour: "good" }, { label: text.wentBack, colour: "bad" }], { date: true }),
    plot(text.usersADay, [{ label: text.usersADay }], { date: true }),
  ];
  const days = element("div");
  const page = element("div", { class: "numbers" },
    element("form", { class: "range", onsubmit(event) {
      event.preventDefault();
      draw();
    } }, field(begin, text.firstDay, from), field(end, text.lastDay, to), element("button", { type: "submit" }, text.show),
    element("button", { type: "button", class: "second", onclick: keepTable }, text.keepOrders)), problem, kept, sums, ...plots.map((one) => one.element), days);

  async function draw() {
    problem.textContent = "";
    const { data, problem: why } = await ask("stats/summary", { date_begin: from.value, date_end: to.value });
    if (why) {
      problem.textContent = why;
      return;
    }
    const rows = data.list.toReversed();
    const of = (key) => rows.map((row) => row[key]);
    const sum = (key) => of(key).reduce((all, one) => all + one, 0);
    sums.replaceChildren(...[[text.made, sum("orders")], [text.paid, sum("paid")], [text.moneyPaid, yuan(sum("pay_price"))], [text.wentBack, yuan(sum("refunded"))], [text.cameNew, sum("users")]]
      .map(([label, value]) => element("div", { class: "sum" }, element("strong", {}, String(value)), element("span", { class: "hint" }, label))));
    const times = rows.map(({ date }) => Date.parse(`${date}T00:00:00`) / 1000);
    plots[0].draw(times, [of("orders"), of("paid")]);
    plots[1].draw(times, [of("pay_price"), of("refunded")]);
    plots[2].draw(times, [of("users")]);
    days.replaceChildren(element("details", {}, element("summary", {}, text.asTable), tableOf(text.asTable, [text.day, text.made, text.paid, text.moneyPaid, text.wentBack, text.cameNew],
      data.list.map((row) => [row.date, String(row.orders), String(row.paid), yuan(row.pay_price), yuan(row.refunded), String(row.users)]))));
  }

  async function keepTable() {
    problem.textContent = "";
    kept.textContent = text.loading;
    const asked = session.token;
    const answer = await send(table, { date_begin: from.value, date_end: to.value });
    kept.textContent = "";
    if (!answer.file) {
      problem.textContent = (await read(table.name, asked, answer)).problem;
      return;
    }
    const link = element("a", { class: "button", href: answer.file, download: answer.name }, text.keepFile(answer.name));
    kept.replaceChildren(link);
    link.click();
  }

  // Days are those of the server, whose clock and time zone may be others than the browser's: the
  // newest row of the audit, which the desk adds to when it begins, is of its today.
  async function lately() {
    const draft = draftOf("numbers");
    if (draft.from || draft.to) {
      [from.value, to.value] = [draft.from, draft.to];
      return draw();
    }
    const { data } = await ask("audit/list", { count: 1 });
    const today = data?.list[0] ? new Date(`${data.list[0].creat_time.slice(0, 10)}T12:00:00`) : new Date();
    from.value = dayOf(new Date(today.getTime() - 29 * dayMs));
    to.value = dayOf(today);
    return draw();
  }
  setTimeout(lately);
  return { element: page, at() {} };
}

const field = (id, label, input) => element("div", { class: "field" }, element("label", { for: id }, label), input);
