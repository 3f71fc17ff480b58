// Plots with axes and the values under the pointer, drawn by uPlot, which is loaded when the
// first of them is shown.
import { element } from "./dom.js";
import { onTheme } from "./settings.js";

const below = new URL(".", import.meta.url).href;
const day = 24 * 60 * 60; // seconds
let library;

const load = () => library ??= new Promise((resolve, reject) => {
  document.head.append(
    element("link", { rel: "stylesheet", href: `${below}uplot.css` }),
    element("script", { src: `${below}uplot.js`, onload: () => resolve(window.uPlot), onerror: reject }));
});

// colour is one of the design's, as it is in the theme now: a canvas knows no var().
const colour = (name) => () => {
  const probe = element("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

// plot draws series over the same times. A series has a label, a colour of the design (accent,
// good, warn or bad) and a unit; a value that is null is a gap. draw takes the times, in
// seconds since 1970, and the values of each series. The last values stand beside the title,
// for those who see no picture. In another theme it is drawn anew.
export function plot(title, series, { height = 160, date = false, locale = document.documentElement.lang } = {}) {
  const place = element("div", { class: "plot" });
  const told = element("span", { class: "hint" });
  const figure = element("figure", { "aria-label": title }, element("figcaption", {}, element("strong", {}, title), " ", told), place);
  const format = (unit) => (value) => value === null || value === undefined ? "–" : `${new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 }).format(value)}${unit && ` ${unit}`}`;
  const time = new Intl.DateTimeFormat(locale, date ? { dateStyle: "medium" } : { timeStyle: "medium" });
  const tick = new Intl.DateTimeFormat(locale, date ? { month: "numeric", day: "numeric" } : { hour: "numeric", minute: "2-digit" });
  let chart;

  async function draw(times, values) {
    told.textContent = series.map(({ label, unit = "" }, i) => {
      const last = values[i].findLast((value) => value !== null);
      return `${series.length > 1 ? `${label} ` : ""}${format(unit)(last)}`;
    }).join(" · ");
    if (!chart) {
      const uPlot = await load();
      if (!figure.isConnected || chart) return;
      const drawn = series.map((one) => one.colour ?? "accent");
      const axis = { stroke: colour("quiet"), grid: { stroke: colour("rule"), width: 1 }, ticks: { stroke: colour("rule"), width: 1 } };
      chart = new uPlot({
        width: place.clientWidth, height, cursor: { y: false }, padding: [null, 28, null, null], // half of a time, which stands below the last line
        legend: { markers: { stroke: (_, i) => i > 0 ? `var(--${drawn[i - 1]})` : null } },
        scales: { y: { range: (_, __, highest) => [0, highest > 0 ? highest * 1.1 : 1] } },
        axes: [{ ...axis, space: date ? 45 : 56, incrs: date ? [day, 7 * day, 30 * day] : [60, 300, 900], values: (_, ticks) => ticks.map((at) => tick.format(at * 1000)) },
          { ...axis, size: (_, ticks) => 24 + 8 * Math.max(0, ...(ticks ?? []).map(({ length }) => length)), values: (_, ticks) => ticks.map(format("")) }],
        series: [{ label: locale.startsWith("zh") ? "时间" : date ? "Day" : "Time", value: (_, at) => at === null ? "–" : time.format(at * 1000) },
          ...series.map((one, i) => ({ label: one.label, stroke: colour(drawn[i]), width: 2, spanGaps: false,
            points: { show: date }, value: (_, value) => format(one.unit ?? "")(value) }))],
      }, [times, ...values], place);
      onTheme(() => chart.redraw());
      new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height })).observe(place);
    } else chart.setData([times, ...values]);
  }
  return { element: figure, draw };
}
