import { ask } from "./ask.js";
import { decision } from "./decide.js";
import { element } from "./dom.js";
import { facts, heading, orderLink, productLink, userLink } from "./things.js";
import { text } from "./text.js";

// jobView says what the server has given up, and why, and has it tried again.
export async function jobView(id, { row, decided }) {
  if (!row) return { problem: text.jobGone };
  const moves = text.jobMoves[row.job];
  return {
    element: element("article", {}, heading(row.title),
      element("p", { class: "say bad" }, text.jobFailed(row.tries, row.error)),
      element("p", {}, text.jobHelp),
      facts([text.target, targetOf(row)], [text.since, row.since], [text.kind, element("code", {}, row.job)], [text.number, id]),
      element("section", { class: "panel" }, element("h3", {}, text.decide), decision(`job ${id}`, [], [{
        label: text.retryJob, shortcut: "p", gone: 101, sentence: moves && (() => moves),
        run: () => ask("job/retry", { job_id: Number(id) }), done: (late) => decided(late ?? text.retried),
      }]))),
  };
}

// targetOf leads to what a job is about, where the desk can show it. A refund's number has that of
// its order behind an R.
function targetOf({ job, target }) {
  const order = /^(?:order|debt)\./.test(job) ? /^\d{17}/.exec(target)?.[0] : job === "channel.refund" ? /R(\d{17})N/.exec(target)?.[1] : undefined;
  if (order) return element("span", {}, orderLink(order), target === order ? "" : ` (${target})`);
  if (job === "product/review") return productLink(target, target);
  return ofUsers.includes(job) && /^\d+$/.test(target) ? userLink(target) : target;
}

const ofUsers = ["mail", "portrait", "identity_pictures", "erase_account"];
