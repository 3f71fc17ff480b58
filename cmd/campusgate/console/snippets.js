import { curlOf, envelopeOf, urlOf } from "./client.js";
import { base } from "./reference.js";
import { session } from "./session.js";

// The ways to make a call, as text to copy: what is sent, a shell's line, and two programs'.
// Each takes the call and its data; TOKEN stands for the token, which is not written down.

const quiet = (call) => call.token === "none" || !session.token;

const written = (value) => JSON.stringify(value, null, 2);

// literal is a value as JavaScript writes it, less the quotes of its names; what follows a line
// break is that much further in.
const literal = (value, indent = "") => written(value).replace(/^(\s*)"([A-Za-z_]\w*)":/gm, "$1$2:").replaceAll("\n", `\n${indent}`);

export const sent = (call, data, id) =>
  `${call.method} ${urlOf(call, data)}${call.kind === "post" ? `\n${written(envelopeOf(call, data, id))}` : ""}`;

export const curl = (call, data, id) => curlOf(call, data, id).replace(/ (-H|-d|--data-binary) /g, " \\\n  $1 ");

export function fetched(call, data, id) {
  const options = [
    call.method === "POST" && `  method: "POST",`,
    !quiet(call) && "  headers: { Authorization: `Bearer ${token}` },",
    call.kind === "post" && `  body: JSON.stringify(${literal(envelopeOf(call, data, id), "  ")}),`,
  ].filter(Boolean);
  const request = `const response = await fetch("${urlOf(call, data)}"${options.length > 0 ? `, {\n${options.join("\n")}\n}` : ""});`;
  return call.kind === "picture" || call.kind === "file" ? `${request}\nconst file = await response.blob();`
    : `${request}\nconst { status, message, data } = await response.json();`;
}

export function typeScript(call, data) {
  const client = `createClient({ base: "${base.replace(/\/$/, "")}"${quiet(call) ? "" : ", token"} })`;
  const beginning = `import { createClient } from "./campusgate"; // campusgate docs --format typescript > campusgate.ts\n\nconst api = ${client};\n`;
  if (call.kind === "picture" || call.kind === "file") {
    return `${beginning}const url = api.${call.client}(${call.fields.map(({ name }) => JSON.stringify(String(data[name] ?? ""))).join(", ")});`;
  }
  return `${beginning}const answer = await api.${call.client}(${Object.keys(data).length > 0 ? literal(data) : ""});`;
}
