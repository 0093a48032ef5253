// Tabs after the ARIA pattern: one stop in the tab order, arrow keys move and select.
import { el, uniqueID } from "./dom.js";

/**
 * Makes tabs from `[{id, label, testid, panel, actions?, onShow?}]`; the first is shown.
 * Returns the element and `remove(id)`, which takes one tab away.
 */
export function makeTabs(label, items) {
  const list = el("div", { class: "tablist", role: "tablist", "aria-label": label });
  const actions = el("div", { class: "tab-actions" });
  const panels = el("div", { class: "panels" });
  let entries = items.map((item) => ({ ...item, ...parts(item) }));
  let selected = null;

  const select = (entry, focus = false) => {
    selected = entry;
    for (const each of entries) {
      const on = each === entry;
      each.tab.setAttribute("aria-selected", String(on));
      each.tab.tabIndex = on ? 0 : -1;
      each.box.hidden = !on;
    }
    actions.replaceChildren(...(entry.actions ?? []));
    if (focus) entry.tab.focus();
    entry.onShow?.();
  };

  list.addEventListener("keydown", (event) => {
    const at = entries.indexOf(selected);
    const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    select(entries[(target + entries.length) % entries.length], true);
  });
  for (const entry of entries) {
    entry.tab.addEventListener("click", () => select(entry));
    list.append(entry.tab);
    panels.append(entry.box);
  }
  const element = el("div", { class: "tabs" }, el("div", { class: "tab-bar" }, list, actions), panels);
  return {
    element,
    start: () => select(entries[0]),
    remove(id) {
      const gone = entries.find((entry) => entry.id === id);
      if (!gone || entries.length === 1) return;
      const focus = document.activeElement === gone.tab;
      entries = entries.filter((entry) => entry !== gone);
      gone.tab.remove();
      gone.box.remove();
      if (selected === gone) select(entries[0], focus);
    },
  };
}

function parts(item) {
  const tabID = uniqueID("tab");
  const panelID = uniqueID("panel");
  return {
    tab: el("button", {
      class: "tab", type: "button", role: "tab", id: tabID, "aria-controls": panelID, "aria-selected": "false", tabindex: "-1", testid: item.testid,
    }, item.label),
    box: el("div", { class: "panel", role: "tabpanel", id: panelID, "aria-labelledby": tabID, hidden: true }, item.panel),
  };
}
