// How values look. The page's words are English, so numbers and dates are too, whatever the browser's language.
const locale = "en-US";
const currencyCode = /^[A-Z]{3}$/;
const isoDate = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/;
const isoMonth = /^(\d{4})-(\d{2})$/;

/** What a column holds: currency, percent, points (percent points), number, date or text. */
export function kindOf(column) {
  const unit = column.unit ?? "";
  if (/^(pp|ppt|points?)$|percent(age)?[ _-]?points?/i.test(unit)) return "points";
  if (column.format === "percent" || (/^(percent|%)$/i.test(unit) && column.format !== "text")) return "percent";
  if (column.format === "currency" || (column.format === "number" && isCurrency(unit))) return "currency";
  if (column.format === "number") return "number";
  if (column.format === "date" || column.role === "time") return "date";
  return column.format === "text" || column.role === "dimension" ? "text" : "number";
}

export const isNumeric = (column) => ["currency", "percent", "points", "number"].includes(kindOf(column));

function isCurrency(unit) {
  if (!currencyCode.test(unit)) return false;
  try {
    new Intl.NumberFormat(locale, { style: "currency", currency: unit });
    return true;
  } catch {
    return false;
  }
}

/** Decimals that suit a whole column, so that its numbers line up. */
function decimalsFor(kind, values, unit) {
  const sizes = values.filter((value) => typeof value === "number").map(Math.abs);
  const whole = sizes.every(Number.isInteger);
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  if (kind === "percent" || kind === "points") {
    return sizes.some((size) => size > 0 && size < 0.1) ? 2 : 1;
  }
  if (whole) return 0;
  if (kind === "currency") {
    if (largest >= 1000) return 0;
    return new Intl.NumberFormat(locale, { style: "currency", currency: isCurrency(unit) ? unit : "USD" })
      .resolvedOptions().maximumFractionDigits;
  }
  return largest >= 10000 ? 0 : largest >= 100 ? 1 : 2;
}

/** A function from a column's values to their text; decimals are chosen once, from all `values`. */
export function columnFormatter(column, values = [], grain = null) {
  const kind = kindOf(column);
  if (kind === "date") return (value) => (value === null || value === undefined ? null : formatDate(value, grain));
  if (kind === "text") return textOf;
  const number = numberFormat(kind, column, { decimals: decimalsFor(kind, values, column.unit) });
  return (value) => (typeof value === "number" ? number(value) : textOf(value));
}

/** Short numbers for the axes and labels of a chart: $1.2M, 34K, 12%. */
export function compactFormatter(column) {
  const kind = kindOf(column);
  const number = numberFormat(kind, column, { compact: true });
  return (value) => (typeof value === "number" ? number(value) : String(value ?? ""));
}

function numberFormat(kind, column, { decimals = 0, compact = false }) {
  const options = compact
    ? { notation: "compact", maximumFractionDigits: 1 }
    : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  if (column.role === "change" || column.role === "change_percent") options.signDisplay = "exceptZero";
  if (kind === "currency" && isCurrency(column.unit ?? "USD")) {
    options.style = "currency";
    options.currency = column.unit ?? "USD";
  }
  const format = new Intl.NumberFormat(locale, options);
  const suffix = kind === "percent" ? "%" : kind === "points" ? " pp" : "";
  return (value) => format.format(value).replace("-", "\u2212") + suffix;
}

function textOf(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** A value exactly as it came, for the title of its cell. */
export function exact(value) {
  if (value === null || value === undefined) return "no value";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2026-05-01" as "1 May 2026", or by its grain "May 2026", "Q2 2026", "2026"; other text stays as it is. */
export function formatDate(value, grain = null) {
  const text = String(value);
  const month = isoMonth.exec(text);
  if (month && months[month[2] - 1]) return `${months[month[2] - 1]} ${month[1]}`;
  const parts = isoDate.exec(text);
  if (!parts || !months[parts[2] - 1]) return text;
  const [, year, monthNumber, day, hour, minute] = parts;
  if (grain === "year") return year;
  if (grain === "quarter") return `Q${Math.ceil(monthNumber / 3)} ${year}`;
  if (grain === "month") return `${months[monthNumber - 1]} ${year}`;
  const date = `${Number(day)} ${months[monthNumber - 1]} ${year}`;
  return hour !== undefined && `${hour}${minute}` !== "0000" ? `${date}, ${hour}:${minute}` : date;
}

/** Whether every label is an ISO date or month, so that a chart may show dates as the table does. */
export const allDates = (labels) =>
  labels.length > 0 && labels.every((label) => isoDate.test(String(label)) || isoMonth.test(String(label)));

/** When something happened, as short as is clear under its day group: "14:05", "Mon", "3 May", "3 May 2025". */
export function formatMoment(iso, now = new Date()) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const days = Math.round((startOfDay(now) - startOfDay(moment)) / 86_400_000);
  if (days <= 0) return time;
  if (days === 1) return time;
  if (days < 7) return moment.toLocaleDateString(locale, { weekday: "short" });
  const date = `${moment.getDate()} ${months[moment.getMonth()]}`;
  return moment.getFullYear() === now.getFullYear() ? date : `${date} ${moment.getFullYear()}`;
}

/** The heading under which the sidebar lists a chat. */
export function dayGroup(iso, now = new Date()) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "Earlier";
  const days = Math.round((startOfDay(now) - startOfDay(moment)) / 86_400_000);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  return days < 7 ? "This week" : "Earlier";
}

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** A duration in the unit a reader expects: "0.4 ms", "23 ms", "1.2 s", "2 min 5 s". */
export function formatDuration(milliseconds) {
  if (typeof milliseconds !== "number" || !Number.isFinite(milliseconds)) return "";
  if (milliseconds < 10) return `${Number(milliseconds.toFixed(1))} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/** A cost, given as a decimal string, with two significant digits below a cent; nothing is rounded down to "$0". */
export function formatCost(decimal) {
  const amount = Number(decimal ?? 0);
  if (!Number.isFinite(amount) || amount === 0) return "$0";
  if (amount >= 0.01) return `$${amount.toFixed(2)}`;
  const digits = Math.min(12, 1 - Math.floor(Math.log10(amount)));
  return `$${amount.toFixed(digits).replace(/0+$/, "")}`;
}

/** "1 token", "1,234 tokens". */
export function countOf(count, word) {
  const number = count ?? 0;
  return `${new Intl.NumberFormat(locale).format(number)} ${word}${number === 1 ? "" : "s"}`;
}
