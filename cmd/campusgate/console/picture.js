import { element, newID } from "./dom.js";
import { text } from "./text.js";

// pictureInput asks for a picture, shows it, and tells its base64 to onPicture. What is no
// picture, or too large a one, is refused here: nothing is sent, and the one before stays.
export function pictureInput(id, describedBy, onPicture) {
  const progress = element("progress", { max: "1", value: "0", hidden: true, "aria-label": text.uploading });
  const preview = element("img", { class: "preview", alt: text.preview, hidden: true });
  const name = element("span", { class: "hint", id: newID() });
  const wrong = element("p", { class: "wrong", role: "alert" });
  const show = (dataURL, label) => {
    wrong.textContent = "";
    preview.src = dataURL;
    preview.hidden = false;
    const base64 = dataURL.slice(dataURL.indexOf(",") + 1);
    name.textContent = `${label && `${label}, `}${Math.ceil(base64.length * 3 / 4 / 1024)} KiB`;
    onPicture(base64);
  };
  const take = async ({ currentTarget: control }) => {
    const [chosen] = control.files;
    control.value = ""; // so that the same one can be chosen again
    if (!chosen) return;
    try {
      show(await read(await shrunk(chosen)), chosen.name);
    } catch (refused) {
      wrong.textContent = text[refused.message] ?? text.noPicture;
    }
  };
  // The control of a browser says nothing of a picture that was made smaller, and is not in the
  // page's language: a button stands for it.
  const file = element("input", { id, type: "file", accept: "image/*", hidden: true, onchange: take });
  const pick = element("button", { type: "button", class: "second", "aria-describedby": describedBy, onclick: () => file.click() }, text.choosePicture);
  // With capture a phone opens its camera and offers nothing else, so it is a control of its own.
  const camera = element("input", { type: "file", accept: "image/*", capture: "environment", hidden: true, onchange: take });
  const photo = element("button", { type: "button", class: "second camera", onclick: () => camera.click() }, text.takePhoto);
  const sample = element("button", {
    type: "button", class: "second", onclick: () => show(samplePicture(), "sample.png"),
  }, text.samplePicture);
  return {
    element: element("div", { class: "picture" }, pick, file, photo, camera, sample, wrong, preview, name, progress),
    input: pick, show, useSample: () => sample.click(),
    // onProgress shows how much was sent, from 0 to 1, while a picture is on its way.
    onProgress(part) {
      progress.hidden = preview.hidden || part >= 1;
      progress.value = part;
    },
  };
}

// A camera's photo has many MiB, and the server takes one.
const largest = 900 * 1024; // bytes
const longestSide = 1600; // pixels

// shrunk is a picture as it is, or as a smaller JPEG where it is too large. It fails with
// noPicture, or with tooLarge where no smaller one fits.
async function shrunk(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    throw new Error("noPicture");
  }
  if (file.size <= largest) return file;
  for (const [side, quality] of [[longestSide, 0.85], [longestSide, 0.6], [longestSide / 2, 0.6]]) {
    const part = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = element("canvas", { width: String(Math.round(picture.width * part)), height: String(Math.round(picture.height * part)) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", quality); });
    if (small && small.size <= largest) return small;
  }
  throw new Error("tooLarge");
}

// read is a file as a data: URL.
const read = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});

// samplePicture draws a card, with a number that makes it another picture each time.
function samplePicture() {
  const canvas = element("canvas", { width: "320", height: "200" });
  const draw = canvas.getContext("2d");
  const hue = Math.floor(Math.random() * 360);
  draw.fillStyle = `hsl(${hue} 55% 45%)`;
  draw.fillRect(0, 0, 320, 200);
  draw.fillStyle = `hsl(${hue} 60% 85%)`;
  draw.fillRect(24, 64, 88, 104);
  draw.fillRect(136, 76, 150, 14);
  draw.fillRect(136, 108, 110, 14);
  draw.font = "bold 22px sans-serif";
  draw.fillText("CAMPUS", 24, 42);
  draw.font = "16px monospace";
  draw.fillText(String(Math.floor(Math.random() * 1e9)).padStart(10, "0"), 136, 164);
  return canvas.toDataURL("image/png");
}
