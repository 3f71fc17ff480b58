import { element, newID } from "./dom.js";
import { text } from "./text.js";

// pictureInput asks for a picture, shows it, and tells its base64 to onPicture.
export function pictureInput(id, describedBy, onPicture) {
  const progress = element("progress", { max: "1", value: "0", hidden: true, "aria-label": text.uploading });
  const preview = element("img", { class: "preview", alt: text.preview, hidden: true });
  const name = element("span", { class: "hint", id: newID() });
  const show = (dataURL, label) => {
    preview.src = dataURL;
    preview.hidden = false;
    const base64 = dataURL.slice(dataURL.indexOf(",") + 1);
    name.textContent = `${label}, ${Math.ceil(base64.length * 3 / 4 / 1024)} KiB`;
    onPicture(base64);
  };
  const file = element("input", {
    id, type: "file", accept: "image/*", "aria-describedby": describedBy,
    onchange() {
      const [chosen] = file.files;
      if (!chosen) return;
      const reader = new FileReader();
      reader.onload = () => show(reader.result, chosen.name);
      reader.readAsDataURL(chosen);
    },
  });
  const sample = element("button", {
    type: "button", class: "second", onclick: () => show(samplePicture(), "sample.png"),
  }, text.samplePicture);
  return {
    element: element("div", { class: "picture" }, file, sample, preview, name, progress),
    input: file,
    // onProgress shows how much was sent, from 0 to 1, where there is a picture.
    onProgress(part) {
      progress.hidden = preview.hidden;
      progress.value = part;
    },
  };
}

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
