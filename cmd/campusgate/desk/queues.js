import { ask, pages } from "./ask.js";
import { find } from "./calls.js";
import { listen } from "./push.js";
import { linesOf, yuan } from "./things.js";
import { text } from "./text.js";

// What waits for an admin, each as {queue, kind, id, title, line, since, …}. The counts move by
// themselves: most is asked for every few seconds while the page is in sight. What asks for
// verifications is written into the audit each time, so it is asked for when a push says that
// something happened, and otherwise rarely.
const pollEvery = 5000; // milliseconds
const verificationsEvery = 10 * 60 * 1000;
const most = 10; // pages of a hundred rows

export const names = ["reviews", "reports", "verifications", "appeals", "anomalies"];

const readers = { products: readProducts, verifications: readVerifications, appeals: readAppeals, anomalies: readAnomalies };

// queues are what is known by now; problem is why something could not be read.
export const queues = { rows: Object.fromEntries(names.map((name) => [name, []])), problem: "", ready: false };

let tell = () => {};
const dropped = new Set(); // decided here, while an older answer may be on its way

// all is everything that waits, what waits longest first.
export const all = () => names.flatMap((name) => queues.rows[name]).sort((a, b) => a.since < b.since ? -1 : a.since > b.since ? 1 : 0);

const keyOf = ({ queue, id }) => `${queue} ${id}`;

// drop takes out what was decided, before the server is asked again.
export function drop(row) {
  dropped.add(keyOf(row));
  for (const name of names) queues.rows[name] = queues.rows[name].filter((one) => keyOf(one) !== keyOf(row));
  setTimeout(() => dropped.delete(keyOf(row)), pollEvery);
  tell();
}

function keep(name, rows) {
  queues.rows[name] = rows.filter((row) => !dropped.has(keyOf(row)));
}

async function readProducts() {
  const { rows, problem } = await pages("product/reviews", {}, most);
  if (problem) return problem;
  const made = rows.map((row) => ({
    queue: row.reports > 0 ? "reports" : "reviews", kind: "product", id: String(row.product_id), since: row.since_time, title: row.product_name,
    line: `${row.user_name} · ${yuan(row.product_price)}${row.reason && ` · ${row.reason}`}`, reports: row.reports, reason: row.reason,
  }));
  for (const name of ["reviews", "reports"]) keep(name, made.filter(({ queue }) => queue === name));
  return "";
}

async function readVerifications() {
  const { rows, problem } = await pages("user/list", { verify_state: 1 }, most);
  if (problem) return problem;
  keep("verifications", rows.reverse().map((row) => ({
    queue: "verifications", kind: "verification", id: String(row.user_id), since: "", title: row.user_name, line: [row.phone, String(row.user_id)].filter(Boolean).join(" · "),
    user_name: row.user_name, phone: row.phone,
  })));
  return "";
}

const infos = new Map(); // of orders with a refund, by number and clock: whether it was appealed

// The list does not say whether the seller or an admin has to decide a refund; the order does.
async function readAppeals() {
  const { rows, problem } = await pages("order/list", { role: "all", state: "refund" }, most);
  if (problem) return problem;
  const found = [];
  for (const row of rows) {
    const action = row.actions.find(({ subtype }) => subtype === "arbitrate");
    if (!action || row.state !== "refunding") continue;
    const key = `${row.order_id} ${action.until}`;
    if (!infos.has(key)) {
      const { data, problem: why } = await ask("order/info", { order_id: row.order_id });
      if (why) return why;
      infos.set(key, data.appealed && { since: data.history.at(-1).time, reason: data.history.at(-1).note });
    }
    const appealed = infos.get(key);
    if (!appealed) continue;
    found.push({
      queue: "appeals", kind: "order", id: row.order_id, since: appealed.since, title: linesOf(row.lines), until: action.until,
      line: `${row.user_name} · ${yuan(row.pay_price)}${appealed.reason && ` · ${appealed.reason}`}`,
    });
  }
  keep("appeals", found.reverse());
  return "";
}

async function readAnomalies() {
  const { rows, problem } = await pages("pay/anomalies", {}, most);
  if (problem) return problem;
  keep("anomalies", rows.reverse().map((row) => ({
    queue: "anomalies", kind: "anomaly", id: `${row.attempt_id}.${row.kind}`, since: row.creat_time, title: text.anomalies[row.kind] ?? row.kind,
    line: `${text.methodOf(row.channel)} · ${yuan(row.amount)}`, anomaly: row.kind, amount: row.amount, channel: row.channel, attempt_id: row.attempt_id, pay_id: row.pay_id,
  })));
  return "";
}

let reading = false;

// refresh reads some of the queues, all unless told which.
export async function refresh(which = Object.keys(readers)) {
  if (reading) return;
  reading = true;
  const problems = await Promise.all(which.map((name) => readers[name]()));
  reading = false;
  queues.problem = problems.find(Boolean) ?? "";
  queues.ready = true;
  tell();
}

// watch calls changed whenever something moved, until the function that it returns is called.
export function watch(changed) {
  tell = changed;
  let asked = 0; // when verifications were
  let ended = false;
  const often = Object.keys(readers).filter((name) => name !== "verifications");

  function turn() {
    const rare = Date.now() - asked > verificationsEvery;
    if (rare) asked = Date.now();
    return refresh(rare ? undefined : often);
  }
  async function poll() {
    if (ended) return;
    if (!document.hidden) await turn();
    setTimeout(poll, pollEvery);
  }
  let soon;
  const deafen = listen(find, ({ subtype }) => {
    if (subtype === "message") return;
    clearTimeout(soon);
    soon = setTimeout(() => {
      if (subtype) asked = 0;
      turn();
    }, 300);
  });
  poll();
  return () => {
    ended = true;
    deafen();
  };
}
