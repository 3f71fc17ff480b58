import { load } from "./client.js";
import { code, element } from "./dom.js";
import { plot } from "./plot.js";
import { text } from "./text.js";

// livePage plots the last minutes of the server, for as long as it is shown.
export function livePage() {
  const page = element("div", {}, element("p", { class: "hint" }, text.liveAbout));
  const requests = plot(text.requests, [{ label: text.requests }]);
  const p99 = plot(text.p99, [{ label: text.p99, unit: "ms" }]);
  const failures = plot(text.failures, [{ label: text.failures, colour: "bad" }]);
  const statuses = element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": text.byStatus });
  const problem = element("p", { class: "wrong", role: "status" });
  page.append(problem, requests.element, p99.element, failures.element, element("h2", {}, text.byStatus), statuses);

  async function draw() {
    if (!page.isConnected) return;
    try {
      const figures = document.hidden ? undefined : await load("console/figures.json");
      problem.textContent = "";
      if (figures) {
        const { seconds, end } = figures;
        const times = figures.requests.map((_, i) => end - seconds * (figures.requests.length - i));
        requests.draw(times, [figures.requests.map((count) => count / seconds)]);
        p99.draw(times, [figures.p99.map((value, i) => figures.requests[i] > 0 ? value : null)]);
        failures.draw(times, [figures.failures.map((count) => count / seconds)]);
        statuses.replaceChildren(statusTable(figures.statuses));
      }
    } catch {
      problem.textContent = text.down;
    }
    setTimeout(draw, 2000);
  }
  setTimeout(draw);
  return page;
}

function statusTable(statuses) {
  if (statuses.length === 0) return element("p", { class: "hint" }, text.noFailures);
  return element("table", {}, element("thead", {}, element("tr", {},
    ...[text.call, text.status, text.count].map((head) => element("th", { scope: "col" }, head)))),
  element("tbody", {}, ...statuses.map(({ call, status, count }) => element("tr", {},
    element("td", {}, code(call)), element("td", { class: "wrong" }, code(status)), element("td", {}, String(count))))));
}
