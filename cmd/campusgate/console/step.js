import { adopt, masked } from "./adopt.js";
import { curlOf, envelopeOf, send, urlOf } from "./client.js";
import { code, element } from "./dom.js";
import { callForm } from "./form.js";
import { coloured, json, pre } from "./json.js";
import { meaningOf, wrongOf } from "./refusal.js";
import { text } from "./text.js";

// stepForm asks for what a step needs, sends it, and puts into result what is to be seen of the
// answer; request and answer stand folded below. derive may complete what was typed; before runs
// first of all when it is sent; onAnswer is told of an answer and of what was sent; mend may
// return what helps after a refusal. typed is what somebody typed, or all that would be sent;
// replay shows an answer of before ({answer, sent}) once more.
export function stepForm(call, { shown, values, derive = (data) => data, find, before, onAnswer, action, mend = () => {} }) {
  const result = element("div", { "aria-live": "polite", class: "result" });
  const wire = wireOf(call);
  const form = callForm(call, { shown, values, find, onInput: () => {} });
  const button = element("button", { type: "submit" }, action);
  const first = form.read();

  // show is what there is to see of an answer, before onAnswer.
  function show(answer, data) {
    wire.show(data, answer);
    const { envelope } = answer;
    if (!envelope) result.replaceChildren(noAnswer(answer, run));
    else if (envelope.status === 0 || envelope.status === 1) {
      form.explain("");
      result.replaceChildren();
    } else result.replaceChildren(refusal(call, envelope, form), mend(envelope) ?? "");
  }

  async function run() {
    if (button.disabled) return;
    before();
    const data = derive(form.read());
    button.disabled = true;
    button.textContent = text.sending;
    const answer = await send(call, data, form.onProgress);
    button.disabled = false;
    button.textContent = action;
    adopt(call, data, answer);
    show(answer, data);
    const on = await onAnswer(answer, data);
    if (!on) result.scrollIntoView({ block: result.offsetHeight > innerHeight / 2 ? "start" : "nearest" });
  }

  return {
    element: element("form", {
      class: "call", novalidate: true,
      onsubmit(event) {
        event.preventDefault();
        run();
      },
    }, form.element, element("p", { class: "actions" }, button), result, wire.element),
    result, run,
    typed(all) {
      const now = form.read();
      const names = Object.keys({ ...first, ...now }).filter((name) => all || JSON.stringify(now[name]) !== JSON.stringify(first[name]));
      return Object.fromEntries(names.map((name) => [name, now[name] ?? ""]));
    },
    replay(was) {
      show(was.answer, was.sent);
      onAnswer(was.answer, was.sent, was);
    },
  };
}

// noAnswer says why there is none. What was typed is still there.
function noAnswer({ problem, http }, retry) {
  const why = text[problem];
  return element("div", { class: "answer bad", role: "alert" }, element("p", {}, typeof why === "function" ? why(http) : why),
    element("button", { type: "button", class: "second", onclick: retry }, text.retry));
}

function refusal(call, envelope, form) {
  const beside = form.explain(envelope.detail);
  return element("div", { class: "answer bad" },
    element("p", { class: "verdict" }, "✗ ", code(String(envelope.status)), ` ${meaningOf(call, envelope)}`),
    envelope.detail && !beside && wrongOf(envelope.detail),
    /^token:/.test(envelope.detail ?? "") && element("p", {}, text.tokenHint));
}

// wireOf is what was sent and what came back, folded.
function wireOf(call) {
  const inside = element("div");
  const outside = element("details", { class: "wire", hidden: true }, element("summary", {}, text.wire, " ", code(call.name)), inside);
  const told = element("p", { class: "hint", role: "status" });
  return {
    element: outside,
    show(data, { envelope, took }) {
      async function copy() {
        const line = curlOf(call, data);
        try {
          await navigator.clipboard.writeText(line);
          told.textContent = line.includes("$TOKEN") ? text.copiedToken : text.copied;
        } catch { // not every address may use the clipboard
          told.replaceChildren(text.notCopied, pre(line, text.copyCurl));
        }
      }
      told.textContent = "";
      outside.hidden = false;
      const body = call.kind === "post" ? `\n${json(envelopeOf(call, masked(call, data), envelope?.id))}` : "";
      inside.replaceChildren(pre(coloured(`${call.method} ${urlOf(call, data)}${body}`), text.sent),
        envelope ? pre(coloured(json(envelope)), text.answer) : "", element("p", { class: "actions" },
          element("button", { type: "button", class: "second", onclick: copy }, text.copyCurl), element("span", { class: "hint" }, text.took(took.toFixed(0)))), told);
    },
  };
}
