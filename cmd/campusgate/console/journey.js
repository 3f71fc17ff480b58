import { ownToken } from "./account.js";
import { codeBox } from "./captcha.js";
import { element, newID } from "./dom.js";
import { buyer } from "./demo.js";
import { meaningOf } from "./refusal.js";
import { cardParts, thumb } from "./said.js";
import { account, onChange, session, useToken } from "./session.js";
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
// the wallets. state is how far the open one has come, with all that was typed: from it another
// page goes on, in another language, as kept.
export function journeyPage(find, refresh, kept) {
  const page = element("div", { class: "journeys" });
  // Not every server has the calls of each: accounts may be another's.
  const offered = journeys().filter(({ steps }) => steps.every(({ call }) => find(call)));

  let open; // the journey that is
  let taken = []; // what was done in each of its steps, and in the one in hand

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

  function start(journey, past = []) {
    open = journey;
    taken = [];
    const heading = element("h2", { tabindex: "-1" }, journey.title);
    const stepper = stepperOf();
    const steps = element("ol", { class: "steps" });
    page.replaceChildren(
      element("p", {}, element("button", { type: "button", class: "second", onclick: () => leadTo() }, `← ${text.allJourneys}`)), heading,
      element("div", { class: "journey" }, stepper.element, steps));
    takeStep({ journey, stepper, list: steps, memory: {}, taken }, journey.steps, [], past);
    scrollTo(0, 0);
  }

  // takeStep shows the first of the steps that are left; the ones after it come when it has
  // worked. path are the titles of those before it, past what was done in these before, on a page
  // in another language.
  function takeStep(run, left, path, past = []) {
    run.stepper.show(path, left);
    const [step, ...rest] = left;
    if (!step) return finish(run);
    const { memory } = run;
    const before = structuredClone(memory);
    const [was, ...later] = past;
    const record = { typed: {} };
    run.taken.push(record);
    const item = element("li", { class: "now" });
    const actor = actorOf(step, memory);
    const act = () => actor && useToken(actor.token);
    act();
    let waited = 0;
    // again has the step in hand once more: those after it are started again as well.
    const again = () => {
      while (item.nextSibling) item.nextSibling.remove();
      run.taken.length = path.length + 1;
      run.stepper.show(path, left);
      unfold(item, body);
    };
    const follow = (next, said, more) => {
      record.followed = true;
      fold(item, body, said ?? step.title, more);
      takeStep(run, next, [...path, step.title], later);
      later.length = 0; // another answer has another future
    };
    const runner = stepForm(find(step.call), {
      shown: step.shown ?? [], values: { ...step.data?.(memory), ...was?.typed }, derive: step.derive, find, before: act, action: step.title,
      mend: (envelope) => step.mend?.(envelope, memory),
      // onAnswer reports whether the page has gone on, or has something else to show. An answer may
      // be one of before, done with what was done then.
      async onAnswer(answer, sent, done) {
        const { envelope } = answer;
        again();
        become(memory, before);
        Object.assign(record, { answer, sent, followed: false, row: undefined });
        if (envelope && step.waits?.(envelope, memory)) return waitMore();
        waited = 0;
        const other = step.otherwise?.[envelope?.status];
        if (other) return follow([other, ...rest], `${meaningOf(find(step.call), envelope)} (${envelope.status})`);
        if (envelope && (envelope.status === 1 || step.choose?.rows(envelope, memory).length === 0)) {
          runner.result.append(element("p", { class: "note warn" }, text.nothingFound));
          return false;
        }
        if (envelope?.status !== 0) return false;
        step.remember?.(memory, envelope, sent);
        const hash = session.hashes[step.untilHash]; // the code may be typed while the wallets are read
        if (step.untilHash) runner.result.append(codeBox(step.untilHash, { ...envelope.data, phone: sent.phone }));
        if (done) become(memory, done.memory ?? memory);
        else await refresh();
        memory.wealth = done?.memory ? done.memory.wealth : account()?.wealth;
        record.memory = structuredClone(memory);
        const says = (row) => step.says?.(memory, envelope, sent, row);
        const shows = step.shows?.(memory, envelope);
        if (step.untilHash) {
          const next = () => follow(rest, says());
          if (done?.followed) next();
          else awaitHash(step.untilHash, hash, item, next);
          return false;
        }
        if (!step.choose) return follow(rest, says(), shows) ?? true;
        const take = (i) => {
          again();
          become(memory, record.memory);
          record.row = i;
          const row = rows[i];
          const more = step.choose.take(memory, row) ?? [];
          follow([...more, ...rest], says(row) ?? chosen(step.choose, row));
        };
        const rows = step.choose.rows(envelope, memory).slice(0, 20);
        runner.result.append(choice(step.choose, rows, take));
        if (done?.followed) take(done.row);
        else runner.result.querySelector(".choice button").focus({ preventScroll: true });
        return false;
      },
    });
    record.typed = () => runner.typed(record.answer !== undefined);
    record.code = () => item.querySelector(".captcha input")?.value;

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
    if (!was?.answer) return;
    runner.replay(was);
    const code = item.querySelector(".captcha input");
    if (code && was.code) code.value = was.code;
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

  const again = offered.find(({ name }) => name === kept?.name);
  if (again) {
    const { token } = session; // that of the step in hand, or another one that was chosen since
    start(again, kept.taken);
    useToken(token);
  }
  return {
    element: page, go,
    state: () => open && { name: open.name, taken: taken.map((one) => ({ ...one, typed: one.typed(), code: one.code() })) },
  };
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

// become has an object have what another one has, and nothing else.
function become(object, other) {
  const values = structuredClone(other);
  Object.keys(object).forEach((key) => { delete object[key]; });
  Object.assign(object, values);
}

// choice offers rows of an answer, as cards where they are shown so; each is a button that takes
// the one at its place.
function choice({ label, card }, rows, take) {
  const id = newID();
  return element("div", { class: card ? "choice goods" : "choice", role: "group", "aria-labelledby": id }, element("p", { id }, text.choose),
    ...rows.map((row, i) => element("button", { type: "button", class: "second", onclick: () => take(i) }, ...(card ? cardParts(card(row)) : [label(row)]))));
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
