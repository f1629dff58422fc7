// Forms that also work without a network: what is sent offline waits here, files included, and goes out later under its own key.
import { all, make, text } from "./dom.js";
import { newKey, post, refusalIn } from "./requests.js";
import { toast } from "./toasts.js";

const NAME = "guanwu-outbox";
const SHELF = "guanwu-rounds";
let flushing = false;

function store(mode) {
  return new Promise((done, failed) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("letters", { keyPath: "key" });
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => done(opening.result.transaction("letters", mode).objectStore("letters"));
  });
}

function settled(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

const letters = async () => settled((await store("readonly")).getAll());
const keep = async (letter) => settled((await store("readwrite")).put(letter));
const forget = async (key) => settled((await store("readwrite")).delete(key));

function writtenWith(form, letter) {
  const sent = new Map(letter.entries);
  return form.action === letter.url && [...form.querySelectorAll("input[type=hidden]:not([data-now])")].every((field) => sent.get(field.name) === field.value);
}

async function tell() {
  const mine = (await letters()).filter((letter) => letter.me === document.body.dataset.me);
  // What waits here is marked where it was written, so that nobody writes it twice.
  for (const item of all(document, "[data-letter]")) {
    const forms = [...item.querySelectorAll("form[data-outbox]")];
    item.classList.toggle("is-kept", mine.some((letter) => forms.some((form) => writtenWith(form, letter))));
  }
  document.querySelector(".net-line.is-outbox")?.remove();
  for (const place of all(document, "[data-outbox-count]")) place.textContent = mine.length ? text("waiting", { n: mine.length }) : "";
  if (mine.length && !document.querySelector("[data-outbox-count]")) {
    document.body.append(make("p", { class: "net-line is-outbox", role: "status" }, text("waiting", { n: mine.length })));
  }
}

async function flush() {
  if (flushing || !navigator.onLine) return;
  flushing = true;
  let sent = 0;
  try {
    for (const letter of (await letters()).sort((a, b) => a.at - b.at)) {
      // The next person at this device does not send the last one's notes under their own name.
      if (letter.me !== document.body.dataset.me) continue;
      const body = new FormData();
      for (const [name, value] of letter.entries) body.append(name, value);
      const answer = await post(letter.url, body, { key: letter.key, headers: { "X-Written-At": new Date(letter.at).toISOString() } });
      if (answer.status >= 500 || answer.status === 401 || answer.status === 429) break;
      await forget(letter.key);
      // What the answer would have said on the next page is said here already.
      document.cookie = "flash=; path=/; max-age=0; samesite=lax";
      if (answer.ok) sent += 1;
      else toast({ text: refusalIn(await answer.text()) || text("failed"), tone: "bad" });
    }
  } catch {
    // Still no network; the letters stay.
  }
  flushing = false;
  if (sent) {
    toast({ text: text("sent", { n: sent }), tone: "ok" });
    document.dispatchEvent(new CustomEvent("refresh", { detail: { topic: "" } }));
  }
  tell();
}

async function write(event) {
  const form = event.target;
  if (!form.matches?.("form[data-outbox]") || event.defaultPrevented) return;
  event.preventDefault();
  for (const field of form.querySelectorAll("[data-now]")) field.value = new Date().toISOString();
  const entries = [...new FormData(form, event.submitter)].filter(([, value]) => !(value instanceof File && !value.size && !value.name));
  if (event.submitter?.name && !entries.some(([name]) => name === event.submitter.name)) entries.push([event.submitter.name, event.submitter.value]);
  await keep({ key: newKey(), url: form.action, entries, at: Date.now(), me: document.body.dataset.me || "" });
  form.reset();
  const menu = form.closest("details.pop");
  if (menu) menu.open = false;
  form.querySelectorAll(".previews").forEach((place) => place.replaceChildren());
  toast({ text: text(navigator.onLine ? "kept" : "keptOffline"), tone: navigator.onLine ? "ok" : "warn" });
  await tell();
  flush();
}

export function start() {
  document.addEventListener("submit", write);
  document.addEventListener("submit", (event) => {
    // The next person at this device sees nobody else's pages.
    if (event.target.matches?.("[data-sign-out]")) window.caches?.delete(SHELF);
  });
  if (!window.indexedDB) return;
  window.addEventListener("online", flush);
  tell().then(flush, () => {});
  setInterval(flush, 30000);
  const page = document.querySelector("[data-offline-scope]");
  if (page && navigator.serviceWorker) takeAlong(page.dataset.offlineScope).catch(() => {});
}

// The worker sees only what is fetched after it came: this page and its files are put on the shelf by hand.
async function takeAlong(scope) {
  await navigator.serviceWorker.register(document.body.dataset.patrolSrc, { scope });
  const files = all(document, "link[rel=stylesheet], script[src]").map((one) => one.href || one.src);
  await (await caches.open(SHELF)).addAll([location.href, document.body.dataset.icons, ...files]);
}

// A part fetched anew does not know what still waits here.
export function dress(root) {
  if (window.indexedDB && all(root, "[data-letter]").length) tell().catch(() => {});
}
