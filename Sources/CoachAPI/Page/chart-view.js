// Charts, drawn by Chart.js when the server has it. A chart's configuration carries no colours: they come from the style sheet.
import { el, reducedMotion } from "./dom.js";
import { allDates, columnFormatter, compactFormatter, formatDate } from "./format.js";
import { grainOf } from "./result-table.js";

const phone = matchMedia("(max-width: 560px)");
const types = new Set(["bar", "line", "pie", "doughnut", "scatter", "bubble", "radar", "polarArea"]);
const mounted = new Set();
let library = null;

/** Loads Chart.js once; false when the server does not have it. */
export function loadCharts() {
  library ??= new Promise((resolve) => {
    const script = el("script", { src: "/assets/chart.js", on: { load: () => resolve(Boolean(window.Chart)), error: () => resolve(false) } });
    document.head.append(script);
  });
  return library;
}

export const isDrawable = (config) => Boolean(config) && types.has(config.type) && Array.isArray(config.data?.datasets) && config.data.datasets.length > 0;

/** A panel with the answer's chart; `onMissing` is called when charts cannot be drawn here. */
export function chartView(answer, onMissing) {
  const canvas = el("canvas", { role: "img", "aria-label": describe(answer) });
  const element = el("div", { class: "chart-box" }, canvas);
  const view = { element, canvas, answer, chart: null };
  element.style.height = `${heightOf(answer.chart_config, lies(answer.chart_config))}px`;
  return {
    element,
    async show() {
      if (view.chart) return view.chart.resize();
      if (!(await loadCharts())) return onMissing();
      // The tab may be gone, or hidden, by the time the library is here.
      if (view.chart || !element.isConnected || element.offsetParent === null) return;
      try {
        draw(view);
      } catch (error) {
        console.warn("The chart could not be drawn:", error);
        onMissing();
      }
    },
  };
}

function draw(view) {
  view.chart?.destroy();
  const config = themed(view.answer);
  view.element.style.height = `${heightOf(config, config.options.indexAxis === "y")}px`;
  view.chart = new window.Chart(view.canvas, config);
  mounted.add(view);
}

/** Draws every chart again with the colours now in force. */
export function recolourCharts() {
  for (const view of mounted) {
    if (!view.element.isConnected) release(view);
    else draw(view);
  }
}

/** Frees the charts of a conversation that is leaving the page. */
export function releaseCharts() {
  for (const view of mounted) release(view);
}

function release(view) {
  view.chart?.destroy();
  view.chart = null;
  mounted.delete(view);
}

// Rotates with the device: what stood may lie, and the other way round.
phone.addEventListener("change", () => recolourCharts());

/** Whether the bars lie: by their configuration, or because standing bars with long names do not fit a phone. */
function lies(config) {
  if (config.type !== "bar" || config.options?.indexAxis === "y") return config.options?.indexAxis === "y";
  const labels = (config.data.labels ?? []).map(String);
  return phone.matches && labels.length > 3 && !allDates(labels) && !config.options?.scales?.y1 && labels.some((label) => label.length > 7);
}

function lay(config) {
  const { x, y, ...rest } = config.options?.scales ?? {};
  config.options = { ...config.options, indexAxis: "y", scales: { ...rest, ...(y ? { x: y } : {}), ...(x ? { y: x } : {}) } };
}

function heightOf(config, lying) {
  const count = config.data.labels?.length ?? 0;
  if (lying) return Math.min(640, Math.max(160, count * 30 * Math.min(2, config.data.datasets.length) + 56));
  return 300;
}

function describe(answer) {
  const kinds = { bar: "Bar chart", line: "Line chart", pie: "Pie chart", doughnut: "Ring chart", scatter: "Scatter chart" };
  const kind = kinds[answer.chart_config.type] ?? "Chart";
  return `${kind}: ${answer.interpretation || answer.question}. The Table tab has the values.`;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => read(`--chart-${number}`)),
    muted: read("--chart-muted"), grid: read("--chart-grid"), text: read("--text-2"),
    surface: read("--surface"), tip: read("--tip"), tipText: read("--tip-text"), font: getComputedStyle(document.body).fontFamily,
  };
}

function themed(answer) {
  const config = structuredClone(answer.chart_config);
  if (lies(config) && config.options?.indexAxis !== "y") lay(config);
  const palette = colours();
  const round = ["pie", "doughnut", "polarArea"].includes(config.type);
  const columns = config.data.datasets.map((dataset, index) => columnOf(dataset, index, answer.columns ?? []));
  if (allDates(config.data.labels ?? [])) config.data.labels = config.data.labels.map((label) => formatDate(label, grainOf(answer.frame)));
  config.data.datasets.forEach((dataset, index) => paint(dataset, index, columns[index], config, palette, round));
  config.options = merge(baseOptions(config, columns, palette, round), config.options ?? {});
  config.plugins = [legendGap];
  addFormats(config, columns, palette, round);
  return config;
}

/** Chart.js has no option for the room between a legend and the drawing below it. */
const legendGap = {
  id: "legendGap",
  beforeInit(chart) {
    const { fit } = chart.legend;
    chart.legend.fit = function fitWithGap() {
      fit.call(this);
      if (this.options.display && this.isHorizontal()) this.height += 8;
    };
  },
};

/** The column a dataset shows, found by its label, so that the axis speaks in its unit. */
function columnOf(dataset, index, columns) {
  const numbers = columns.filter((column) => !["dimension", "time"].includes(column.role));
  return numbers.find((column) => [column.label, column.name].includes(dataset.label))
    ?? (numbers.length === 1 ? numbers[0] : numbers.filter((column) => column.role === "metric")[index])
    ?? numbers.find((column) => column.role === "metric") ?? numbers[0] ?? { format: "number", role: "metric" };
}

function paint(dataset, index, column, config, palette, round) {
  const comparison = column.role === "comparison" && config.data.datasets.length > 1;
  const colour = comparison ? palette.muted : palette.series[index % palette.series.length];
  const type = dataset.type ?? config.type;
  if (round) {
    dataset.backgroundColor = (dataset.data ?? []).map((_, slice) => palette.series[slice % palette.series.length]);
    Object.assign(dataset, { borderColor: palette.surface, borderWidth: 2 });
  } else if (type === "line" || type === "radar") {
    const many = (dataset.data?.length ?? 0) > 30;
    Object.assign(dataset, {
      borderColor: colour, backgroundColor: colour, pointBackgroundColor: colour, pointBorderColor: palette.surface,
      borderWidth: 2, pointRadius: many ? 0 : 3, pointBorderWidth: many ? 0 : 1.5, pointHoverRadius: 5, tension: 0, fill: false,
      ...(comparison ? { borderDash: [5, 4] } : {}),
      // A target is a mark across its bar, not a line through all of them.
      ...(dataset.showLine === false ? { pointStyle: "line", pointRotation: config.options?.indexAxis === "y" ? 90 : 0, pointRadius: 14, pointHoverRadius: 14, pointBorderColor: palette.text, pointBorderWidth: 3, order: -1 } : {}),
    });
  } else {
    Object.assign(dataset, { backgroundColor: colour, borderColor: colour, hoverBackgroundColor: colour, borderRadius: 3, maxBarThickness: 46 });
  }
}

function baseOptions(config, columns, palette, round) {
  const across = config.options?.indexAxis === "y";
  const several = config.data.datasets.length > 1 || round;
  const value = { beginAtZero: config.type === "bar", grid: { color: palette.grid, drawBorder: false, drawTicks: false }, ticks: { padding: 8, maxTicksLimit: 6 } };
  const category = { grid: { display: false, drawBorder: false }, ticks: { padding: 6, maxRotation: across ? 0 : 40, autoSkip: config.type !== "bar" || (config.data.labels?.length ?? 0) > 24, autoSkipPadding: 14 } };
  const scales = round || config.type === "radar" ? {} : { [across ? "y" : "x"]: category, [across ? "x" : "y"]: value };
  return {
    responsive: true, maintainAspectRatio: false, animation: reducedMotion() ? false : { duration: 350 }, resizeDelay: 60,
    interaction: { mode: round ? "nearest" : "index", intersect: round, axis: across ? "y" : "x" },
    layout: { padding: { top: 6, right: 6, bottom: 0, left: 0 } },
    scales,
    plugins: {
      legend: {
        display: several, position: round && !phone.matches ? "right" : "top", align: round ? "center" : "start",
        labels: { usePointStyle: true, pointStyle: "rectRounded", boxWidth: 9, boxHeight: 9, padding: 14 },
      },
      tooltip: { padding: 10, cornerRadius: 8, boxPadding: 5, usePointStyle: true, displayColors: several },
    },
  };
}

function addFormats(config, columns, palette, round) {
  const { options } = config;
  const font = { family: palette.font, size: 12 };
  Object.assign(options, { color: palette.text, font });
  options.plugins.legend.labels = { ...options.plugins.legend.labels, color: palette.text, font };
  // The card says the same above the chart, and a canvas does not wrap: on a phone a long title is squeezed.
  if (options.plugins.title) options.plugins.title = { ...options.plugins.title, display: false };
  const full = columns.map((column, index) => columnFormatter(column, config.data.datasets[index].data?.map(numberOf) ?? []));
  Object.assign(options.plugins.tooltip, {
    backgroundColor: palette.tip, titleColor: palette.tipText, bodyColor: palette.tipText, titleFont: { ...font, weight: "600" }, bodyFont: font,
    callbacks: { label: (item) => `${round ? item.label : [item.raw?.label, item.dataset.label || "Value"].filter(Boolean).join(", ")}: ${full[item.datasetIndex](numberOf(item.raw)) ?? "no value"}` },
  });
  const across = options.indexAxis === "y";
  for (const [name, scale] of Object.entries(options.scales ?? {})) {
    scale.ticks = { ...scale.ticks, color: palette.text, font };
    if (scale.title) scale.title = { ...scale.title, color: palette.text, font };
    const isValue = across ? name.startsWith("x") : !name.startsWith("x");
    const column = isValue && columns[Math.max(0, config.data.datasets.findIndex((dataset) => dataset.yAxisID === name || dataset.xAxisID === name))];
    if (isValue) scale.ticks.callback = (value) => compactFormatter({ ...column, role: "metric" })(value);
    else if (config.data.labels) scale.ticks.callback = function label(value) { return shorten(this.getLabelForValue(value)); };
  }
}

const numberOf = (value) => (value !== null && typeof value === "object" ? value.y ?? value.x : value);

function shorten(label) {
  const text = String(label);
  return text.length > 20 ? `${text.slice(0, 19)}\u2026` : text;
}

function merge(base, over) {
  const result = { ...base };
  for (const [name, value] of Object.entries(over)) {
    if (name === "__proto__") continue;
    const both = value !== null && typeof value === "object" && !Array.isArray(value) && base[name] !== null && typeof base[name] === "object";
    result[name] = both ? merge(base[name], value) : value;
  }
  return result;
}
