// Small kindnesses of fields: file preview, looked-up suggestions, selects that submit, the first mistake focused.
import { all, make, once } from "./dom.js";

function preview(input) {
  const place = document.getElementById(input.dataset.preview);
  if (!place) return;
  for (const image of place.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  place.replaceChildren(...[...input.files].map((file) => {
    if (file.type.startsWith("image/")) return make("img", { src: URL.createObjectURL(file), alt: file.name });
    return make("figure", {}, file.name, make("small", {}, `${Math.max(1, Math.round(file.size / 1024))} KB`));
  }));
}

function lookup(input) {
  const list = input.list || document.getElementById(input.getAttribute("list"));
  let timer = 0;
  let turn = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < 1) return;
    timer = setTimeout(async () => {
      const mine = ++turn;
      const url = new URL(input.dataset.lookup, location.href);
      url.searchParams.set("q", input.value.trim());
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" } });
        if (!answer.ok || mine !== turn) return;
        const found = await answer.json();
        list.replaceChildren(...found.map((one) => make("option", typeof one === "string" ? { value: one } : { value: one.value, label: one.label })));
      } catch {
        // Typing by hand still works.
      }
    }, 180);
  });
}

// Filters send themselves; the button for people without scripts goes away.
function autoSubmit(form) {
  let timer = 0;
  const go = () => form.requestSubmit();
  form.addEventListener("change", (event) => event.target.matches("select, input[type=date], input[type=checkbox], input[type=radio]") && go());
  form.addEventListener("input", (event) => {
    if (!event.target.matches("input[type=search]") || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(go, 320);
  });
  form.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(go, 320);
  });
  for (const button of form.querySelectorAll("[data-no-js]")) button.hidden = true;
}

export function start() {
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[type=file][data-preview]")) preview(event.target);
    if (event.target.matches?.("[data-go]") && event.target.value) location.assign(event.target.value);
  });
  // A form somebody has begun is not lost to a slip of the hand.
  document.addEventListener("input", (event) => event.target.form?.matches?.("[data-guard]") && (event.target.form.dataset.begun = "1"));
  document.addEventListener("submit", (event) => delete event.target.dataset.begun);
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-begun]:not([data-sent])")) event.preventDefault();
  });
  const wrong = document.querySelector("main .error-summary");
  if (wrong) wrong.focus();
}

export function dress(root) {
  for (const input of all(root, "input[data-lookup]")) if (once(input, "lookup")) lookup(input);
  for (const form of all(root, "form[data-auto]")) if (once(form, "auto")) autoSubmit(form);
}
