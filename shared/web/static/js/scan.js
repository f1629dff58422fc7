// The scan box. A scanner types faster than a server answers, so every code is taken out of the box in the
// tick of its Enter, queued here, and sent one at a time under a key of its own until the server has said something.
import { all, once, openDialog, text } from "./dom.js";
import { fireTriggers, newKey, post, refusalIn } from "./requests.js";
import { beep } from "./sound.js";
import { toast } from "./toasts.js";

const RETRY = 2000;

class ScanBox {
  constructor(form, htmx) {
    this.form = form;
    this.htmx = htmx;
    this.box = form.querySelector("[data-scan-box]");
    this.state = form.querySelector("[data-scan-state]");
    this.queue = [];
    this.busy = false;
    this.physical = "";
    this.warned = false;
    form.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("submit", (event) => this.turn(event));
    this.box.addEventListener("keydown", (event) => this.key(event), true);
    this.box.addEventListener("compositionend", () => this.dropComposed());
    this.guard();
    // A scan that waits must not die with the page.
    window.addEventListener("beforeunload", (event) => this.queue.length && event.preventDefault());
  }

  submit(event) {
    event.preventDefault();
    event.stopPropagation();
    this.take();
  }

  // "Next in line" waits its turn among the scans: overtaken by the next card it would send that patron away.
  turn(event) {
    const form = event.target;
    if (!form.matches?.("form[data-scan-turn]") || !this.form.isConnected) return;
    event.preventDefault();
    this.queue.push({ url: form.action, body: new URLSearchParams(new FormData(form)), key: newKey(), code: "" });
    this.send();
  }

  // Every field of the form goes along as it stood at the scan: a mode switched later does not reach back.
  take(code = this.box.value) {
    this.box.value = "";
    this.physical = "";
    const clean = code.normalize("NFKC").trim();
    if (!clean) return;
    const body = new URLSearchParams(new FormData(this.form));
    body.set(this.box.name, clean);
    this.queue.push({ body, key: newKey(), code: clean });
    this.send();
  }

  // With a Chinese input method on, keys arrive as "Process"; event.code still names the physical key.
  key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (!composing) {
      if (event.key === "Enter") this.physical = "";
      return;
    }
    const typed = /^(?:Digit|Numpad)(\d)$|^Key([A-Z])$/.exec(event.code);
    if (typed) this.physical += typed[1] || typed[2];
    else if (event.code === "Minus" || event.code === "NumpadSubtract") this.physical += "-";
    else if (event.code === "Backspace") this.physical = this.physical.slice(0, -1);
    else if (event.code === "Enter" || event.code === "NumpadEnter") this.rescue(event);
  }

  rescue(event) {
    const code = this.physical;
    this.physical = "";
    if (!code) return;
    event.preventDefault();
    this.rescued = true;
    // Ends the composition in every browser; what it leaves behind is dropped below.
    this.box.blur();
    this.box.value = "";
    this.take(code);
    this.box.focus();
    if (!this.warned) toast({ text: text("ime", {}, this.form), tone: "warn" });
    this.warned = true;
  }

  dropComposed() {
    if (!this.rescued) return;
    this.rescued = false;
    setTimeout(() => { this.box.value = ""; });
  }

  async send() {
    if (this.busy || !this.queue.length) return this.tell();
    this.busy = true;
    const scan = this.queue[0];
    let answer = null;
    try {
      answer = await post(scan.url || this.form.action, scan.body, {
        key: scan.key,
        headers: { "HX-Target": this.target().replace("#", "div#"), "HX-Current-URL": location.href },
      });
    } catch {
      answer = null;
    }
    // No answer, or a gateway that could not reach the service: the same scan, the same key, again.
    if (!answer || [502, 503, 504].includes(answer.status)) {
      this.lost = true;
      this.tell();
      await new Promise((done) => setTimeout(done, RETRY));
    } else {
      this.lost = false;
      this.queue.shift();
      await this.show(answer, scan);
    }
    this.busy = false;
    this.tell();
    this.send();
  }

  target() {
    return this.form.dataset.target || "#scan-lines";
  }

  async show(answer, scan) {
    const body = await answer.text();
    const html = (answer.headers.get("Content-Type") || "").includes("html");
    const sound = answer.headers.get("X-Sound");
    // A door that shows another page after a post says so in this header.
    const away = answer.headers.get("HX-Redirect") || (answer.redirected && answer.url);
    if (away) return location.assign(away);
    if (html && (answer.ok || /<hx-partial|data-scan-line/.test(body))) {
      await this.htmx.swap({
        text: body,
        target: document.querySelector(this.target()),
        swap: this.form.dataset.swap || "afterbegin",
        sourceElement: this.form,
        request: {},
        hx: {},
      });
      const said = document.querySelector(`${this.target()} [data-sound]`)?.dataset.sound;
      beep(sound || said || (answer.ok ? "ok" : "stop"));
    } else {
      beep(sound || "stop");
      // A refusal brings its own toast in HX-Trigger.
      if (!/toast/.test(answer.headers.get("HX-Trigger") || "")) {
        toast({ text: `${scan.code} ${refusalIn(body) || text("failed")}`, tone: "bad" });
      }
    }
    fireTriggers(answer.headers.get("HX-Trigger"), this.form);
    this.focus();
  }

  tell() {
    if (!this.state) return;
    const n = this.queue.length;
    this.state.textContent = this.lost && n ? text("waiting", { n }, this.form) : "";
  }

  // Focus belongs here unless a dialog, a menu or another field has it.
  guard() {
    const back = () => setTimeout(() => this.focus(), 0);
    document.addEventListener("click", back);
    document.addEventListener("htmx:after:swap", back);
    document.addEventListener("close", back, true);
    window.addEventListener("focus", back);
    this.form.addEventListener("change", back);
    this.focus();
  }

  focus() {
    if (!this.form.isConnected || openDialog() || document.querySelector("details.pop[open]")) return;
    const held = document.activeElement;
    const elsewhere = held?.matches?.("input, select, textarea") && held !== this.box && !(held.type === "radio" && this.form.contains(held));
    if (!elsewhere && String(getSelection()) === "") this.box.focus({ preventScroll: true });
  }
}

let engine = null;

export function start(htmx) {
  engine = htmx;
  // Buttons beside the desk may ring as well.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const sound = ctx.response?.headers.get("X-Sound") || ctx.sourceElement?.dataset?.sound;
    if (sound) beep(sound);
  });
}

export function dress(root) {
  for (const form of all(root, "form[data-scan]")) {
    if (once(form, "scan")) new ScanBox(form, engine);
  }
}
