// Ctrl K: the entries of the side bar at once, what the gateway's search finds a moment later.
import { all, make, text } from "./dom.js";
import { show } from "./dialogs.js";

let asked = 0;
let timer = 0;

const dialog = () => document.getElementById("palette");
const list = () => document.getElementById("palette-list");

/** Open the palette, with what was typed already. */
export function openPalette(query = "") {
  if (!dialog()) return;
  show(dialog());
  const input = dialog().querySelector("input");
  input.value = query;
  input.focus();
  look();
}

function ownEntries(query) {
  const wanted = query.toLowerCase();
  const found = all(document, ".side .nav-entry[href]").filter((entry) => {
    const words = `${entry.textContent} ${entry.dataset.words || ""}`.toLowerCase();
    return words.includes(wanted);
  });
  if (!found.length) return null;
  const items = found.slice(0, query ? 6 : 12).map((entry) => {
    const link = make("a", { href: entry.getAttribute("href") });
    const mark = entry.querySelector(".icon");
    if (mark) link.append(mark.cloneNode(true));
    link.append(entry.querySelector("span").textContent.trim());
    return make("li", {}, link);
  });
  return make("section", {}, make("h3", {}, text("functions")), make("ul", {}, ...items));
}

async function look() {
  const input = dialog().querySelector("input");
  const query = input.value.trim();
  const turn = ++asked;
  list().replaceChildren(...[ownEntries(query)].filter(Boolean));
  point(0);
  if (!query) return;
  const url = new URL(input.form.action, location.href);
  url.searchParams.set("q", query);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "div#palette-list" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked || !answer.ok) return;
    const here = new Set(all(list(), "a").map((link) => link.getAttribute("href")));
    const found = page.querySelector("#page, #palette-list") || page.body;
    for (const link of all(found, "li a[href]")) {
      if (here.has(link.getAttribute("href"))) link.closest("li").remove();
    }
    list().append(...found.childNodes);
    point(0);
  } catch {
    // The side bar's own entries stay; the network line already says why.
  }
}

function point(index) {
  const links = all(list(), "a[href]");
  links.forEach((link) => link.classList.remove("is-here"));
  const input = dialog().querySelector("input");
  if (!links.length) return input.removeAttribute("aria-activedescendant");
  const at = (index + links.length) % links.length;
  links[at].classList.add("is-here");
  links[at].id ||= `found-${at}-${asked}`;
  links[at].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", links[at].id);
}

function steer(event) {
  const links = all(list(), "a[href]");
  const at = links.findIndex((link) => link.classList.contains("is-here"));
  if (event.key === "ArrowDown") point(at + 1);
  else if (event.key === "ArrowUp") point(at - 1);
  else if (event.key === "Escape" && !event.isComposing) dialog().close();
  else if (event.key === "Enter" && !event.isComposing && links[at]) links[at].click();
  else return;
  event.preventDefault();
}

export function start() {
  const input = dialog()?.querySelector("input");
  if (!input) return;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 140);
  });
  input.addEventListener("keydown", steer);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-palette]")) {
      event.preventDefault();
      openPalette();
    }
  });
}
