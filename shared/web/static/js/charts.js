// Finds charts, fetches their numbers, and only then loads the chart library.
import { all, make, once, text } from "./dom.js";

let library = null;

function load() {
  library ||= new Promise((done, failed) => {
    const script = make("script", { src: document.body.dataset.chartSrc });
    script.addEventListener("load", () => done(window.guanwuChart));
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  return library;
}

function asTable({ x, series, unit }) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const cell = (value) => (value === null || value === undefined ? "—" : typeof value === "number" ? number.format(value) : value);
  const head = make("tr", {}, make("th", { scope: "col" }, text("period")),
    ...series.map((one) => make("th", { scope: "col", class: "num" }, one.name + (unit ? `（${unit}）` : ""))));
  const lines = x.map((label, i) => make("tr", {}, make("th", { scope: "row" }, String(label)),
    ...series.map((one) => make("td", { class: "num" }, cell(one.data[i])))));
  return make("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": text("table") },
    make("table", { class: "table tight" }, make("thead", {}, head), make("tbody", {}, ...lines)));
}

class Figure {
  constructor(box) {
    this.box = box;
    this.as = box.dataset.chartAs || "line";
    this.figure = box.closest("figure") || box;
    const scope = this.figure.closest(".card") || this.figure;
    this.buttons = all(scope, "button[data-chart-show]");
    for (const button of this.buttons) button.addEventListener("click", () => this.show(button.dataset.chartShow));
    document.addEventListener("theme", () => box.isConnected && this.data && this.draw());
    box.addEventListener("live", () => this.fetch());
    this.fetch();
  }

  async fetch() {
    try {
      const answer = await fetch(this.box.dataset.chart, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.data = await answer.json();
      await this.draw();
    } catch {
      this.box.replaceChildren(make("p", { class: "empty" }, text("failed")));
    }
  }

  show(as) {
    this.as = as;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.chartShow === as));
    if (this.data) this.draw();
  }

  async draw() {
    if (this.as === "table") {
      this.chart?.dispose();
      this.chart = null;
      this.box.replaceChildren(asTable(this.data));
      return;
    }
    const chart = await load();
    if (!this.chart) this.box.replaceChildren();
    this.chart = chart(this.box, this.data, this.as, this.chart);
  }
}

export function start() {}

export function dress(root) {
  for (const box of all(root, "[data-chart]")) if (once(box, "chart")) new Figure(box);
}
