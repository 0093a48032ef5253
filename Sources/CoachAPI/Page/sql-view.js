// The SQL of an answer, coloured; its text content stays exactly what ran.
import { el } from "./dom.js";
import { exact } from "./format.js";

const token = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*"|`[^`]*`)|([$?:@][A-Za-z_0-9]*)|\b(\d+(?:\.\d+)?)\b|([A-Za-z_][A-Za-z_0-9]*)/g;
const keywords = new Set(("SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET AS ON AND OR NOT IN IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END JOIN LEFT RIGHT INNER OUTER "
  + "FULL CROSS UNION ALL DISTINCT WITH OVER PARTITION ASC DESC CAST EXISTS FILTER NULLS FIRST LAST USING VALUES INTERVAL DATE RECURSIVE ROWS PRECEDING FOLLOWING CURRENT ROW").split(" "));
// SQL on one line is shown with a break before each of these; breaks are drawn by the style sheet, so copying is unaffected.
const clauses = new Set("FROM WHERE GROUP ORDER HAVING LIMIT LEFT INNER CROSS UNION".split(" "));

export function sqlView(sql, parameters) {
  const code = el("code", { testid: "sql-text" }, ...coloured(sql));
  const view = el("div", { class: "sql" }, el("pre", { class: "sql-code", tabindex: "0", role: "region", "aria-label": "SQL" }, code));
  if (parameters.length > 0) view.append(parameterList(parameters));
  return view;
}

function coloured(sql) {
  const oneLine = !sql.trim().includes("\n");
  const nodes = [];
  let end = 0;
  let depth = 0;
  let previous = "";
  for (const match of sql.matchAll(token)) {
    const between = sql.slice(end, match.index);
    depth += (between.match(/\(/g)?.length ?? 0) - (between.match(/\)/g)?.length ?? 0);
    if (between) nodes.push(between);
    end = match.index + match[0].length;
    const word = match[6]?.toUpperCase();
    const starts = oneLine && depth === 0 && nodes.length > 0 && word !== undefined && (clauses.has(word) || (word === "JOIN" && !/^(LEFT|INNER|CROSS|OUTER|RIGHT|FULL)$/.test(previous)));
    nodes.push(piece(match, word, starts));
    if (word !== undefined) previous = word;
  }
  nodes.push(sql.slice(end));
  return nodes.filter((node) => node !== "");
}

function piece(match, word, startsClause) {
  const [text, comment, string, quoted, parameter, number] = match;
  if (word !== undefined) {
    if (!keywords.has(word)) return text;
    return el("span", { class: startsClause ? "sql-keyword sql-clause" : "sql-keyword" }, text);
  }
  const kind = comment ? "comment" : string ? "string" : quoted ? "name" : parameter ? "parameter" : number ? "number" : null;
  return kind ? el("span", { class: `sql-${kind}` }, text) : text;
}

function parameterList(parameters) {
  return el("div", { class: "parameters" },
    el("h3", {}, "Parameters"),
    el("ol", { testid: "parameters" }, ...parameters.map((value, index) => el("li", {},
      el("span", { class: "parameter-number" }, `?${index + 1}`), el("code", {}, exact(value))))));
}
