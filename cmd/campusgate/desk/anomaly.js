import { ask } from "./ask.js";
import { decision } from "./decide.js";
import { element } from "./dom.js";
import { facts, heading, yuan } from "./things.js";
import { text } from "./text.js";

// anomalyView says what does not fit, and gives to the wallet what a channel refuses for ever.
export async function anomalyView(id, { row, decided }) {
  if (!row) return { problem: text.anomalyGone };
  return {
    element: element("article", {}, heading(text.anomalies[row.anomaly] ?? row.anomaly),
      element("p", {}, text.anomalyHelp[row.anomaly] ?? ""),
      facts([text.channel, text.methodOf(row.channel)], [text.amount, yuan(row.amount)], [text.since, row.since], [text.attempt, row.attempt_id], [text.payment, row.pay_id]),
      row.anomaly === "refund" && element("section", { class: "panel" }, element("h3", {}, text.decide), decision(`settle ${id}`, [], [{
        label: text.toWallet, shortcut: "p", gone: 103, sentence: () => text.toWalletSentence(yuan(row.amount)),
        run: () => ask("pay/settle", { attempt_id: row.attempt_id, to: "wallet" }), done: (late) => decided(late ?? text.settled),
      }]))),
  };
}
