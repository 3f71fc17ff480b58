import { ownToken } from "./account.js";
import { codeBox } from "./captcha.js";
import { element, newID } from "./dom.js";
import { buyer } from "./demo.js";
import { cardParts, thumb } from "./said.js";
import { onChange, session, useToken } from "./session.js";
import { stepForm } from "./step.js";
import { journeys } from "./steps.js";
import { text } from "./text.js";

// What a job of the server does is asked for again, so often and after so many milliseconds.
const longestWait = 20;
const pause = 500;

// From this width on the titles of the steps stand beside them.
const wide = matchMedia("(min-width: 60rem)");

// journeyPage lists the journeys; one is open at a time, in place of the list: go opens the one
// with a name, or shows the list. find finds a call by its name; refresh asks again what is in
// the wallets.
export function journeyPage(find, refresh) {
  const page = element("div", { class: "journeys" });
  // Not every server has the calls of each: accounts may be another's.
  const offered = journeys.filter(({ steps }) => steps.every(({ call }) => find(call)));

  let open; // the journey that is

  // go knows whether the page was shown before this. Who comes from another one finds the
  // journey that was open.
  function go(name, within) {
    const wanted = offered.find((journey) => journey.name === name);
    if (wanted) return wanted === open || start(wanted);
    if (open && !within) return history.replaceState(null, "", addressOf(open));
    list();
  }

  function list() {
    const last = open;
    open = undefined;
    const cards = offered.map((journey) => element("button", { type: "button", class: "card", id: `journey-${journey.name}`, onclick: () => leadTo(journey) },
      element("strong", {}, journey.title), element("span", {}, journey.about)));
    page.replaceChildren(element("p", {}, text.about),
      element("div", { class: "cards" }, ...cards));
    if (last) cards[offered.indexOf(last)].focus();
  }

  function start(journey) {
    open = journey;
    const heading = element("h2", { tabindex: "-1" }, journey.title);
    const stepper = stepperOf();
    const steps = element("ol", { class: "steps" });
    page.replaceChildren(
      element("p", {}, element("button", { type: "button", class: "second", onclick: () => leadTo() }, `← ${text.allJourneys}`)), heading,
      element("div", { class: "journey" }, stepper.element, steps));
    takeStep({ journey, stepper, list: steps, memory: {} }, journey.steps, []);
    scrollTo(0, 0);
  }

  // takeStep shows the first of the steps that are left; the ones after it come when it has
  // worked. path are the titles of those before it.
  function takeStep(run, left, path) {
    run.stepper.show(path, left);
    const [step, ...rest] = left;
    if (!step) return finish(run);
    const { memory } = run;
    const item = element("li", { class: "now" });
    const actor = actorOf(step, memory);
    const act = () => actor && useToken(actor.token);
    act();
    let waited = 0;
    // again has the step in hand once more: those after it are started again as well.
    const again = () => {
      while (item.nextSibling) item.nextSibling.remove();
      run.stepper.show(path, left);
      unfold(item, body);
    };
    const follow = (next, said, more) => {
      fold(item, body, said ?? step.title, more);
      takeStep(run, next, [...path, step.title]);
    };
    const runner = stepForm(find(step.call), {
      shown: step.shown ?? [], values: step.data?.(memory) ?? {}, derive: step.derive, find, before: act, action: step.title,
      mend: (envelope) => step.mend?.(envelope, memory),
      // onAnswer reports whether the page has gone on, or has something else to show.
      async onAnswer({ envelope }, sent) {
        again();
        if (envelope && step.waits?.(envelope, memory)) return waitMore();
        waited = 0;
        const other = step.otherwise?.[envelope?.status];
        if (other) return follow([other, ...rest], `${envelope.message} (${envelope.status})`);
        if (envelope && (envelope.status === 1 || step.choose?.rows(envelope, memory).length === 0)) {
          runner.result.append(element("p", { class: "note warn" }, text.nothingFound));
          return false;
        }
        if (envelope?.status !== 0) return false;
        step.remember?.(memory, envelope, sent);
        const before = session.hashes[step.untilHash]; // the code may be typed while the wallets are read
        if (step.untilHash) runner.result.append(codeBox(step.untilHash, { ...envelope.data, phone: sent.phone }));
        await refresh();
        const says = (row) => step.says?.(memory, envelope, sent, row);
        const shows = step.shows?.(memory, envelope);
        if (step.untilHash) {
          awaitHash(step.untilHash, before, item, () => follow(rest, says()));
          return false;
        }
        if (!step.choose) return follow(rest, says(), shows) ?? true;
        runner.result.append(choice(step.choose, envelope, memory, (row, more = []) => {
          again();
          follow([...more, ...rest], says(row) ?? chosen(step.choose, row));
        }));
        runner.result.querySelector(".choice button").focus({ preventScroll: true });
        return false;
      },
    });

    function waitMore() {
      if (waited++ < longestWait) {
        runner.result.replaceChildren(element("p", { class: "note" }, text.waiting));
        setTimeout(() => item.isConnected && runner.run(), pause);
        return true;
      }
      waited = 0;
      runner.result.replaceChildren(element("p", { class: "note warn" }, text.notYet));
      return false;
    }

    const heading = element("h3", { tabindex: "-1" }, step.title);
    const hint = typeof step.hint === "function" ? step.hint(memory) : step.hint;
    const body = element("div", { class: "body" }, actor ? element("p", { class: "hint" }, text.actingAs(actor.name)) : "", heading,
      hint ? element("p", {}, hint) : "", runner.element);
    item.append(body);
    run.list.append(item);
    heading.focus({ preventScroll: true });
    if (path.length > 0) item.scrollIntoView({ block: "start" });
  }

  function finish({ journey, list: steps }) {
    const told = element("p", { tabindex: "-1" }, `✓ ${text.done}`);
    const last = element("li", { class: "done" }, told, element("p", { class: "actions" },
      element("button", { type: "button", onclick: () => leadTo() }, text.otherJourney),
      element("button", { type: "button", class: "second", onclick: () => start(journey) }, text.again)));
    steps.append(last);
    told.focus({ preventScroll: true });
    last.scrollIntoView({ block: "end" });
  }

  return { element: page, go };
}

const addressOf = (journey) => journey ? `#journeys/${journey.name}` : "#journeys";

// leadTo opens a journey, or the list without one, so that a browser's way back leads back.
function leadTo(journey) { location.hash = addressOf(journey); }

// actorOf is whom a step acts as: one that the journey has logged in to, one of the demo's, or
// nobody else than who is chosen. Who has entered a token of their own buys with it.
function actorOf(step, memory) {
  if (step.as) return step.as(memory);
  const token = step.by === buyer && ownToken();
  if (token) return { token, name: text.ownAccount };
  return session.accounts[step.by];
}

// fold makes a step that is done one line that says what happened, and can be opened.
function fold(item, body, said, more) {
  item.className = "taken";
  item.replaceChildren(element("details", {}, element("summary", {}, element("span", { class: "tick" }, "✓"),
    element("span", { class: "said" }, ...[said].flat())), body), more ?? "");
}

function unfold(item, body) {
  if (item.className === "now") return;
  const at = document.activeElement;
  item.className = "now";
  item.replaceChildren(body);
  if (body.contains(at)) at.focus({ preventScroll: true });
}

// stepperOf lists the titles of the steps: which are done, which is in hand.
function stepperOf() {
  const where = element("summary");
  const titles = element("ol");
  const stepper = element("details", { class: "stepper" }, where, titles);
  const fit = () => { stepper.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  return {
    element: stepper,
    show(path, left) {
      const all = path.length + left.length;
      where.textContent = left.length > 0 ? text.stepAt(path.length + 1, all, left[0].title) : text.allDone(all);
      titles.replaceChildren(
        ...path.map((title) => element("li", { class: "done" }, element("span", { "aria-hidden": "true" }, "✓"), element("span", {}, title), element("span", { class: "unseen" }, text.isDone))),
        ...left.map(({ title }, i) => element("li", { "aria-current": i === 0 && "step" },
          element("span", { "aria-hidden": "true" }, String(path.length + i + 1)), element("span", {}, title))));
      if (stepper.open) titles.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    },
  };
}

// chosen is what is said of a row that was chosen.
const chosen = ({ label, card }, row) => {
  const one = card?.(row);
  return one ? [thumb(one.picture), text.chose([one.name, one.price].filter(Boolean).join(" · "))] : text.chose(label(row));
};

// choice offers the rows of an answer, as cards where they are shown so; each is a button that
// goes on with it, and first with the steps that take returns.
function choice({ rows, label, card, take }, envelope, memory, next) {
  const id = newID();
  return element("div", { class: card ? "choice goods" : "choice", role: "group", "aria-labelledby": id }, element("p", { id }, text.choose),
    ...rows(envelope, memory).slice(0, 20).map((row) => element("button", {
      type: "button", class: "second",
      onclick() {
        next(row, take(memory, row));
      },
    }, ...(card ? cardParts(card(row)) : [label(row)]))));
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
