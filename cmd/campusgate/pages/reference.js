// The calls, read from the server's own OpenAPI document.

// base is the address of the API: where the console itself is, less its name.
export const base = new URL("./", location.href).href;

const last = (reference) => reference.slice(reference.lastIndexOf("/") + 1);

// readCalls lists the calls of a document:
//   name, type, subtype, summary, notes, path, method, token (none|optional|needed),
//   role (which the account must have, or undefined), kind (post|query|picture|file), fields,
//   statuses ({status, text, message}: what it means, and as it is sent), example (data), client (its function in the TypeScript
//   client), answer (what its data is: see readShape; undefined of a picture or a file)
export function readCalls(openapi) {
  const schemas = openapi.components.schemas;
  const calls = [];
  for (const [path, operations] of Object.entries(openapi.paths)) {
    if (path === "/") continue; // any call, again
    const { get, post } = operations;
    if (get?.responses[200]) calls.push(readGet(path, get, schemas)); // a WebSocket has no such answer
    for (const { $ref } of post?.requestBody?.content["application/json"].schema.oneOf ?? []) {
      calls.push(readPost(path, post, last($ref).replace(/Envelope$/, ""), schemas));
    }
  }
  return calls;
}

function readPost(path, operation, name, schemas) {
  const { properties, title, description, "x-role": role } = schemas[`${name}Envelope`];
  const request = schemas[last(properties.data.$ref)];
  const examples = Object.values(operation.requestBody.content["application/json"].examples ?? {});
  const [type, subtype] = title.split("/");
  const example = examples.find(({ value }) => value.type === type && value.subtype === subtype);
  const [, summary, notes] = /^(.*?)(?:\.(?: |$)|。)(.*)$/s.exec(description);
  return {
    name: title, type, subtype, path, method: "POST", kind: "post", summary, notes,
    token: tokenUse(operation), role, example: example?.value.data ?? {},
    fields: Object.entries(request.properties).map(([field, schema]) =>
      readField(field, schema, request.required?.includes(field) ?? false)),
    statuses: readStatuses(schemas[`${name}Answer`], schemas), get answer() { return readAnswer(schemas[`${name}Answer`], schemas); },
    client: type + subtype[0].toUpperCase() + subtype.slice(1),
  };
}

function readGet(path, operation, schemas) {
  const { content } = operation.responses[200];
  const answer = content["application/json"]?.schema.$ref;
  const kind = answer !== undefined ? "query" : "image/*" in content ? "picture" : "file";
  const name = path.slice(1).replace(/\/\{.*/, "");
  const parameters = operation.parameters;
  return {
    name, type: operation.tags[0], path, method: "GET", kind,
    summary: operation.summary, notes: operation.description ?? "", token: tokenUse(operation),
    example: Object.fromEntries(parameters.filter((p) => "example" in p).map((p) => [p.name, p.example])),
    fields: parameters.map((p) => readField(p.name, { description: p.description, ...p.schema }, p.required)),
    statuses: answer === undefined ? [] : readStatuses(schemas[last(answer)], schemas),
    get answer() { return answer && readAnswer(schemas[last(answer)], schemas); },
    client: kind === "query" ? operation.operationId : `${operation.operationId}URL`,
  };
}

function tokenUse({ security }) {
  if (security.length === 0) return "none";
  return security.some((one) => Object.keys(one).length === 0) ? "optional" : "needed";
}

// readField reads how a field is asked for: choices, a switch, a file, a number, JSON
// (a list or an object), a password or text.
function readField(name, schema, required) {
  const types = [schema.type ?? []].flat().filter((type) => type !== "null");
  const field = {
    name, required, description: schema.description ?? "", types,
    minimum: schema.minimum, maximum: schema.maximum, minLength: schema.minLength, maxLength: schema.maxLength,
    pattern: schema.pattern, kind: "text",
    get shape() { return readShape(schema, {}); },
  };
  // A number may also be its text, "" or null: one choice is enough.
  const choices = (schema.enum ?? []).filter((value) => value !== null && value !== "");
  const numbers = choices.filter((value) => typeof value === "number");
  if (choices.length > 0) {
    Object.assign(field, { kind: "choice", choices: numbers.length > 0 ? numbers : choices });
  } else if (types.includes("boolean")) {
    Object.assign(field, { kind: "choice", choices: [true, false] });
  } else if (types.includes("array") || types.includes("object")) {
    field.kind = "json";
  } else if (schema.format === "password") {
    field.kind = "password";
  } else if (schema.contentEncoding === "base64") {
    field.kind = "file";
  } else if (types.includes("number")) {
    Object.assign(field, { kind: "number", step: "0.01", minimum: 0.01 });
  } else if (types.includes("integer") && (types[0] === "integer")) {
    Object.assign(field, { kind: "number", step: "1" });
  }
  if (field.kind === "text" && name.endsWith("content")) field.kind = "long";
  return field;
}

// readStatuses finds the statuses below a schema, in the document's order.
function readStatuses(schema, schemas) {
  const found = [];
  const walk = (part) => {
    if (part.$ref) return walk(schemas[last(part.$ref)]);
    const [, number, text] = /^(-?\d+) (.*)$/.exec(part.title ?? "") ?? [];
    if (number !== undefined) {
      found.push({ status: Number(number), text: part.description ?? text, message: part.properties?.message?.const ?? text });
    }
    for (const inner of part.anyOf ?? []) walk(inner);
  };
  walk(schema);
  return found;
}

// readAnswer is the shape of the data of an answer with status 0.
const readAnswer = (answer, schemas) => readShape(answer.anyOf.find((one) => one.properties?.status?.const === 0).properties.data, schemas);

// readShape reads what a value is: its type (text, or that of JSON), whether it may be null, its
// choices if it has some, and of an object, or of a list of objects, its members as
// {name, description, required, shape}.
function readShape(schema, schemas) {
  const at = schema.$ref ? schemas[last(schema.$ref)] : schema;
  const types = [at.type ?? []].flat();
  const type = types[0] ?? (typeof (at.enum ?? [])[0]);
  const shape = { type: type === "string" ? "text" : type, nullable: types.includes("null"), choices: at.enum?.filter((one) => one !== null && one !== "") };
  if (type === "array") return { ...shape, of: readShape(at.items ?? {}, schemas) };
  const tables = typeof at.additionalProperties === "object" && readShape(at.additionalProperties, schemas);
  return {
    ...shape, of: tables || undefined,
    members: Object.entries(at.properties ?? {}).map(([name, member]) => ({
      name, description: member.description ?? "", required: at.required?.includes(name) ?? false, shape: readShape(member, schemas),
    })),
  };
}
