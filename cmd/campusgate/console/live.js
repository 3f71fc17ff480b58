import { load } from "./client.js";
import { code, element } from "./dom.js";
import { text } from "./text.js";

const width = 600;
const height = 110;

// livePage plots the last minutes of the server, for as long as it is shown.
export function livePage() {
  const page = element("div", {}, element("p", { class: "hint" }, text.liveAbout));
  const requests = plot(text.requests);
  const p99 = plot(text.p99);
  const failures = plot(text.failures);
  const statuses = element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": text.byStatus });
  const problem = element("p", { class: "wrong", role: "status" });
  page.append(problem, requests.element, p99.element, failures.element, statuses);

  async function draw() {
    if (!page.isConnected) return;
    try {
      const figures = document.hidden ? undefined : await load("console/figures.json");
      problem.textContent = "";
      if (figures) {
        requests.draw(figures.requests.map((count) => count / figures.seconds));
        p99.draw(figures.p99);
        failures.draw(figures.failures.map((count) => count / figures.seconds));
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

function plot(name) {
  const title = element("title");
  const path = element("path", { class: "line" });
  const told = element("span", { class: "hint" });
  return {
    element: element("figure", {}, element("figcaption", {}, element("strong", {}, name), " ", told),
      element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", preserveAspectRatio: "none", "aria-label": name },
        title, element("line", { x1: 0, x2: width, y1: height - 1, y2: height - 1, class: "axis" }), path),
      element("p", { class: "ends hint" }, element("span", {}, text.minutesAgo), element("span", {}, text.now))),
    draw(values) {
      const highest = Math.max(...values);
      const x = (i) => (i * width / (values.length - 1)).toFixed(1);
      const y = (value) => (height - 2 - (highest > 0 ? value / highest : 0) * (height - 8)).toFixed(1);
      path.setAttribute("d", values.map((value, i) => `${i === 0 ? "M" : "L"}${x(i)} ${y(value)}`).join(""));
      told.textContent = `${text.now} ${round(values.at(-1))} · ${text.max} ${round(highest)}`;
      title.textContent = `${name}: ${told.textContent}`;
    },
  };
}

const round = (value) => String(Number(value.toPrecision(3)));

function statusTable(statuses) {
  if (statuses.length === 0) return element("p", { class: "hint" }, text.noFailures);
  return element("table", {}, element("thead", {}, element("tr", {},
    ...[text.call, text.status, text.count].map((head) => element("th", { scope: "col" }, head)))),
  element("tbody", {}, ...statuses.map(({ call, status, count }) => element("tr", {},
    element("td", {}, code(call)), element("td", {}, code(status)), element("td", {}, String(count))))));
}
