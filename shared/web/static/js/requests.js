// Every write carries a key of its own, so a repeat is recognised; failures become a toast.
import { make, text } from "./dom.js";
import { toast } from "./toasts.js";

/** A UUIDv4; crypto.randomUUID is missing on plain http and on Chromium 90. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** POST a form body as a fragment request; the caller decides what to do with the answer. */
export function post(url, body, { key = newKey(), headers = {} } = {}) {
  return fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { "HX-Request": "true", Accept: "text/html", "Idempotency-Key": key, ...headers },
  });
}

/** What a refusal says, whether it came as JSON, as a marked sentence or as a page. */
export function refusalIn(body) {
  try {
    return JSON.parse(body).message || "";
  } catch {
    const page = new DOMParser().parseFromString(body, "text/html");
    const said = page.querySelector("[data-refusal]") || page.querySelector("main h1");
    return said ? said.textContent.trim().replace(/\s+/g, " ") : "";
  }
}

/** Fire the events an HX-Trigger header names, for answers htmx did not fetch itself. */
export function fireTriggers(header, source = document) {
  if (!header) return;
  const named = header.trim().startsWith("{")
    ? JSON.parse(header)
    : Object.fromEntries(header.split(",").map((name) => [name.trim(), {}]));
  for (const [name, value] of Object.entries(named)) {
    const detail = value && typeof value === "object" ? value : { value };
    (source.isConnected === false ? document : source).dispatchEvent(
      new CustomEvent(name, { detail, bubbles: true }),
    );
  }
}

function prepare(event) {
  const { request, sourceElement } = event.detail.ctx;
  if (request.method !== "GET") {
    request.headers["Idempotency-Key"] ||= newKey();
  } else if (sourceElement.matches?.("form[data-auto]")) {
    // A filter left open is not part of the address.
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  }
}

function keepPageOnFailure(event) {
  const { ctx, tasks } = event.detail;
  const status = ctx.response?.status || 200;
  if (status >= 400 && status !== 422 && !ctx.hx?.retarget) {
    event.preventDefault();
    if (status === 401 && ctx.request.method === "GET") {
      location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    // An HX-Trigger toast of the answer says it already.
    if (!/toast/.test(ctx.hx?.trigger || "")) {
      toast({ text: refusalIn(ctx.text) || text("failed"), tone: "bad" });
    }
    return;
  }
  // A whole page that answers a request for a part gives only its part.
  for (const task of tasks) {
    const page = task.type === "main" && task.target !== document.body && task.fragment.querySelector("#page");
    if (page && task.target.id !== "page") {
      const part = document.createDocumentFragment();
      part.append(...page.childNodes);
      task.fragment = part;
    }
  }
}

function onceOnly(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-outbox")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  // A download answers without leaving the page; let the person press again.
  setTimeout(() => release(form), 4000);
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

export function start() {
  document.addEventListener("htmx:config:request", prepare);
  document.addEventListener("htmx:before:swap", keepPageOnFailure);
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !event.detail.ctx.sourceElement?.matches?.("[data-live]")) {
      toast({ text: text("offline"), tone: "warn" });
    }
  });
  // On window, so that whoever takes a submit over has done so before.
  window.addEventListener("submit", onceOnly);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  for (const name of ["online", "offline"]) window.addEventListener(name, showNetwork);
}

function showNetwork() {
  document.querySelector(".net-line.is-offline")?.remove();
  if (navigator.onLine) return;
  document.body.append(make("p", { class: "net-line is-offline", role: "status" }, text("offline")));
}
