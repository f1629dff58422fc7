// Short news at the corner: event `toast` with {text, tone, link, label}.
import { icon, make, openDialog, text } from "./dom.js";

const ICONS = {
  ok: "circle-check", success: "circle-check", warn: "alert-triangle", warning: "alert-triangle",
  bad: "alert-circle", danger: "alert-circle", info: "bell",
};

/** Show a toast; errors stay until they are closed, the rest leave by themselves. */
export function toast({ text: words, tone = "ok", link = "", label = "" }) {
  const list = document.getElementById("toasts");
  if (!list || !words) return;
  // An open dialog covers the page, so the toasts move into it.
  const home = openDialog() || document.body;
  if (list.parentElement !== home) home.append(list);
  const urgent = tone === "bad" || tone === "danger";
  const close = make("button", { class: "tool", type: "button", "aria-label": text("close") }, icon("x"));
  const body = make("p", {}, words);
  if (link) body.append(make("a", { href: link }, label || text("open")));
  const line = make(
    "div", { class: `toast-line tone-${tone}`, role: urgent ? "alert" : "status" },
    icon(ICONS[tone] || "info-circle"), body, close,
  );
  close.addEventListener("click", () => line.remove());
  list.append(line);
  while (list.children.length > 4) list.firstElementChild.remove();
  if (!urgent) leave(line);
}

function leave(line) {
  let timer = setTimeout(() => line.remove(), 6500);
  for (const name of ["mouseenter", "focusin"]) line.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["mouseleave", "focusout"]) {
    line.addEventListener(name, () => {
      clearTimeout(timer);
      timer = setTimeout(() => line.remove(), 3000);
    });
  }
}

// What a form said before it led here: the answer's cookie `flash` holds {text, tone}.
function flashed() {
  const found = /(?:^|; )flash="?([^;"]+)"?/.exec(document.cookie);
  if (!found) return;
  document.cookie = "flash=; path=/; max-age=0; samesite=lax";
  try {
    toast(JSON.parse(decodeURIComponent(found[1])));
  } catch {
    // A cookie somebody else wrote says nothing.
  }
}

export function start() {
  document.addEventListener("close", (event) => {
    const list = document.getElementById("toasts");
    if (event.target.contains(list)) document.body.append(list);
  }, true);
  document.addEventListener("toast", (event) => toast(event.detail));
  flashed();
}
