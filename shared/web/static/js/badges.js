// The navigation: the entry one stands on is in sight, and counts beside entries (GET /work/badges answers {key: count}).
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

function reveal() {
  const nav = document.querySelector("#side nav");
  const here = nav?.querySelector("[aria-current]");
  if (!here) return;
  const below = here.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom;
  if (below > 0) nav.scrollTop += below + nav.clientHeight / 3;
}

// On a phone the chosen tab may stand beyond the edge of its row.
export function dress(root) {
  for (const tab of all(root, "nav.tabs a[aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}

export function start() {
  reveal();
  load();
  document.addEventListener("changed", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 1500);
  });
}
