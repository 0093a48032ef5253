// Light and dark: the system's choice until the reader chooses, then the reader's, remembered.
// The theme in force is always `data-theme` on the root element; theme-early.js set it before the first paint.
import { icon } from "./dom.js";

const key = "coach.theme";
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const opposite = () => (root.dataset.theme === "dark" ? "light" : "dark");

/** Wires the toggle; `onChange` is called after each change, with the new colours already in force. */
export function startTheme(button, onChange) {
  const show = () => {
    const next = opposite();
    button.replaceChildren(icon(next === "dark" ? "moon" : "sun"));
    button.setAttribute("aria-label", `Use the ${next} theme`);
    button.title = `Use the ${next} theme`;
    const page = getComputedStyle(root).getPropertyValue("--page").trim();
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", page);
  };
  const use = (theme) => {
    root.dataset.theme = theme;
    show();
    onChange();
  };
  button.addEventListener("click", () => {
    const next = opposite();
    remember(next);
    use(next);
  });
  system.addEventListener("change", () => {
    if (remembered() === null) use(system.matches ? "dark" : "light");
  });
  show();
}

function remembered() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Not remembered, but in force for this visit.
  }
}
