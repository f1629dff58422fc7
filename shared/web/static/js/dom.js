// Words and elements: the few expressions every module needs.

/** A text the template put on <body data-text-…> (or on a nearer element), its {places} filled. */
export function text(name, places = {}, near = null) {
  const key = "text" + name[0].toUpperCase() + name.slice(1);
  const holder = near?.closest?.(`[data-text-${name.replace(/[A-Z]/g, (c) => "-" + c.toLowerCase())}]`);
  const said = (holder || document.body).dataset[key] || "";
  return said.replace(/\{(\w+)\}/g, (all, place) => (place in places ? String(places[place]) : all));
}

/** All matches inside `root`, `root` itself included. */
export function all(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  return found;
}

/** True the first time it is asked about this element under this name. */
export function once(element, name) {
  const marks = (element._dressed ||= new Set());
  if (marks.has(name)) return false;
  marks.add(name);
  return true;
}

/** An element with its text; the only way this code makes markup, so nothing is ever parsed. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon of the sprite; the sprite's address comes from any icon the page already shows. */
export function icon(name) {
  const svgNs = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(svgNs, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svgNs, "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** Whether a keystroke belongs to a field and not to the page. */
export function typing(target) {
  return (
    target instanceof Element &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])"))
  );
}

export const openDialog = () => document.querySelector("dialog[open]");
