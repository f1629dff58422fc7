// One key map for the suite. A key an element asks for (data-key="F2") wins over the page's own.
import { all, openDialog, typing } from "./dom.js";
import { show } from "./dialogs.js";
import { openPalette } from "./palette.js";
import { rowKey } from "./rows.js";

function nameOf(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  parts.push(event.key.length === 1 ? event.key.toUpperCase() : event.key);
  return parts.join("+");
}

function press(element) {
  if (element.matches("input[type=radio], input[type=checkbox]")) {
    if (!element.checked || element.type === "checkbox") element.click();
  } else if (element.matches("input, select, textarea")) element.focus();
  else element.click();
}

function asked(name) {
  const scope = openDialog() || document;
  return all(scope, `[data-key="${CSS.escape(name)}"]`).find(
    (element) => !element.disabled && (element.offsetParent || element.matches("input")),
  );
}

function pageKey(event) {
  const key = event.key.toLowerCase();
  if (event.key === "/") {
    const find = document.querySelector("main [data-find]") || document.querySelector("[data-palette]");
    if (find?.matches("input")) find.focus();
    else openPalette();
  } else if (event.key === "?") show(document.getElementById("keys"));
  else if (key === "n") {
    const create = document.querySelector("main [data-new]");
    if (!create) return false;
    create.click();
  } else return rowKey(key);
  return true;
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229 || event.repeat && event.key.startsWith("F")) return;
  const name = nameOf(event);
  if (name === "Ctrl+K") {
    event.preventDefault();
    return openPalette();
  }
  if (name === "Ctrl+Enter") {
    const form = event.target.closest?.("form") || openDialog()?.querySelector("form:not([method=dialog])");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  // With Alt a letter is no text.
  const element = (event.key.length > 1 || event.altKey || !typing(event.target)) && asked(name);
  if (element) {
    event.preventDefault();
    return press(element);
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || openDialog()) return;
  // Enter on a link or button is the browser's own.
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
  if (pageKey(event)) event.preventDefault();
}

export function start() {
  document.addEventListener("keydown", onKey);
}
