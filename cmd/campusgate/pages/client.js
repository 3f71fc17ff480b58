import { base } from "./reference.js";
import { session } from "./session.js";

// patience is how long an answer may take, in milliseconds.
const patience = 15_000;

// nextID is the id of the next envelope.
export let nextID = 1;

// envelopeOf is what a posted call sends.
export const envelopeOf = (call, data, id = nextID) =>
  ({ id, status: 0, type: call.type, subtype: call.subtype, data });

// urlOf is where a call is sent, without the token, which is in the header.
export function urlOf(call, data) {
  const address = base + call.path.slice(1);
  if (call.kind === "picture") {
    return address.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(data[name] ?? ""));
  }
  const query = new URLSearchParams(call.method === "GET" ? data : {}).toString();
  return query ? `${address}?${query}` : address;
}

// curlOf is the call for a shell, in which TOKEN is set.
export function curlOf(call, data, id) {
  const header = call.token !== "none" && session.token ? ` -H "Authorization: Bearer $TOKEN"` : "";
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const line = `curl -s ${quote(urlOf(call, data))}${header}`;
  if (call.kind === "picture") return `${line} -o picture`;
  if (call.kind === "file") return `${line} -OJ`;
  if (call.kind === "query") return line;
  const body = JSON.stringify(envelopeOf(call, data, id));
  // A shell takes no argument of 128 KiB.
  return body.length < 100_000 ? `${line} -d ${quote(body)}` : `${line} --data-binary @- <<'END'\n${body}\nEND`;
}

// send makes a call and never fails, as the account that the page acts as or with another token.
// Its result has took (milliseconds) and one of
//   envelope   the server's answer, with text, as it came
//   picture    the address of a picture's bytes, with shown, its X-Picture
//   file       the address of a file's bytes, with its name
//   problem    down, slow or foreign (with http): there is no answer of the server's
export async function send(...asked) {
  const coming = exchange(...asked);
  onTheirWay.add(coming);
  const result = await coming;
  onTheirWay.delete(coming);
  return result;
}

const onTheirWay = new Set();

// idle waits until what was sent by now has been answered.
export const idle = () => Promise.all(onTheirWay);

async function exchange(call, data, onProgress = () => {}, token = session.token) {
  const body = call.kind === "post" ? JSON.stringify(envelopeOf(call, data, nextID++)) : undefined;
  const began = performance.now();
  const request = new XMLHttpRequest();
  const problem = await new Promise((resolve) => {
    request.onload = () => resolve();
    request.onerror = () => resolve("down");
    request.ontimeout = () => resolve("slow");
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.open(call.method, urlOf(call, data));
    request.timeout = call.kind === "file" ? 0 : patience; // a file may be of any length
    request.responseType = call.kind === "picture" || call.kind === "file" ? "blob" : "text";
    if (call.token !== "none" && token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.send(body);
  });
  const took = performance.now() - began;
  if (problem) return { took, problem };
  if (call.kind === "picture") {
    const shown = request.getResponseHeader("X-Picture");
    if (!shown) return { took, problem: "foreign", http: request.status };
    return { took, http: request.status, shown, picture: URL.createObjectURL(request.response) };
  }
  const name = /filename="(.+)"/.exec(request.getResponseHeader("Content-Disposition") ?? "")?.[1];
  if (name) return { took, http: request.status, name, file: URL.createObjectURL(request.response) };
  const answer = call.kind === "file" ? await request.response.text() : request.responseText;
  const envelope = readEnvelope(answer);
  if (!envelope) return { took, problem: "foreign", http: request.status };
  return { took, http: request.status, envelope, text: answer };
}

function readEnvelope(text) {
  try {
    const answer = JSON.parse(text);
    return Number.isInteger(answer?.status) && typeof answer.message === "string" ? answer : undefined;
  } catch {
    return undefined;
  }
}

// load reads a JSON document beside the calls; it fails where there is none.
export async function load(path) {
  const response = await fetch(base + path, { signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return response.json();
}
