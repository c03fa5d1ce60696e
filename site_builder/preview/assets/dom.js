// Elements, made without markup: what a page or a translation says is text here, whatever is in it.

const SVG = "http://www.w3.org/2000/svg";

// One element. Properties: `class`, `on` (listeners by event), `text`, `data` (data-*), and attributes by their names;
// true is an empty attribute, false, null and undefined are none.
export function h(tag, properties = {}, ...children) {
  const element = tag === "svg" || tag === "path" ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "text") element.textContent = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Replace what an element holds, but only where that changes: a person may be reading or selecting it.
export function fill(element, ...children) {
  const fresh = h("div", {}, ...children);
  if (fresh.innerHTML !== element.innerHTML) element.replaceChildren(...fresh.childNodes);
}

// The choices of a select: [group, [[value, text], …]]…, a group of "" being none. They are written anew only where they
// change, and the first is chosen where what was is there no more.
export function offer(select, groups) {
  const written = JSON.stringify(groups);
  if (select.dataset.written === written) return;
  const options = (pairs) => pairs.map(([value, text]) => h("option", { value, text }));
  select.replaceChildren(...groups.filter(([, pairs]) => pairs.length)
    .flatMap(([label, pairs]) => (label ? [h("optgroup", { label }, options(pairs))] : options(pairs))));
  select.dataset.written = written;
}

// A details element that is open wherever there is room for what it holds, and closed at first where there is not.
export function folded(details, query) {
  const roomy = matchMedia(query);
  const fit = () => details.toggleAttribute("open", roomy.matches);
  roomy.addEventListener("change", fit);
  fit();
  return details;
}

export const icon = (path) => h("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", class: "icon" }, h("path", { d: path }));

export const number = (value) => value.toLocaleString("en");

// What is said to those who listen rather than look.
export function say(text) {
  document.getElementById("said").textContent = text;
}
