// The only way the page makes elements: text always becomes a text node, never markup.

/**
 * Makes an element. `properties`: `class`, `testid`, `on` (event handlers), anything else is an attribute;
 * null, undefined and false leave an attribute out. Children are nodes or text; null ones are skipped.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "testid") element.dataset.testid = value;
    else if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon of the sprite in index.html; decoration, so hidden from screen readers. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

let counter = 0;
/** An id that no other element of this page has. */
export function uniqueID(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Says `text` through the page's live region; a repeated text is said again. */
export function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 60);
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Copies text; outside a secure context (plain HTTP on a network) the older way is used. Returns whether it worked. */
async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Permission refused: the older way may still work.
    }
  }
  const focused = document.activeElement;
  const area = el("textarea", { class: "visually-hidden", readonly: true, "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus?.();
  return copied;
}

/** A small button that saves a file from the server. */
export function downloadLink(address, label, description, testid) {
  const link = el("a", { class: "quiet-button", href: address, download: "", testid }, icon("download"), el("span", {}, label));
  link.setAttribute("aria-label", description);
  return link;
}

/** A small button that copies and says so for a moment. */
export function copyButton(label, text, testid) {
  const words = el("span", {}, label);
  const button = el("button", { class: "quiet-button", type: "button", testid }, icon("copy"), words);
  button.addEventListener("click", async () => {
    const copied = await copyText(text());
    words.textContent = copied ? "Copied" : "Copying failed";
    button.replaceChildren(icon(copied ? "check" : "alert"), words);
    announce(copied ? "Copied" : "Copying failed");
    setTimeout(() => {
      words.textContent = label;
      button.replaceChildren(icon("copy"), words);
    }, 1600);
  });
  return button;
}
