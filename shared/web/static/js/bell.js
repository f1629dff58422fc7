// The bell: a dot for unread notices, the list fetched when it is opened.
import { all } from "./dom.js";
import { newKey } from "./requests.js";

// Asked once a tab; afterwards the stream says what is new.
const KNOWN = "bell";

function mark(unread) {
  sessionStorage.setItem(KNOWN, unread ? "1" : "0");
  for (const dot of all(document, "[data-bell-dot]")) dot.hidden = !unread;
}

async function ask() {
  const known = sessionStorage.getItem(KNOWN);
  if (known !== null) return mark(known === "1");
  const answer = await fetch("/api/notices", { headers: { Accept: "application/json" } });
  if (answer.ok) mark((await answer.json()).total > 0);
}

async function open() {
  const list = document.getElementById("bell-list");
  const answer = await fetch("/notices", { headers: { "HX-Request": "true", "HX-Target": "div#bell-list" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...(page.querySelector("#page") || page.body).childNodes);
  mark(false);
  await fetch("/notices/read", { method: "POST", headers: { "HX-Request": "true", "Idempotency-Key": newKey() } });
}

export function start() {
  if (!document.body.dataset.me) return;
  ask().catch(() => {});
  document.addEventListener("notice", () => mark(true));
  document.getElementById("bell")?.addEventListener("opened", () => open().catch(() => {}));
}
