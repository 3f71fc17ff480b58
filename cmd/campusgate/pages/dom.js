// What the console shows is made here, from text and elements: nothing is ever
// read as HTML.

// element makes one. An attribute that is false or undefined is left out; on… is
// a listener.
export function element(name, attributes = {}, ...children) {
  const made = name === "svg" || svgNames.has(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

const svgNames = new Set(["path", "line", "rect", "title"]);

let last = 0;

// newID is an id that no other element has.
export const newID = () => `e${++last}`;

// hiddenName is what browsers want in a form with a password and without a name.
export const hiddenName = () => element("input", { type: "text", autocomplete: "username", hidden: true });

// prose is text of the document, whose code stands between back-quotes.
export const prose = (text) => text.split("`").map((part, i) => i % 2 === 1 ? code(part) : part);

// code is text as it stands on the wire.
export const code = (text) => element("code", {}, text);
