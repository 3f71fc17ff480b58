"use strict";
const shown = document.getElementById("cashier");
const left = document.getElementById("left");
const away = document.getElementById("away");
const end = left && performance.now() + 1000 * left.dataset.left;
let pause = 3000; // ms to the next question; longer while the server cannot be reached

// A page that answers a form would be sent again by reload().
const again = () => location.replace(location.pathname + location.search);

function countDown() {
  const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  left.textContent = (hours ? hours + ":" : "") + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
}

const state = () => fetch(location.pathname + "/state" + location.search, { cache: "no-store", signal: AbortSignal.timeout(15000) });

async function ask() {
  try {
    const answer = await state();
    if (answer.status === 404) return again();
    if (!answer.ok) throw new Error(answer.status);
    const { face } = await answer.json();
    if (face !== shown.dataset.face) return again();
    away.hidden = true;
    pause = 3000;
  } catch {
    away.hidden = false;
    pause = Math.min(2 * pause, 30000);
  }
  setTimeout(ask, pause);
}

// leave goes on from here, once the server can be reached: else the browser's own page would
// stand in the place of this one.
let leaving = false;
async function leave(go) {
  if (leaving) return;
  leaving = true;
  try {
    await state();
    away.hidden = true;
    go();
  } catch {
    away.hidden = false;
    away.scrollIntoView({ block: "nearest" });
  }
  leaving = false;
}

if (left) {
  shown.addEventListener("submit", (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    leave(() => {
      const chosen = document.createElement("input");
      Object.assign(chosen, { type: "hidden", name: submitter.name, value: submitter.value });
      form.append(chosen);
      form.submit();
    });
  });
  shown.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    leave(() => location.assign(link.href));
  });
  setInterval(countDown, 500);
  setTimeout(ask, pause);
  addEventListener("pageshow", (event) => event.persisted && again());
}
