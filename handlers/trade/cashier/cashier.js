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

async function ask() {
  try {
    const answer = await fetch(location.pathname + "/state" + location.search, { cache: "no-store" });
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

if (left) {
  setInterval(countDown, 500);
  setTimeout(ask, pause);
  addEventListener("pageshow", (event) => event.persisted && again());
}
