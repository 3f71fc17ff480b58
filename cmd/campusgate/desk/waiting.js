import { anomalyView } from "./anomaly.js";
import { element } from "./dom.js";
import { jobView } from "./job.js";
import { orderView } from "./order.js";
import { productView } from "./product.js";
import { all, arrived, drop, names, queues } from "./queues.js";
import { listed } from "./rows.js";
import { splitView } from "./split.js";
import { badge } from "./things.js";
import { text } from "./text.js";

// verification is loaded behind the first view, with what shows an account.
async function verification(...asked) {
  const module = await import("./person.js").catch(() => undefined);
  return module ? module.verificationView(...asked) : { problem: text.down };
}

// waitingPage is all that waits for an admin: one after the other, or one kind alone.
export function waitingPage() {
  const rowsOf = (name) => name === "all" ? all() : queues.rows[name];
  const problem = element("p", { class: "wrong", role: "status" });
  const tabs = ["all", ...names].map((name) => {
    const source = listed();
    return {
      name, label: text.queues[name], count: () => queues.ready ? String(rowsOf(name).length) : "…",
      source: () => Object.assign(source, { rows: rowsOf(name), ready: queues.ready }),
    };
  });
  const view = splitView("waiting", {
    label: text.waiting, tabs, tool: problem, empty: text.nothingWaits, arrived, onGone: drop,
    openers: { product: productView, verification, order: orderView, anomaly: anomalyView, job: jobView },
    show: (row) => [
      element("span", { class: "top" }, element("strong", {}, row.title), badge(text.badges[row.queue], ["appeals", "reports", "jobs"].includes(row.queue) ? "bad" : "warn")),
      element("span", { class: "hint" }, row.line), element("span", { class: "hint" }, row.until ? text.untilTime(row.until) : row.since && text.sinceTime(row.since)),
    ],
  });
  return { ...view, waits: true, update() {
    problem.textContent = queues.problem;
    view.update();
  } };
}
