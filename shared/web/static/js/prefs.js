// Theme and language are cookies; the links work alone, this only saves the round trip.

const YEAR = 31536000;

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
}

export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-set-theme], [data-set-lang]");
    if (!link) return;
    event.preventDefault();
    const { setTheme, setLang } = link.dataset;
    if (setLang) {
      remember("lang", setLang);
      location.reload();
      return;
    }
    remember("theme", setTheme);
    const root = document.documentElement;
    root.dataset.theme = setTheme;
    const dark = setTheme === "dark" || (setTheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
    // The control that was pressed is hidden now: its counterpart takes the focus.
    const other = document.querySelector(`.top [data-set-theme]:not([data-set-theme="${setTheme}"])`);
    if (link.closest(".top")) other?.focus();
    document.dispatchEvent(new CustomEvent("theme"));
  });
}
