// The rows of an answer: right-aligned numbers, exact values on hover, sorting, and a file to take away.
import { rowsAddress } from "./api.js";
import { announce, downloadLink, el, icon } from "./dom.js";
import { columnFormatter, exact, isNumeric, kindOf } from "./format.js";

// Enough for a look; a click shows the rest, so that thousands of rows do not slow the page.
const firstRows = 100;
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** A table with its buttons: `{element, actions}`. */
export function resultTable(answer) {
  const { columns, rows } = answer;
  const grain = grainOf(answer.frame);
  const formatters = columns.map((column, index) => columnFormatter(column, rows.map((row) => row[index]), grain));
  const state = { sorted: null, direction: "none", all: rows.length <= firstRows };
  const body = el("tbody");
  const heads = columns.map((column, index) => head(column, () => sortBy(index)));
  const more = el("button", { class: "quiet-button more-rows", type: "button", on: { click: () => { state.all = true; render(); } } });
  const caption = el("caption", { class: "visually-hidden" }, answer.interpretation || answer.question || "Result");

  function sortBy(index) {
    // Large numbers and first names are what people look for: numbers start descending, text ascending.
    const order = isNumeric(columns[index]) ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
    const at = state.sorted === index ? order.indexOf(state.direction) : -1;
    state.direction = order[(at + 1) % order.length];
    state.sorted = state.direction === "none" ? null : index;
    render();
    const label = columns[index].label ?? columns[index].name;
    announce(state.sorted === null ? "Original order" : `Sorted by ${label}, ${state.direction}`);
  }

  function render() {
    const order = state.sorted === null ? rows : sortedRows(rows, state.sorted, state.direction);
    const shown = state.all ? order : order.slice(0, firstRows);
    body.replaceChildren(...shown.map((row) => el("tr", {}, ...columns.map((column, index) => cell(row[index], column, formatters[index], index)))));
    heads.forEach((th, index) => th.setAttribute("aria-sort", state.sorted === index ? state.direction : "none"));
    more.hidden = state.all;
    more.textContent = `Show all ${rows.length.toLocaleString("en-US")} rows`;
  }

  render();
  const table = el("table", { class: isFigures(answer) ? "result figures" : "result", testid: "result-table" }, caption, el("thead", {}, el("tr", {}, ...heads)), body);
  const scroll = el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Result table" }, table);
  const element = el("div", { class: "table-box" }, scroll, rows.length === 0 ? el("p", { class: "no-rows" }, "No rows.") : null, more);
  return { element, actions: downloads(answer) };
}

/** Files of all rows, which the server reads again; an answer that has no run is saved as it is shown. */
function downloads(answer) {
  if (answer.run_id) {
    return [["csv", "CSV", "a CSV file"], ["xlsx", "Excel", "an Excel file"]].map(([type, label, what]) =>
      downloadLink(rowsAddress(answer.run_id, type), label, `Download all rows as ${what}`, `download-${type}`));
  }
  const button = el("button", { class: "quiet-button", type: "button", testid: "download-csv", on: { click: () => save(answer) } }, icon("download"), el("span", {}, "CSV"));
  button.setAttribute("aria-label", "Download the rows as a CSV file");
  return [button];
}

/** One row of nothing but numbers is shown large, for it is the whole answer. */
const isFigures = ({ columns, rows }) => rows.length === 1 && columns.length <= 4 && columns.every(isNumeric);

/** The grain of the time column, where the frame tells it. */
export function grainOf(frame) {
  const grain = frame?.grain ?? frame?.time?.grain ?? null;
  return typeof grain === "string" ? grain : null;
}

function head(column, onSort) {
  const label = column.label ?? column.name;
  const kind = kindOf(column);
  const unit = kind === "number" && column.unit && !label.toLowerCase().includes(String(column.unit).toLowerCase()) ? column.unit : null;
  return el("th", { scope: "col", class: isNumeric(column) ? "number" : null, "aria-sort": "none" },
    el("button", { type: "button", class: "sort", on: { click: onSort } },
      el("span", {}, label), unit ? el("span", { class: "unit" }, ` ${unit}`) : null, el("span", { class: "sort-mark", "aria-hidden": "true" })));
}

function cell(value, column, format, index) {
  const text = format(value);
  const classes = [isNumeric(column) ? "number" : null, column.role === "change" || column.role === "comparison" ? "secondary" : null, text === null ? "empty" : null];
  const properties = { class: classes.filter(Boolean).join(" ") || null, title: exact(value), "data-value": exact(value) };
  if (index === 0 && !isNumeric(column)) return el("th", { scope: "row", ...properties }, text ?? "\u2013");
  return el("td", properties, text ?? "\u2013");
}

function sortedRows(rows, index, direction) {
  const sign = direction === "descending" ? -1 : 1;
  return [...rows].sort((first, second) => {
    const [a, b] = [first[index], second[index]];
    const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
    // Missing values go last, whichever way the rest is sorted.
    if (noA || noB) return Number(noA) - Number(noB);
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));
  });
}

function save(answer) {
  const lines = [answer.columns.map((column) => column.label ?? column.name), ...answer.rows].map((row) => row.map(csvField).join(","));
  const address = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: address, download: `${fileName(answer)}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function csvField(value) {
  if (value === null || value === undefined) return "";
  const text = exact(value);
  // A text that starts like a formula would be run by a spreadsheet.
  const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function fileName(answer) {
  const words = (answer.question || "answer").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return words.slice(0, 60) || "answer";
}
