// Drawer, help sheet, bell and pop-up menus, all on native <dialog> and <details>.
import { openDialog } from "./dom.js";

const drawer = () => document.getElementById("drawer");

export function show(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

function fillDrawer(event) {
  const body = document.getElementById("drawer-body");
  const target = event.detail.ctx?.target;
  if (!body || target !== body) return;
  const heading = body.querySelector("h1");
  drawer().setAttribute("aria-label", heading ? heading.textContent.trim() : document.title);
  show(drawer());
  body.scrollTop = 0;
  const first = body.querySelector("[aria-invalid=true], .error-summary, [autofocus]");
  if (first) first.focus();
  else if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

// A plain form opened in the drawer answers in the drawer; after success the server sends the page elsewhere.
function submitInside(event, htmx) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("#drawer-body") || form.matches("[data-outbox]")) return;
  event.preventDefault();
  const url = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action;
  htmx.ajax("POST", url, { source: form, event, target: "#drawer-body", swap: "innerHTML" });
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.pop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

// A small form is cut off neither by the list it stands in, nor by the menu beside it, nor by the edge of the window.
function place(menu) {
  const body = menu.querySelector(":scope > .pop-body:not(.who-menu)");
  if (!body) return;
  body.style.position = "fixed";
  const at = menu.querySelector("summary").getBoundingClientRect();
  const foot = innerHeight - (document.querySelector(".tabs-bottom")?.offsetHeight ?? 0) - 8;
  const { offsetWidth: wide, offsetHeight: high } = body;
  const above = at.top - 6 - high;
  body.style.right = "auto";
  const from = Math.max(0, menu.closest("main, dialog")?.getBoundingClientRect().left ?? 0) + 8;
  body.style.left = `${Math.max(from, Math.min(at.right, document.documentElement.clientWidth - 8) - wide)}px`;
  body.style.top = `${at.bottom + 6 + high <= foot ? at.bottom + 6 : above >= 8 ? above : Math.max(8, foot - high)}px`;
}

function placeOpen() {
  for (const menu of document.querySelectorAll("details.pop[open]")) place(menu);
}

export function start(htmx) {
  document.addEventListener("submit", (event) => submitInside(event, htmx));
  document.addEventListener("htmx:after:swap", fillDrawer);
  document.addEventListener("drawer-close", () => drawer()?.close());
  document.addEventListener("click", (event) => {
    closeMenus(event);
    const opener = event.target.closest?.("[data-open-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.openDialog);
      if (dialog) {
        event.preventDefault();
        show(dialog);
        dialog.dispatchEvent(new CustomEvent("opened"));
      }
    }
    if (event.target.closest?.("[data-close-dialog]")) {
      event.preventDefault();
      openDialog()?.close();
    }
    // A click on the backdrop lands on the dialog itself.
    if (event.target.matches?.("dialog[open]") && event.target.id !== "drawer") event.target.close();
    const printing = event.target.closest?.("[data-print]");
    if (printing) {
      event.preventDefault();
      window.print();
    }
  });
  // A little form that is opened wants its place and its first field; `toggle` and `scroll` do not bubble.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details.pop[open]")) return;
    place(event.target);
    event.target.querySelector("[data-focus]")?.focus();
  }, true);
  document.addEventListener("scroll", placeOpen, { capture: true, passive: true });
  window.addEventListener("resize", placeOpen);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.pop[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (location.hash === "#side") location.hash = "";
  });
  // A closed drawer forgets its content, so no id stands twice on the page.
  drawer()?.addEventListener("close", () => document.getElementById("drawer-body").replaceChildren());
  window.addEventListener("beforeprint", () => document.body.classList.add("is-printing"));
  window.addEventListener("afterprint", () => document.body.classList.remove("is-printing"));
}
