// Lists by keyboard (J K X Enter) and the bar that acts on picked rows.
import { all, once, text } from "./dom.js";

const boxes = () => all(document, 'main input[type=checkbox][name="ids"]');
const rows = () => all(document, "main tr[data-row], main tbody tr.js-row").filter((row) => row.offsetParent);

function refresh() {
  const picked = boxes().filter((box) => box.checked);
  for (const box of boxes()) box.closest("tr")?.classList.toggle("is-picked", box.checked);
  for (const head of all(document, "[data-pick-all]")) {
    head.checked = picked.length > 0 && picked.length === boxes().length;
    head.indeterminate = picked.length > 0 && !head.checked;
  }
  for (const bar of all(document, "[data-batch]")) {
    bar.hidden = !picked.length;
    const count = bar.querySelector("[data-batch-count]");
    if (count) count.textContent = text("picked", { n: picked.length }, bar);
  }
}

const cursor = () => document.querySelector("tr.is-cursor");

function move(by) {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(cursor());
  const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))];
  cursor()?.classList.remove("is-cursor");
  next.classList.add("is-cursor");
  next.scrollIntoView({ block: "nearest" });
  // Screen readers follow the focus, so it goes to the row's own link.
  const link = next.querySelector("a[href]");
  if (link) link.focus({ preventScroll: true });
}

/** The page keys a list understands; true when one was used. */
export function rowKey(key) {
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "x" && cursor()) cursor().querySelector('input[name="ids"]')?.click();
  else if (key === "enter" && cursor()) {
    const link = cursor().querySelector("a[data-open], a[href]");
    if (!link) return false;
    link.click();
  } else return false;
  return true;
}

let last = null;

export function start() {
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-pick-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    if (event.target.matches?.('[data-pick-all], input[name="ids"]')) refresh();
  });
  // Shift-click picks the stretch between two boxes.
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.('input[type=checkbox][name="ids"]')) return;
    const list = boxes();
    if (event.shiftKey && last && list.includes(last)) {
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      for (const between of list.slice(from, to + 1)) between.checked = box.checked;
      refresh();
    }
    last = box;
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-batch-clear]")) return;
    for (const box of boxes()) box.checked = false;
    refresh();
  });
  window.addEventListener("pageshow", refresh);
}

export function dress(root) {
  const bars = all(root, "[data-batch]").filter((bar) => once(bar, "batch"));
  if (bars.length || root.querySelector?.('input[name="ids"]')) refresh();
}
