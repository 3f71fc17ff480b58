import { ask, pages } from "./ask.js";
import { find } from "./calls.js";
import { listen } from "./push.js";
import { linesOf, yuan } from "./things.js";
import { text } from "./text.js";

// What waits for an admin, each as {queue, kind, id, title, line, since, …}. The counts move by
// themselves: all is asked for every few seconds while the page is in sight.
const pollEvery = 5000; // milliseconds
const most = 10; // pages of a hundred rows
const longEvery = 60 * 1000; // milliseconds, for what is longer than a page

export const names = ["reviews", "reports", "verifications", "appeals", "anomalies", "jobs"];

const readers = { products: readProducts, verifications: readVerifications, appeals: readAppeals, anomalies: readAnomalies, jobs: readJobs };

// queues are what is known by now; problem is why something could not be read.
export const queues = { rows: Object.fromEntries(names.map((name) => [name, []])), problem: "", ready: false };

let tell = () => {};
const dropped = new Set(); // decided here, while an older answer may be on its way

// all is everything that waits: what has no time of its own, as appeals have a deadline instead,
// and then what waits longest.
export const all = () => names.flatMap((name) => queues.rows[name]).sort((a, b) => a.since < b.since ? -1 : a.since > b.since ? 1 : 0);

const keyOf = ({ queue, id }) => `${queue} ${id}`;

// drop takes out what was decided, before the server is asked again.
export function drop(row) {
  dropped.add(keyOf(row));
  for (const name of names) queues.rows[name] = queues.rows[name].filter((one) => keyOf(one) !== keyOf(row));
  if (row.queue === "verifications") verifications--;
  setTimeout(() => dropped.delete(keyOf(row)), pollEvery);
  tell();
}

function keep(name, rows) {
  queues.rows[name] = rows.filter((row) => !dropped.has(keyOf(row)));
}

async function readProducts(now) {
  const rows = await lately("product/reviews", {}, now);
  if (!rows) return;
  const made = rows.map((row) => ({
    queue: row.reports > 0 ? "reports" : "reviews", kind: "product", id: String(row.product_id), since: row.since_time, title: row.product_name,
    line: `${row.user_name} · ${yuan(row.product_price)}${row.reason && ` · ${row.reason}`}`, reports: row.reports, reason: row.reason,
  }));
  for (const name of ["reviews", "reports"]) keep(name, made.filter(({ queue }) => queue === name));
}

let verifications; // how many were there when they were read, less those decided here

// What a list of accounts shows is written into the audit each time, so they are counted, which
// is not, and read where they are others than before.
async function readVerifications(now, anew) {
  const { data, problem } = await ask("user/list", { verify_state: 1, num_only: true });
  if (problem) throw new Error(problem);
  if (data.num === verifications && !anew) return;
  const rows = await lately("user/list", { verify_state: 1 }, now);
  if (!rows) return;
  verifications = data.num;
  keep("verifications", rows.reverse().map((row) => ({
    queue: "verifications", kind: "verification", id: String(row.user_id), since: "", title: row.user_name, line: [row.phone, String(row.user_id)].filter(Boolean).join(" · "),
    user_name: row.user_name, phone: row.phone,
  })));
}

const next = new Map(); // by a call, when it is read again where it was long

// lately reads the rows of a queue, unless they are many and were read a moment ago: then it is
// undefined. It throws why it cannot.
async function lately(name, data, now) {
  if (!now && Date.now() < (next.get(name) ?? 0)) return undefined;
  const { rows, problem } = await pages(name, data, most);
  if (problem) throw new Error(problem);
  next.set(name, rows.length > 100 ? Date.now() + longEvery : 0);
  return rows;
}

// An appeal has until it must be decided, which says more than since when it is there.
async function readAppeals(now) {
  const rows = await lately("order/list", { role: "all", appealed: true }, now);
  if (!rows) return;
  const found = [];
  for (const row of rows) {
    const action = row.actions.find(({ subtype }) => subtype === "arbitrate"); // an admin's own is another's to decide
    if (!action) continue;
    found.push({
      queue: "appeals", kind: "order", id: row.order_id, since: "", title: linesOf(row.lines), until: action.until, line: `${row.user_name} · ${yuan(row.pay_price)}`,
    });
  }
  keep("appeals", found.sort((a, b) => a.until < b.until ? -1 : 1));
}

async function readAnomalies(now) {
  const rows = await lately("pay/anomalies", {}, now);
  if (!rows) return;
  keep("anomalies", rows.reverse().map((row) => ({
    queue: "anomalies", kind: "anomaly", id: `${row.attempt_id}.${row.kind}`, since: row.creat_time, title: text.anomalies[row.kind] ?? row.kind,
    line: `${text.methodOf(row.channel)} · ${yuan(row.amount)}`, anomaly: row.kind, amount: row.amount, channel: row.channel, attempt_id: row.attempt_id, pay_id: row.pay_id,
  })));
}

async function readJobs(now) {
  const rows = await lately("job/list", {}, now);
  if (!rows) return;
  keep("jobs", rows.map((row) => ({
    queue: "jobs", kind: "job", id: String(row.job_id), since: row.end_time, title: text.jobs[row.kind] ?? row.kind,
    line: [row.target, row.error].filter(Boolean).join(" · "), job: row.kind, target: row.target, tries: row.tries, error: row.error,
  })));
}

let reading = Promise.resolve(); // one read after the other

// arrived waits until the queues were read once.
export const arrived = () => queues.ready ? undefined : reading;

// refresh reads the queues: long ones too where it is for now, and all of them anew where that is
// asked for.
export function refresh(now = true, anew = false) {
  reading = reading.then(async () => {
    const read = await Promise.allSettled(Object.values(readers).map((one) => one(now, anew)));
    queues.problem = read.find(({ reason }) => reason)?.reason.message ?? "";
    queues.ready = true;
    tell();
  });
  return reading;
}

// watch calls changed whenever something moved, until the function that it returns is called.
export function watch(changed) {
  tell = changed;
  let ended = false;

  async function poll() {
    if (ended) return;
    if (!document.hidden || !queues.ready) await refresh(false);
    setTimeout(poll, pollEvery);
  }
  let soon;
  const deafen = listen(find, ({ subtype }) => {
    if (subtype === "message") return;
    clearTimeout(soon);
    soon = setTimeout(() => refresh(), 300);
  });
  poll();
  return () => {
    ended = true;
    deafen();
  };
}
