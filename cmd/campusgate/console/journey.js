import { callRunner } from "./call.js";
import { code, element, newID } from "./dom.js";
import { onChange, session, useToken } from "./session.js";
import { journeys } from "./steps.js";
import { text } from "./text.js";

// What a job of the server does is asked for again, so often and after so many milliseconds.
const longestWait = 20;
const pause = 500;

// journeyPage lists the journeys; one is open at a time. find finds a call by its
// name; refresh asks again what is in the wallets.
export function journeyPage(find, refresh) {
  const place = element("div");
  // Not every server has the calls of each: accounts may be another's.
  const offered = journeys.filter(({ steps }) => steps.every(({ call }) => find(call)));
  const cards = offered.map((journey) => element("button", {
    type: "button", class: "card", id: `journey-${journey.name}`,
    onclick: () => start(journey),
  }, element("strong", {}, journey.title), element("span", {}, journey.about)));

  function start(journey) {
    cards.forEach((card, i) => card.setAttribute("aria-expanded", String(offered[i] === journey)));
    const needed = journey.token && !session.token && session.accounts.length === 0;
    const steps = element("ol", { class: "steps" });
    place.replaceChildren(element("h2", { tabindex: "-1" }, journey.title),
      needed ? element("p", { class: "wrong" }, text.needAccounts) : "", steps);
    takeStep(journey, steps, journey.steps, {}, 0);
  }

  // takeStep shows the first of the steps that are left; the ones after it come
  // when it has worked.
  function takeStep(journey, list, left, memory, done) {
    const [step, ...rest] = left;
    if (!step) return finish(journey, list);
    const item = element("li", {});
    const actor = step.as?.(memory) ?? session.accounts[step.by];
    const act = () => actor && useToken(actor.token);
    act();
    let waited = 0;
    const follow = (next) => {
      while (item.nextSibling) item.nextSibling.remove(); // a step that is done again starts the rest again
      takeStep(journey, list, next, memory, done + 1);
    };
    const runner = callRunner(find(step.call), {
      shown: step.shown ?? [], values: step.data?.(memory) ?? {}, derive: step.derive, find, before: act, action: step.title,
      async onAnswer({ envelope }, sent) {
        while (item.nextSibling) item.nextSibling.remove();
        if (envelope && step.waits?.(envelope, memory)) {
          const note = (said) => element("p", { class: "note" }, said);
          if (waited++ < longestWait) {
            runner.result.replaceChildren(note(text.waiting));
            return setTimeout(() => item.isConnected && runner.run(), pause);
          }
          waited = 0;
          return runner.result.append(note(text.notYet));
        }
        waited = 0;
        const other = step.otherwise?.[envelope?.status];
        if (other) return follow([other, ...rest]);
        if (step.choose && envelope && step.choose.rows(envelope, memory).length === 0) {
          return runner.result.append(element("p", { class: "note" }, text.nothingFound));
        }
        if (envelope?.status !== 0) return;
        step.remember?.(memory, envelope, sent);
        const before = session.hashes[step.untilHash]; // the code may be typed while the wallets are read
        await refresh();
        if (step.note) runner.result.append(element("p", { class: "note" }, step.note(memory, envelope)));
        if (step.choose) runner.result.append(choice(step.choose, envelope, memory, (more = []) => follow([...more, ...rest])));
        else if (step.untilHash) awaitHash(step.untilHash, before, item, () => follow(rest));
        else follow(rest);
      },
    });
    const heading = element("h3", { tabindex: "-1" }, step.title);
    item.append(element("p", { class: "hint" }, text.step(done + 1, done + left.length), actor ? ` · ${text.actingAs(actor.name)}` : "", " · ", code(step.call)),
      heading, step.hint ? element("p", {}, step.hint) : "", runner.element);
    list.append(item);
    heading.focus({ preventScroll: done === 0 });
  }

  function finish(journey, list) {
    const last = element("li", { class: "done" }, element("p", { tabindex: "-1" }, `✓ ${text.done}`),
      element("button", { type: "button", class: "second", onclick: () => start(journey) }, text.again));
    list.append(last);
  }

  return element("div", {}, element("p", {}, text.about), element("div", { class: "cards" }, ...cards), place);
}

// choice offers the rows of an answer; each is a button that goes on with it, and first with
// the steps that take returns.
function choice({ rows, label, take }, envelope, memory, next) {
  const id = newID();
  return element("div", { class: "choice", role: "group", "aria-labelledby": id }, element("p", { id }, text.choose),
    ...rows(envelope, memory).slice(0, 20).map((row) => element("button", {
      type: "button", class: "second",
      onclick() {
        next(take(memory, row));
      },
    }, label(row))));
}

// awaitHash goes on once, when the code of this answer was typed: its hash is another
// than before.
function awaitHash(type, before, item, next) {
  let waiting = true;
  const look = () => {
    if (!waiting || !item.isConnected || session.hashes[type] === before) return;
    waiting = false;
    next();
  };
  onChange(look);
  item.querySelector(".captcha input")?.focus();
  look();
}
