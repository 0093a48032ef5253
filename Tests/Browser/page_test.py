#!/usr/bin/env python3
"""Tests the chat page in a real browser against a running Coach server and its demo database.

    python3 Tests/Browser/page_test.py --url http://127.0.0.1:8080 --database demo.sqlite [--expect-sql SQL] [--screenshots DIR]

The numbers on the page are compared with what SQLite itself computes: the answer's own SQL is run again, and for
"What was revenue last month?" an independent query (--expect-sql) must give the same number.
Needs the `playwright` package (`pip install playwright`; no browser download) and Chromium.
Exit code: 0 all passed, 1 a test failed, 2 the tests could not be run.
"""

import argparse
import json
import math
import re
import shutil
import sqlite3
import sys
import traceback
import urllib.parse
import urllib.request
from pathlib import Path

try:
    from playwright.sync_api import Error as BrowserError
    from playwright.sync_api import sync_playwright
except ImportError:
    print("page_test: the Python package 'playwright' is missing: pip install playwright", file=sys.stderr)
    sys.exit(2)

REVENUE = "What was revenue last month?"
PATIENCE = 20_000
CARD = "[data-testid=answer-card]"


# MARK: Measuring inside the page

WATCH_POLICY = """
window.policyViolations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""

CONTRAST = """(element) => {
  const numbers = (colour) => {
    const found = colour.match(/[\\d.]+/g).map(Number);
    return colour.startsWith("color(") ? found.map((value, index) => (index < 3 ? value * 255 : value)) : found;
  };
  const luminance = (colour) => colour.slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  let ground = null;
  for (let each = element; each && ground === null; each = each.parentElement) {
    const colour = numbers(getComputedStyle(each).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) ground = colour;
  }
  const [one, two] = [luminance(numbers(getComputedStyle(element).color)), luminance(ground ?? [255, 255, 255])];
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
}"""

# A finished drawing holds more than one colour; an empty canvas is all transparent.
COLOURS_ON_CANVAS = """(canvas) => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let at = 0; at < pixels.length; at += 4) if (pixels[at + 3] === 255) seen.add(`${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`);
  return seen.size;
}"""

TOO_WIDE = """() => {
  const found = document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} px wide`] : [];
  const scroll = document.getElementById("scroll");
  if (scroll.scrollWidth > scroll.clientWidth) found.push(`the conversation is ${scroll.scrollWidth} px wide in ${scroll.clientWidth}`);
  return found;
}"""

NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea")]
  .filter((each) => !each.textContent.trim() && !each.getAttribute("aria-label") && !each.labels?.length && !each.title)
  .map((each) => each.outerHTML.slice(0, 120))"""

EVENT_PARSER = """async () => {
  const { EventParser } = await import("/assets/sse.js");
  const text = "\\ufeffid: 1\\r\\nevent: step\\r\\ndata: {\\"a\\":\\r\\ndata:1}\\r\\n\\r\\n: ping\\n\\nid:2\\nevent: token\\ndata: caf\\u00e9\\n\\nevent: lost\\n\\ndata\\r\\rid: 3\\ndata: end\\n\\n";
  const whole = JSON.stringify(new EventParser().push(text));
  const wrong = [];
  for (let cut = 0; cut <= text.length; cut += 1) {
    const parser = new EventParser();
    const parts = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
    if (JSON.stringify(parts) !== whole) wrong.push(cut);
  }
  const parser = new EventParser();
  if (JSON.stringify([...text].flatMap((each) => parser.push(each))) !== whole) wrong.push("letter by letter");
  return { events: JSON.parse(whole), wrong };
}"""

HOSTILE_ANSWER = """async () => {
  const { answerCard } = await import("/assets/answer-card.js");
  const bad = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</scr' + 'ipt>';
  const asked = [];
  const card = answerCard({
    run_id: bad, outcome: "clarify", question: bad, text: bad, interpretation: bad, rows_note: bad, sql: bad, parameters: [bad], missing: [bad],
    columns: [{ name: bad, label: bad, role: "dimension", unit: bad, format: "text" }], rows: [[bad]], notes: [bad], suggestions: [bad],
    options: [{ label: bad, preview: bad, question: "the chosen question" }], steps: [{ node: bad, duration_ms: 1, note: bad }],
    usage: {}, written_by: bad, as_of: bad, chart_config: null,
  }, (question) => asked.push(question));
  document.body.append(card.element);
  card.start();
  card.element.querySelector("[data-testid=option]").click();
  card.element.querySelector("[data-testid=suggestion]").click();
  const found = { images: card.element.querySelectorAll("img, script").length, hacked: Boolean(window.hacked), asked, shown: card.element.querySelector("[data-testid=answer-text]").textContent === bad };
  card.element.remove();
  return found;
}"""

FORMATS = """async () => {
  const { columnFormatter, formatCost, formatDuration, formatDate } = await import("/assets/format.js");
  const show = (column, value, all = [value]) => columnFormatter(column, all)(value);
  return {
    money: show({ role: "metric", unit: "USD", format: "currency" }, 1234567.891),
    cents: show({ role: "metric", unit: "USD", format: "currency" }, -12.5),
    euros: show({ role: "metric", unit: "EUR", format: "currency" }, 1200),
    percent: show({ role: "metric", unit: "percent", format: "percent" }, 12.345),
    rise: show({ role: "change", unit: "percent", format: "percent" }, 4.25),
    points: show({ role: "change", unit: "percent points", format: "number" }, -1.2),
    count: show({ role: "metric", unit: "cars", format: "number" }, 41234),
    nothing: show({ role: "metric", unit: "USD", format: "currency" }, null),
    text: show({ role: "dimension", unit: null, format: "text" }, "2026"),
    date: formatDate("2026-05-01"), month: formatDate("2026-05-01", "month"), quarter: formatDate("2026-04-01", "quarter"),
    costs: ["0", "0.0004", "0.000000001", "0.00996", "1.2345"].map(formatCost), durations: [0.41, 23.4, 1234, 125000].map(formatDuration),
  };
}"""

EXPECTED_FORMATS = {
    "money": "$1,234,568", "cents": "\u2212$12.50", "euros": "\u20ac1,200", "percent": "12.3%", "rise": "+4.3%", "points": "\u22121.2 pp",
    "count": "41,234", "nothing": None, "text": "2026", "date": "1 May 2026", "month": "May 2026", "quarter": "Q2 2026",
    "costs": ["$0", "$0.0004", "$0.000000001", "$0.01", "$1.23"], "durations": ["0.4 ms", "23 ms", "1.2 s", "2 min 5 s"],
}


# MARK: The outside truth


def require(condition, message):
    """Fails the running test with `message` unless `condition` holds."""
    if not condition:
        raise AssertionError(message)


def same_value(one, two):
    """Whether two cells are the same; numbers may differ by rounding in the last places only."""
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-9)
    return one == two


def numbers_in(text):
    """The numbers a text states, each with the half unit of its last digit: "$12.3M" gives (12.3e6, 0.05e6)."""
    scales = {"K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "thousand": 1e3, "million": 1e6, "billion": 1e9}
    pattern = r"([-\u2212]?)[$\u20ac\u00a3]?(\d+(?:,\d{3})*)(\.\d+)?(?:\s?(K|M|B|bn|thousand|million|billion)\b)?"
    for sign, whole, fraction, scale in re.findall(pattern, text):
        factor = scales.get(scale, 1)
        value = float(whole.replace(",", "") + fraction) * factor
        yield (-value if sign else value), 0.5 * 10 ** -max(0, len(fraction) - 1) * factor


class Database:
    """The demo database, opened read-only."""

    def __init__(self, path):
        self.connection = sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro", uri=True)

    def rows(self, sql, parameters=()):
        names = re.findall(r"[$:@](\w+)", sql) if "?" not in sql else []
        values = {name: parameters[int(name) - 1] for name in names if name.isdigit()} if names else list(parameters)
        return [list(row) for row in self.connection.execute(sql, values)]


class Server:
    """The HTTP API, asked without the page."""

    def __init__(self, url):
        self.url = url.rstrip("/")

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=30) as response:
            return json.load(response)

    def starters(self):
        return self.ask("/api/v1/coach/starters")

    def chat(self, message):
        return self.ask("/api/v1/coach/chat", {"message": message})

    def answers(self, session):
        messages = self.ask(f"/api/v1/coach/sessions/{urllib.parse.quote(session)}")["messages"]
        return [message["answer"] for message in messages if message.get("answer")]


# MARK: The page, driven


class Visit:
    """One browser window on the page, with everything that went wrong in it."""

    def __init__(self, browser, server, width=1280, height=800, scheme="light", phone=False):
        self.server = server
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=phone, reduced_motion="reduce")
        self.context.add_init_script(WATCH_POLICY)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints, self.requests = [], []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.response = self.page.goto(server.url + "/")

    def hear(self, message):
        # A server without Chart.js answers 404 for it, and the page then shows tables: said in the console, and no fault.
        source = message.location.get("url", "")
        absent_chart = ("404" in message.text and source.endswith("/assets/chart.js")) or ("MIME" in message.text and "/assets/chart.js" in message.text)
        if message.type in ("error", "warning") and not absent_chart:
            self.complaints.append(f"console: {message.text} ({source})")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def find(self, testid):
        return self.page.get_by_test_id(testid)

    @property
    def session(self):
        fragment = urllib.parse.urlsplit(self.page.url).fragment
        return urllib.parse.parse_qs(fragment).get("session", [None])[0]

    def ready(self):
        self.find("starter").first.wait_for()
        return self

    def after_next_card(self, action):
        """Does `action` and waits until one more answer card is there and the run is over; returns the card."""
        before = self.page.locator(CARD).count()
        action()
        self.page.wait_for_function(
            "(before) => document.querySelectorAll('[data-testid=answer-card]').length > before && document.querySelector('[data-testid=stop-button]').hidden", arg=before)
        return self.page.locator(CARD).nth(before)

    def click_starter(self, text):
        starter = self.find("starter").filter(has_text=re.compile(f"^{re.escape(text)}$"))
        require(starter.count() == 1, f"no starter says {text!r}: {self.find('starter').all_inner_texts()}")
        return self.after_next_card(starter.click)

    def send(self, text):
        self.find("message-input").fill(text)
        return self.after_next_card(lambda: self.page.keyboard.press("Enter"))

    def policy_violations(self):
        return self.page.evaluate("window.policyViolations")


def cells(card):
    """The rows of a card's table as the exact texts of their cells."""
    card.get_by_test_id("tab-table").click()
    return card.get_by_test_id("result-table").locator("tbody tr").evaluate_all("(rows) => rows.map((row) => [...row.children].map((cell) => cell.dataset.value))")


def cell_matches(shown, value):
    if value is None:
        return shown == "no value"
    if isinstance(value, bool):
        return shown == str(value).lower()
    return math.isclose(float(shown), value, rel_tol=1e-9, abs_tol=1e-9) if isinstance(value, (int, float)) else shown == str(value)


def check_against_database(visit, card, database):
    """The card's table, the API's rows and the database, asked again with the SQL on the page, must be one."""
    answer = visit.server.answers(visit.session)[-1]
    require(card.get_attribute("data-run") == answer["run_id"], "the card on the page is not the last answer of the session")
    card.get_by_test_id("tab-sql").click()
    sql = card.get_by_test_id("sql-text").text_content()
    require(sql == answer["sql"], f"the SQL tab shows other SQL than the API gives:\n{sql}\n{answer['sql']}")
    parameters = [item.text_content() for item in card.get_by_test_id("parameters").locator("code").all()]
    require(parameters == [str(value) for value in answer["parameters"]], f"parameters on the page {parameters}, from the API {answer['parameters']}")
    truth = database.rows(sql, answer["parameters"])
    require(len(truth) == len(answer["rows"]), f"the database gives {len(truth)} rows, the answer has {len(answer['rows'])}")
    width = len(answer["columns"])
    for expected, row in zip(truth, answer["rows"]):
        same = all(same_value(one, two) for one, two in zip(expected[:width], row))
        # A change may be computed after the query: only columns that the SQL itself gives are compared.
        require(same, f"the answer says {row}, the database {expected}")
    shown = cells(card)
    for row, line in zip(answer["rows"], shown):
        require(len(row) == len(line) and all(cell_matches(text, value) for text, value in zip(line, row)), f"the page shows {line}, the answer has {row}")
    require(len(shown) == min(len(answer["rows"]), 100), f"the page shows {len(shown)} of {len(answer['rows'])} rows")
    return answer


class PageTests:
    """One method, one story. Each opens its own window, so that none leans on another."""

    def __init__(self, browser, server, database, expect_sql, screenshots):
        self.browser, self.server, self.database = browser, server, database
        self.expect_sql, self.screenshots = expect_sql, screenshots

    def visit(self, **options):
        return Visit(self.browser, self.server, **options).ready()

    def picture(self, visit, name):
        if self.screenshots:
            visit.page.wait_for_timeout(400)  # For the eye only: lets the drawing settle; no test depends on it.
            visit.page.screenshot(path=str(self.screenshots / f"{name}.png"))

    def test_the_page_is_served_under_a_strict_policy(self):
        with self.visit() as visit:
            policy = visit.response.headers.get("content-security-policy", "")
            for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
                require(directive in policy, f"the policy lacks {directive}: {policy!r}")
            require("unsafe" not in policy, f"the policy allows what is unsafe: {policy}")
            source = visit.response.text()
            require(not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", source), "index.html holds inline script or style")

    def test_a_whole_conversation_leaves_the_console_clean_and_asks_nobody_else(self):
        with self.visit() as visit:
            card = visit.click_starter(self.server.starters()["starters"][0])
            for tab in card.get_by_role("tab").all():
                tab.click()
            visit.find("theme-toggle").click()
            visit.page.reload()
            visit.page.locator(CARD).first.wait_for()
            require(not visit.complaints, f"the console complains: {visit.complaints}")
            require(not visit.policy_violations(), f"the policy was violated: {visit.policy_violations()}")
            outside = [url for url in visit.requests if not url.startswith((self.server.url, "data:"))]
            require(not outside, f"the page asked other hosts: {outside}")

    def test_the_first_starter_gives_the_number_that_the_database_gives(self):
        with self.visit() as visit:
            self.picture(visit, "empty")
            card = visit.click_starter(REVENUE)
            answer = check_against_database(visit, card, self.database)
            require(answer["outcome"] == "answer", f"the outcome is {answer['outcome']}")
            metric = next(index for index, column in enumerate(answer["columns"]) if column["role"] == "metric")
            value = answer["rows"][0][metric]
            if self.expect_sql:
                expected = self.database.rows(self.expect_sql)[0][0]
                require(same_value(expected, value), f"--expect-sql gives {expected}, the page {value}")
            text = card.get_by_test_id("answer-text").inner_text()
            require(any(abs(number - value) <= slack * 1.000001 for number, slack in numbers_in(text)), f"no number in {text!r} is {value}")
            require(card.get_by_test_id("interpretation").inner_text().strip(), "the interpretation line is empty")

    def test_every_starter_is_answered_with_rows_that_the_database_confirms(self):
        for starter in self.server.starters()["starters"]:
            with self.visit() as visit:
                card = visit.click_starter(starter)
                outcome = card.get_attribute("data-outcome")
                if outcome == "answer":
                    check_against_database(visit, card, self.database)
                else:
                    require(outcome in ("clarify", "investigate"), f"{starter!r} ends in {outcome}")

    def test_a_question_without_a_model_costs_nothing_and_says_so(self):
        with self.visit() as visit:
            card = visit.click_starter(REVENUE)
            cost = card.get_by_test_id("cost").inner_text()
            require(re.fullmatch(r"0 tokens · \$0 · [\d.]+ m?s", cost), f"the cost line says {cost!r}")
            require(visit.find("session-cost").inner_text() == "0 tokens · $0", f"the meter says {visit.find('session-cost').inner_text()!r}")

    def test_tabs_follow_the_arrow_keys_and_their_roles(self):
        with self.visit() as visit:
            card = visit.click_starter(REVENUE)
            tabs = card.get_by_role("tab")
            count = tabs.count()
            require(count >= 2, f"there are {count} tabs")
            tabs.first.focus()
            visit.page.keyboard.press("ArrowRight")
            require(tabs.nth(1).get_attribute("aria-selected") == "true", "the right arrow did not select the second tab")
            require(tabs.nth(1).evaluate("(tab) => tab === document.activeElement"), "the second tab has no focus")
            require(tabs.first.get_attribute("tabindex") == "-1", "two tabs are in the tab order")
            visit.page.keyboard.press("End")
            require(tabs.nth(count - 1).get_attribute("aria-selected") == "true", "End did not select the last tab")
            visit.page.keyboard.press("ArrowRight")
            require(tabs.first.get_attribute("aria-selected") == "true", "the arrow does not go round")
            panels = card.get_by_role("tabpanel")
            require(panels.count() == 1, f"{panels.count()} panels are in sight")
            require(panels.get_attribute("aria-labelledby") == tabs.first.get_attribute("id"), "the panel is not named by its tab")

    def answer_of_shape(self, predicate, what):
        """A starter whose answer fits; asked through the API, where that is quick."""
        for starter in self.server.starters()["starters"]:
            answer = self.server.chat(starter)
            if answer["outcome"] == "answer" and predicate(answer):
                return starter, answer
        raise AssertionError(f"no starter gives {what}")

    def test_a_chart_is_drawn_and_without_chart_js_the_table_stands_in(self):
        starter, _ = self.answer_of_shape(lambda answer: answer["chart_config"], "a chart")
        with self.visit() as visit:
            has_library = visit.page.evaluate("fetch('/assets/chart.js').then((response) => response.ok)")
            card = visit.click_starter(starter)
            if has_library:
                canvas = card.locator("canvas")
                visit.page.wait_for_function(f"() => ({COLOURS_ON_CANVAS})(document.querySelector('canvas')) > 2")
                require(canvas.get_attribute("aria-label"), "the chart has no name for a screen reader")
                before = canvas.screenshot()
                self.picture(visit, "chart")
                visit.find("theme-toggle").click()
                visit.page.wait_for_timeout(200)
                require(canvas.screenshot() != before, "the chart keeps its colours when the theme changes")
        with Visit(self.browser, self.server) as visit:
            visit.page.route("**/assets/chart.js", lambda route: route.fulfill(status=404, body=""))
            visit.page.reload()
            visit.ready()
            card = visit.click_starter(starter)
            card.get_by_test_id("result-table").wait_for()
            require(card.get_by_test_id("tab-chart").count() == 0, "the chart tab stays although there is no Chart.js")

    def test_a_table_sorts_by_its_numbers_and_keeps_exact_values(self):
        starter, answer = self.answer_of_shape(
            lambda answer: len(answer["rows"]) > 2 and any(column["role"] == "metric" for column in answer["columns"]), "three rows with a metric")
        index = next(index for index, column in enumerate(answer["columns"]) if column["role"] == "metric")
        values = [row[index] for row in answer["rows"] if row[index] is not None]
        with self.visit() as visit:
            card = visit.click_starter(starter)
            card.get_by_test_id("tab-table").click()
            header = card.get_by_test_id("result-table").locator("thead th").nth(index)
            for direction, reverse in (("descending", True), ("ascending", False)):
                header.locator("button").click()
                require(header.get_attribute("aria-sort") == direction, f"aria-sort is {header.get_attribute('aria-sort')}, not {direction}")
                shown = [float(row[index]) for row in cells(card) if row[index] != "no value"]
                wanted = sorted(values, reverse=reverse)[:len(shown)]
                require(all(math.isclose(one, two, rel_tol=1e-9) for one, two in zip(shown, wanted)), f"{direction} gives {shown}")
            cell = card.get_by_test_id("result-table").locator("tbody tr").first.locator("th, td").nth(index)
            require(cell.evaluate("(cell) => getComputedStyle(cell).textAlign") in ("right", "end"), "numbers are not right-aligned")
            require(cell.get_attribute("title") == cell.get_attribute("data-value"), "the exact value is not in the title")
            self.picture(visit, "table")
            card.get_by_test_id("tab-sql").click()
            self.picture(visit, "sql")

    def test_the_sql_is_copied_exactly(self):
        with self.visit() as visit:
            visit.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.server.url)
            card = visit.click_starter(REVENUE)
            card.get_by_test_id("tab-sql").click()
            card.get_by_test_id("copy-sql").click()
            visit.page.get_by_text("Copied", exact=True).first.wait_for()
            copied = visit.page.evaluate("navigator.clipboard.readText()")
            require(copied == visit.server.answers(visit.session)[-1]["sql"], f"copied was {copied!r}")

    def test_a_suggestion_asks_and_its_answer_holds_too(self):
        with self.visit() as visit:
            first = visit.click_starter(REVENUE)
            suggestion = visit.find("suggestion").first
            text = suggestion.inner_text()
            second = visit.after_next_card(suggestion.click)
            require(visit.page.locator(".question").last.inner_text() == text, "the suggestion is not the question asked")
            require(second.get_attribute("data-run") != first.get_attribute("data-run"), "no second run took place")
            if second.get_attribute("data-outcome") == "answer":
                check_against_database(visit, second, self.database)
            require(len(visit.server.answers(visit.session)) == 2, "the follow-up is not in the same session")

    def test_a_reload_and_the_list_of_chats_bring_everything_back(self):
        with self.visit() as visit:
            card = visit.click_starter(REVENUE)
            said, session = card.get_by_test_id("answer-text").inner_text(), visit.session
            require(session, f"the session is not in the address: {visit.page.url}")
            visit.page.reload()
            visit.page.locator(CARD).wait_for()
            require(visit.session == session, "the reload lost the session")
            require(visit.page.locator(CARD).get_by_test_id("answer-text").inner_text() == said, "the answer came back changed")
            require(visit.page.locator(".question").inner_text() == REVENUE, "the question came back changed")
            visit.find("new-chat").click()
            visit.ready()
            require(visit.session is None and visit.page.locator(CARD).count() == 0, "the new chat is not empty")
            visit.page.locator(f"[data-testid=session-item][data-session='{session}']").click()
            visit.page.locator(CARD).wait_for()
            require(visit.page.locator("[data-testid=session-item][aria-current=page]").get_attribute("data-session") == session, "the open chat is not marked")
            visit.page.go_back()
            visit.ready()
            require(visit.session is None, "the browser's back button does not lead to the empty chat")

    def test_the_keyboard_is_enough(self):
        with self.visit() as visit:
            box, keyboard = visit.find("message-input"), visit.page.keyboard
            visit.find("theme-toggle").focus()
            keyboard.press("/")
            require(box.evaluate("(box) => box === document.activeElement && box.value === ''"), "the slash does not lead to the box")
            keyboard.type("What was revenue")
            keyboard.press("Shift+Enter")
            keyboard.type("last month?")
            require(box.input_value() == "What was revenue\nlast month?", f"Shift+Enter gave {box.input_value()!r}")
            require(visit.page.locator(CARD).count() == 0, "Shift+Enter sent the message")
            visit.after_next_card(lambda: keyboard.press("Enter"))
            require(box.input_value() == "", "the box keeps the sent message")
            keyboard.press("Enter")
            require(visit.page.locator(".turn").count() == 1, "an empty message was sent")

    def test_escape_stops_a_run_that_does_not_answer(self):
        with self.visit() as visit:
            held = []
            visit.page.route("**/api/v1/coach/chat", lambda route: held.append(route))
            visit.find("message-input").fill(REVENUE)
            visit.page.keyboard.press("Enter")
            visit.find("stop-button").wait_for()
            visit.page.keyboard.press("Escape")
            visit.find("stopped").wait_for()
            require(visit.find("send-button").is_visible(), "the send button did not come back")
            visit.page.unroute("**/api/v1/coach/chat")
            for route in held:
                try:
                    route.abort()
                except BrowserError:
                    pass  # The page has given the request up already.
            visit.after_next_card(visit.find("retry").click)

    def test_a_lost_connection_is_said_and_mended(self):
        with self.visit() as visit:
            visit.page.route("**/api/v1/coach/chat", lambda route: route.abort("connectionrefused"))
            visit.find("message-input").fill(REVENUE)
            visit.page.keyboard.press("Enter")
            error = visit.find("error")
            error.wait_for()
            require("cannot be reached" in error.inner_text(), f"the message is {error.inner_text()!r}")
            self.picture(visit, "error")
            visit.page.unroute("**/api/v1/coach/chat")
            visit.after_next_card(visit.find("retry").click)
            require(visit.find("error").count() == 0 and visit.page.locator(".turn").count() == 1, "the failed turn stays beside the answered one")

    def test_a_problem_is_shown_in_the_servers_words(self):
        problem = {"type": "about:blank", "title": "Too many requests", "status": 429, "code": "rate_limited", "detail": "Try again in 12 s.", "request_id": "r-1"}
        with self.visit() as visit:
            visit.page.route("**/api/v1/coach/chat", lambda route: route.fulfill(status=429, content_type="application/problem+json", body=json.dumps(problem)))
            visit.find("message-input").fill(REVENUE)
            visit.page.keyboard.press("Enter")
            visit.find("error").wait_for()
            words = visit.find("error").inner_text()
            require(all(part in words for part in ("Too many requests", "Try again in 12 s.", "rate_limited", "r-1")), f"the message is {words!r}")

    def test_a_broken_stream_is_joined_again_where_it_broke(self):
        answer = self.server.chat(REVENUE)
        started = {"run_id": answer["run_id"], "session_id": answer["session_id"]}
        with self.visit() as visit:
            body = f"id: 1\nevent: run_started\ndata: {json.dumps(started)}\n\n"
            visit.page.route("**/api/v1/coach/chat", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=body))
            with visit.page.expect_request(f"**/runs/{answer['run_id']}/events") as joined:
                card = visit.send(REVENUE)
            require(joined.value.headers.get("last-event-id") == "1", f"Last-Event-ID is {joined.value.headers.get('last-event-id')!r}")
            require(card.get_attribute("data-run") == answer["run_id"], "another run's answer is shown")
            require(card.get_by_test_id("answer-text").inner_text().strip(), "the joined answer has no text")

    def test_a_screen_reader_hears_the_answer_and_every_control_has_a_name(self):
        with self.visit() as visit:
            card = visit.click_starter(REVENUE)
            text = card.get_by_test_id("answer-text").text_content()
            visit.page.wait_for_function("(text) => document.querySelector('[role=status][aria-live=polite]').textContent.includes(text.slice(0, 20))", arg=text)
            nameless = visit.page.evaluate(NAMELESS)
            require(not nameless, f"controls without a name: {nameless}")
            repeated = visit.page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id).filter((id, at, all) => all.indexOf(id) !== at)")
            require(not repeated, f"ids used twice: {repeated}")

    def test_a_phone_shows_all_without_sideways_scrolling(self):
        starter, _ = self.answer_of_shape(lambda answer: len(answer["rows"]) > 2, "three rows")
        for scheme in ("light", "dark"):
            with self.visit(width=390, height=844, scheme=scheme, phone=True) as visit:
                self.picture(visit, f"phone-empty-{scheme}")
                card = visit.click_starter(starter)
                for tab in card.get_by_role("tab").all():
                    tab.click()
                    wide = visit.page.evaluate(TOO_WIDE)
                    require(not wide, f"in {scheme}, tab {tab.inner_text()}: {wide}")
                    self.picture(visit, f"phone-{tab.inner_text().lower()}-{scheme}")
                visit.page.locator("#open-sidebar").click()
                require(visit.find("new-chat").is_visible(), "the drawer does not open")
                require(visit.page.locator("#main").evaluate("(main) => main.inert"), "the page behind the drawer can be reached")
                self.picture(visit, f"phone-drawer-{scheme}")
                visit.page.keyboard.press("Escape")
                visit.page.wait_for_function("() => !document.getElementById('main').inert")

    def test_text_stands_out_in_both_themes(self):
        for scheme in ("light", "dark"):
            with self.visit(scheme=scheme) as visit:
                card = visit.click_starter(REVENUE)
                ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
                lightness = sum(map(float, re.findall(r"[\d.]+", ground)[:3])) / 3
                require((lightness < 80) == (scheme == "dark"), f"the {scheme} page has the ground {ground}")
                self.picture(visit, f"answer-{scheme}")
                watched = [card.get_by_test_id(name) for name in ("answer-text", "interpretation", "cost", "writer", "tab-table", "tab-sql")]
                watched += [visit.page.locator(selector).first for selector in (".question", ".chat-title", "[data-testid=suggestion]", ".session-time", ".keys")]
                for element in watched:
                    ratio = element.evaluate(CONTRAST)
                    require(ratio >= 4.5, f"in {scheme}, {element.inner_text()[:40]!r} has contrast {ratio:.2f}")

    def test_the_theme_follows_the_system_until_chosen_and_the_choice_is_kept(self):
        theme = "document.documentElement.dataset.theme"
        with self.visit(scheme="light") as visit:
            visit.page.emulate_media(color_scheme="dark")
            visit.page.wait_for_function(f"() => {theme} === 'dark'")
            visit.find("theme-toggle").click()
            require(visit.page.evaluate(theme) == "light", "the toggle does not change the theme")
            visit.page.reload()
            visit.ready()
            require(visit.page.evaluate(theme) == "light", "the chosen theme was forgotten")

    def test_what_the_server_says_is_never_markup(self):
        with self.visit() as visit:
            found = visit.page.evaluate(HOSTILE_ANSWER)
            require(found["images"] == 0 and not found["hacked"], f"markup came through: {found}")
            require(found["shown"], "the text was changed on its way to the page")
            require(found["asked"][0] == "the chosen question" and len(found["asked"]) == 2, f"options and suggestions asked {found['asked']}")

    def test_events_are_read_wherever_the_network_cuts_them(self):
        with self.visit() as visit:
            found = visit.page.evaluate(EVENT_PARSER)
            require(not found["wrong"], f"cut at {found['wrong']} the events differ")
            expected = [("step", '{"a":\n1}', "1"), ("token", "caf\u00e9", "2"), ("message", "", "2"), ("message", "end", "3")]
            require([(event["event"], event["data"], event["id"]) for event in found["events"]] == expected, f"the events are {found['events']}")

    def test_numbers_dates_and_costs_read_as_intended(self):
        with self.visit() as visit:
            found = visit.page.evaluate(FORMATS)
            wrong = {name: found[name] for name, value in EXPECTED_FORMATS.items() if found[name] != value}
            require(not wrong, f"formatted otherwise than expected: {wrong}")


def run(tests, only):
    """Runs every test and returns how many passed and failed."""
    names = [name for name in vars(PageTests) if name.startswith("test_") and only in name]
    failed = 0
    for name in names:
        story = name.removeprefix("test_").replace("_", " ")
        try:
            getattr(tests, name)()
            print(f"ok    {story}", flush=True)
        except (AssertionError, BrowserError, OSError, sqlite3.Error) as error:
            failed += 1
            print(f"FAIL  {story}\n      {str(error).strip()}", flush=True)
        except Exception:  # A fault of the test itself is a failure too, and must not hide the other tests.
            failed += 1
            print(f"FAIL  {story}\n{traceback.format_exc()}", flush=True)
    return len(names) - failed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="where the server listens")
    parser.add_argument("--database", required=True, type=Path, help="the SQLite file that the server answers from")
    parser.add_argument("--expect-sql", help=f"a query of one number, the true answer to {REVENUE!r}")
    parser.add_argument("--screenshots", type=Path, help="folder for pictures of the page")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"), help="the browser's path")
    parser.add_argument("--only", default="", help="run only tests whose name contains this")
    arguments = parser.parse_args()
    if not arguments.database.is_file():
        parser.error(f"there is no database at {arguments.database}")
    if not arguments.chromium:
        parser.error("Chromium was not found; install it or name it with --chromium")
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    server = Server(arguments.url)
    try:
        server.starters()
    except (OSError, ValueError) as error:
        parser.error(f"no Coach server answers at {arguments.url}: {error}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        tests = PageTests(browser, server, Database(arguments.database), arguments.expect_sql, arguments.screenshots)
        passed, failed = run(tests, arguments.only)
        browser.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
