// The offline desk: scans are chained, kept in this browser and signed by a key that cannot leave it; sent when the network is back.
import { make, text } from "./dom.js";
import { newKey, refusalIn } from "./requests.js";
import { beep } from "./sound.js";
import { toast } from "./toasts.js";

const NAME = "guanwu-offline-desk";
const API = "/api/reader/offline";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const LARGEST = 500;

function store(name, mode) {
  return new Promise((done, failed) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("self");
      opening.result.createObjectStore("scans", { keyPath: "seq" });
    };
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => done(opening.result.transaction(name, mode).objectStore(name));
  });
}

const settled = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});
const self_ = async () => settled((await store("self", "readonly")).get("device"));
const keepSelf = async (device) => settled((await store("self", "readwrite")).put(device, "device"));
const scans = async () => settled((await store("scans", "readonly")).getAll());
const keepScan = async (scan) => settled((await store("scans", "readwrite")).put(scan));
const forgetTo = async (seq) => settled((await store("scans", "readwrite")).delete(IDBKeyRange.upperBound(seq)));
// Two scans, or two tabs of one device, must not take the same number.
let line = Promise.resolve();
const alone = (work) => (navigator.locks ? navigator.locks.request(NAME, work) : (line = line.then(work, work)));

const bytes = (words) => new TextEncoder().encode(words);
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const clean = (code) => code.normalize("NFKC").replace(/\s+/g, "").toUpperCase().slice(0, 60);
const shape = (code) => code.replace(/[0-9]/g, "9").replace(/[A-Z]/g, "A");

// Letter for letter what services/reader/desk/offline/proof.py hashes and verifies.
const hashOf = async (s) => hex(await crypto.subtle.digest("SHA-256", bytes([s.seq, s.at, s.by, s.mode, s.card, s.code, s.prev].join("\n"))));

function json(url, body) {
  const headers = { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) };
  return fetch(API + url, { method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers, credentials: "same-origin" });
}

class Desk {
  constructor(root) {
    this.root = root;
    this.card = "";
    this.find = (name) => root.querySelector(`[data-offline-${name}]`);
    this.form = this.find("scan");
    this.box = this.form.elements.code;
    this.form.addEventListener("submit", (event) => this.take(event));
    this.find("ask").addEventListener("submit", (event) => this.ask(event));
    this.find("next").addEventListener("click", () => this.next());
    this.find("send").addEventListener("click", () => this.send(true));
    for (const name of ["online", "offline"]) window.addEventListener(name, () => this.look());
    this.form.addEventListener("change", () => this.box.focus());
    setInterval(() => this.send(false), 30000);
  }

  say(name, places = {}) {
    return text(name, places, this.root);
  }

  async look() {
    if (!window.crypto?.subtle || !window.indexedDB) return this.tell("noCrypto");
    let device = await self_();
    if (device) {
      try {
        const answer = await json(`/devices/${device.id}`);
        if (answer.ok) device = { ...device, ...(await this.stateOnly(answer)) };
        else if (answer.status === 404) device.state = "fresh";
        await keepSelf(device);
      } catch {
        // No network: what we knew last counts.
      }
    }
    this.device = device;
    const state = device?.state || "fresh";
    const active = state === "active";
    this.find("ask").hidden = state !== "fresh";
    this.form.hidden = this.find("list").hidden = !active;
    this.tell(active ? (navigator.onLine ? "on" : "off") : state, { name: device?.name || "" });
    if (!active) return;
    this.next();
    await this.draw();
    if (navigator.onLine) this.send(false);
  }

  async stateOnly(answer) {
    const { state, name } = await answer.json();
    return { state, name };
  }

  tell(name, places) {
    this.find("says").textContent = this.say(name, places);
    this.find("state").classList.toggle("tone-warn", name !== "on" && name !== "active");
  }

  async ask(event) {
    event.preventDefault();
    event.stopPropagation();
    const name = event.target.elements.name.value.trim();
    // Not extractable: the browser signs with it and shows it to nobody, us included.
    const keys = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    const device = { id: newKey(), name, keys, state: "asked", seq: 0, hash: "", batch: null };
    const answer = await json("/devices", { id: device.id, name, key: await crypto.subtle.exportKey("jwk", keys.publicKey) });
    if (!answer.ok) return toast({ text: refusalIn(await answer.text()) || text("failed"), tone: "bad" });
    await keepSelf(device);
    this.look();
  }

  next() {
    this.card = "";
    this.find("patron").textContent = this.say("nobody");
    this.box.focus();
  }

  isCard(code) {
    return (this.root.dataset.cardShapes || "").split(" ").includes(shape(code));
  }

  async take(event) {
    event.preventDefault();
    event.stopPropagation();
    const code = clean(this.box.value);
    this.box.value = "";
    if (!code) return;
    const mode = new FormData(this.form).get("mode");
    if (mode === "lend" && (!this.card || this.isCard(code))) {
      this.card = code;
      this.find("patron").textContent = this.say("card", { card: code });
      return beep("ok");
    }
    const made = { at: new Date().toISOString(), by: document.body.dataset.me || "", mode, card: mode === "lend" ? this.card : "", code };
    await alone(async () => {
      const device = await self_();
      const scan = { seq: device.seq + 1, ...made, prev: device.hash };
      await keepScan(scan);
      await keepSelf({ ...device, seq: scan.seq, hash: await hashOf(scan) });
    });
    beep("ok");
    await this.draw();
    this.box.focus();
  }

  async draw() {
    const mine = (await scans()).reverse();
    const modes = Object.fromEntries([...this.form.elements.mode].map((m) => [m.value, m.nextElementSibling.textContent]));
    this.find("rows").replaceChildren(...mine.slice(0, 100).map((s) => make("tr", {},
      make("td", {}, new Date(s.at).toLocaleTimeString([], { hour12: false })), make("td", {}, modes[s.mode]),
      make("td", { class: "ref" }, s.card), make("td", { class: "ref" }, s.code), make("td", {}, this.say("held")))));
    this.find("count").textContent = mine.length ? this.say("count", { n: mine.length }) : this.say("none");
  }

  // A batch is sealed before it is first sent and stays the same until it is answered: sent twice it counts once.
  async seal(device) {
    const waiting = (await scans()).slice(0, LARGEST);
    if (!waiting.length) return null;
    const id = newKey();
    const words = ["guanwu-offline-1", device.id, id, waiting.length, await hashOf(waiting[waiting.length - 1])].join("\n");
    const signature = base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, device.keys.privateKey, bytes(words)));
    const batch = { device: device.id, batch: id, entries: waiting, signature };
    await keepSelf({ ...device, batch });
    return batch;
  }

  async send(asked) {
    if (this.device?.state !== "active") return;
    await alone(async () => {
      const device = await self_();
      const batch = device.batch || (await this.seal(device));
      if (!batch) return asked && toast({ text: this.say("none"), tone: "info" });
      let answer = null;
      try {
        answer = await json("/batches", batch);
      } catch {
        answer = null;
      }
      if (!answer || answer.status >= 500) return asked && toast({ text: this.say("stillOff"), tone: "warn" });
      const body = await answer.text();
      if (!answer.ok) return toast({ text: refusalIn(body) || text("failed"), tone: "bad" });
      const report = JSON.parse(body);
      await forgetTo(batch.entries[batch.entries.length - 1].seq);
      await keepSelf({ ...(await self_()), batch: null });
      toast({ text: this.say("sentBatch", { n: batch.entries.length, open: report.open }), tone: report.open ? "warn" : "ok", link: report.url });
    });
    await this.draw();
  }
}

export function start() {
  const root = document.querySelector("[data-offline-desk]");
  if (root) new Desk(root).look();
}
