// The MARC editor: lines are added, copied, moved and removed in place; without this every button is a round trip.
import { all, once } from "./dom.js";

const rowsOf = (form) => form.querySelector("[data-marc-rows]");
const rowAt = (element) => element.closest?.(".marc-row");

function blank() {
  return document.getElementById("marc-row").content.querySelector("tr").cloneNode(true);
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

function changed(form) {
  form.dataset.begun = "1";
}

function put(form, row, where) {
  where ? where.after(row) : rowsOf(form).append(row);
  changed(form);
  all(row, "textarea").forEach(grow);
  row.querySelector("[name=tag]").focus();
}

function copy(row) {
  const made = row.cloneNode(true);
  // What was typed is a property, not an attribute, and does not come along by itself.
  const fields = [...row.querySelectorAll("input, textarea")];
  [...made.querySelectorAll("input, textarea")].forEach((field, n) => { field.value = fields[n].value; });
  made.querySelectorAll(".field-error, .marc-soft").forEach((remark) => remark.remove());
  made.classList.remove("has-hard", "has-soft");
  return made;
}

function move(form, row, step, focus) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  step < 0 ? other.before(row) : other.after(row);
  changed(form);
  focus?.focus();
}

function remove(form, row) {
  const near = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  changed(form);
  (near?.querySelector("[name=text]") || form.querySelector("[data-row=append]")).focus();
}

function act(form, row, name, focus) {
  if (name === "append") put(form, blank(), null);
  else if (name === "add") put(form, blank(), row);
  else if (name === "dup") put(form, copy(row), row);
  else if (name === "up") move(form, row, -1, focus);
  else if (name === "down") move(form, row, 1, focus);
  else remove(form, row);
}

// Which authority a heading is: the form goes to the server and comes back with what was found.
function find(form, row) {
  const button = document.createElement("button");
  button.name = "act";
  button.value = `find:${[...rowsOf(form).children].indexOf(row)}`;
  button.hidden = true;
  form.append(button);
  button.click();
}

function named(input) {
  const known = [...(input.list?.options || [])].find((option) => option.value === input.value.trim());
  const place = rowAt(input)?.querySelector(".marc-name");
  if (place) place.textContent = known ? known.textContent : "";
}

function onKey(event, form) {
  const row = rowAt(event.target);
  if (event.isComposing || event.keyCode === 229) return;
  const meta = event.ctrlKey || event.metaKey;
  if (meta && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.querySelector("[data-marc-save]").click();
    return;
  }
  if (event.key === "Enter" && event.target.matches("[data-marc-find]")) {
    event.preventDefault();
    event.target.closest("p").querySelector("button").click();
    return;
  }
  if (!row) return;
  if (event.altKey && !meta && event.code === "KeyA") {
    event.preventDefault();
    find(form, row);
    return;
  }
  const wanted = event.altKey && !meta
    ? { ArrowUp: "up", ArrowDown: "down", Delete: "del", KeyD: "dup" }[event.code === "KeyD" ? "KeyD" : event.key]
    : event.key === "Enter" && !meta && !event.shiftKey && event.target.matches("input, textarea") && "add";
  if (!wanted) return;
  event.preventDefault();
  event.stopPropagation();
  act(form, row, wanted, event.target);
}

export function start() {
  document.addEventListener("keydown", (event) => {
    const form = document.querySelector("form[data-marc]");
    if (form && (form.contains(event.target) || event.target === document.body)) onKey(event, form);
  }, true);
}

export function dress(root) {
  for (const form of all(root, "form[data-marc]")) {
    if (!once(form, "marc")) continue;
    all(form, ".marc-row textarea").forEach(grow);
    form.addEventListener("input", (event) => {
      if (event.target.matches("textarea")) grow(event.target);
      if (event.target.matches("[name=tag]")) named(event.target);
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-row]");
      if (!button) return;
      event.preventDefault();
      if (button.dataset.row === "find") find(form, rowAt(button));
      else act(form, rowAt(button), button.dataset.row, button);
    });
  }
}
