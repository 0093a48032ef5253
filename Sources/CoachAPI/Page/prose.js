// Plain text with the little structure that answers use: paragraphs, lists, **bold**, and numbers that stand out.
import { el } from "./dom.js";

const bullet = /^\s*[-*•]\s+(.*)$/;
const numbered = /^\s*\d{1,2}[.)]\s+(.*)$/;
// Money, percents and grouped or decimal numbers; not the bare day or year of a date.
const figure = /([+\u2212-]?[$€£¥]\s?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?(?:[KMB]|bn|million|billion)\b)?|[+\u2212-]?\d+(?:,\d{3})*(?:\.\d+)?\s?(?:%|pp\b)|[+\u2212-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?)/g;

/** Nodes for `text`; all of it ends in text nodes. */
export function prose(text) {
  const blocks = [];
  let list = null;
  let paragraph = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push(el("p", {}, ...inline(paragraph.join("\n"))));
    paragraph = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const item = bullet.exec(line) ?? numbered.exec(line);
    if (item) {
      endParagraph();
      const kind = bullet.test(line) ? "UL" : "OL";
      if (list?.tagName !== kind) blocks.push((list = el(kind)));
      list.append(el("li", {}, ...inline(item[1])));
      continue;
    }
    list = null;
    if (line.trim() === "") endParagraph();
    else paragraph.push(line);
  }
  endParagraph();
  return blocks;
}

function inline(text) {
  return text.split(/\*\*([^*]+)\*\*/).flatMap((part, index) => (index % 2 === 1 ? [el("strong", {}, part)] : figures(part)));
}

function figures(text) {
  return text.split(figure).map((part, index) => (index % 2 === 1 ? el("strong", { class: "figure" }, part) : part))
    .filter((part) => part !== "");
}
