// Counts beside navigation entries: GET /work/badges answers {key: count}.
import { all } from "./dom.js";

let timer = 0;

async function load() {
  const places = all(document, "[data-badge]");
  if (!document.body.dataset.me || !places.length) return;
  try {
    const answer = await fetch("/work/badges", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const counts = await answer.json();
    for (const place of places) {
      const n = counts[place.dataset.badge];
      if (n !== undefined) place.textContent = n > 0 ? (n > 999 ? "999+" : String(n)) : "";
    }
  } catch {
    // Old counts are better than none.
  }
}

export function start() {
  load();
  document.addEventListener("changed", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 1500);
  });
}
