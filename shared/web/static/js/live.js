// News from the server: one stream a person, shared by all tabs; parts of the page fetch themselves again.
import { all } from "./dom.js";
import { toast } from "./toasts.js";

const pending = new WeakMap();
let stream = null;

// Somebody types, chooses or picks rows in this part: it must not move under their hand.
function inUse(part) {
  const held = document.activeElement?.closest("input:not([type=checkbox]), textarea, select");
  return Boolean(part.contains(held) || part.querySelector('details.pop[open], input[name="ids"]:checked'));
}

function renew(part, topic, wait) {
  pending.set(part, setTimeout(() => {
    pending.delete(part);
    if (!part.isConnected) return;
    if (inUse(part)) renew(part, topic, 1500);
    else part.dispatchEvent(new CustomEvent("live", { detail: { topic } }));
  }, wait));
}

// An empty topic means: more has happened than signals can tell.
function changed(topic) {
  for (const part of all(document, "[data-live]")) {
    const wanted = !topic || part.dataset.live.split(/\s+/).some((prefix) => prefix && topic.startsWith(prefix));
    // A burst of signals is one fetch.
    if (wanted && !pending.has(part)) renew(part, topic, 250);
  }
  document.dispatchEvent(new CustomEvent("changed", { detail: { topic } }));
}

function notice(message) {
  toast({ text: message.text, tone: message.tone || "info", link: message.url });
  document.dispatchEvent(new CustomEvent("notice", { detail: message }));
}

function hear(message) {
  if (message.type === "changed") changed(message.topic || "");
  else if (message.type === "notice") {
    notice(message);
    if (message.topic) changed(message.topic);
  }
}

function shared(url, person) {
  const worker = new SharedWorker(url, `guanwu-${person}`);
  worker.port.onmessage = (event) => hear(event.data);
  worker.port.start();
  window.addEventListener("pagehide", () => worker.port.postMessage("bye"));
}

// Browsers without SharedWorker (Chrome on Android): a stream only while the tab is looked at.
function own() {
  const open = () => {
    if (stream || document.visibilityState !== "visible") return;
    stream = new EventSource("/events");
    stream.onmessage = (event) => hear(JSON.parse(event.data));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") return open();
    stream?.close();
    stream = null;
  });
  open();
}

export function start() {
  const { me, liveSrc } = document.body.dataset;
  if (!me || !liveSrc) return;
  if (window.SharedWorker) shared(liveSrc, me);
  else own();
  // Coming back to a page the browser kept: what it shows may be old.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  // A handler of one's own may ask for the same: HX-Trigger {"refresh": {"topic": "…"}}.
  document.addEventListener("refresh", (event) => changed(event.detail.topic || event.detail.value || ""));
}
