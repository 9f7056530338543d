/** The start page's script. What comes from outside is only ever set as text, never as markup. */
export const START_PAGE_SCRIPT = `"use strict";
const REFRESH_MS = 5000;
const SHOWN_ROWS = 50;
const byId = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(headings, rows) {
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const [text, className] of headings) head.append(element("th", text, className));
  const body = made.createTBody();
  for (const cells of rows.slice(0, SHOWN_ROWS)) {
    const row = body.insertRow();
    for (const [text, className] of cells) row.append(element("td", text, className));
  }
  const parts = [made];
  if (rows.length > SHOWN_ROWS) parts.push(element("p", (rows.length - SHOWN_ROWS) + " more", "quiet"));
  return parts;
}

const note = (text) => [element("p", text, "quiet")];

// Under a route prefix, too.
const here = (path) => location.origin + location.pathname.replace(/\\/+$/, "") + path;

async function ask(path) {
  const response = await fetch(here(path), { headers: { Accept: "application/json" } });
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(text.slice(0, 300) || "HTTP " + response.status);
  }
  if (answer.status !== "success") throw new Error(answer.error || "HTTP " + response.status);
  return answer;
}

function labelsText(labels) {
  const { __name__: name = "", ...rest } = labels;
  const inner = Object.entries(rest).map(([key, value]) => key + "=" + JSON.stringify(value)).join(", ");
  return name + (inner === "" && name !== "" ? "" : "{" + inner + "}");
}

function ago(time) {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  return seconds < 0 || seconds > 1e9 ? "never" : seconds.toFixed(1) + " s ago";
}

async function showTargets() {
  const box = byId("targets");
  try {
    const { data, warnings = [] } = await ask("/api/v1/targets?state=active");
    const targets = data.activeTargets;
    const up = targets.filter((target) => target.health === "up").length;
    byId("target-counts").textContent = targets.length === 0 ? "" : up + " of " + targets.length + " up";
    const rows = targets.map((target) => [
      [target.health, target.health],
      [target.scrapePool],
      [target.scrapeUrl],
      [ago(target.lastScrape), "number"],
      [(target.lastScrapeDuration * 1000).toFixed(1) + " ms", "number"],
      [target.lastError],
    ]);
    const headings = [["State"], ["Job"], ["Address"], ["Last scrape", "number"], ["Took", "number"], ["Error"]];
    const shown = rows.length === 0 ? note("no targets") : table(headings, rows);
    box.replaceChildren(...shown, ...warnings.flatMap(note));
  } catch (error) {
    box.replaceChildren(element("p", error.message, "down"));
  }
}

async function showQuery(article) {
  const box = article.querySelector(".result");
  try {
    const { data } = await ask("/api/v1/query?query=" + encodeURIComponent(article.dataset.query));
    const rows = data.result.map((sample) => [[labelsText(sample.metric)], [sample.value[1], "number"]]);
    box.replaceChildren(...(rows.length === 0 ? note("no series yet") : table([["Series"], ["Value", "number"]], rows)));
  } catch (error) {
    box.replaceChildren(element("p", error.message, "down"));
  }
}

function showUptime() {
  const box = byId("uptime");
  const seconds = Math.max(0, Math.floor((Date.now() - Number(box.dataset.started)) / 1000));
  const parts = [[Math.floor(seconds / 86400), "d"], [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first < 0 ? 3 : first, (first < 0 ? 3 : first) + 2);
  box.textContent = shown.map(([count, unit]) => count + " " + unit).join(" ");
}

async function showState() {
  const box = byId("trouble");
  try {
    const response = await fetch("/-/ready");
    box.hidden = response.ok;
    box.textContent = response.ok ? "" : await response.text();
  } catch {
    box.hidden = false;
    box.textContent = "The server does not answer.";
  }
}

async function refresh() {
  showUptime();
  const queries = [...document.querySelectorAll("[data-query]")].map(showQuery);
  await Promise.all([showState(), showTargets(), ...queries]);
  setTimeout(refresh, REFRESH_MS);
}

for (const code of document.querySelectorAll("[data-path]")) code.textContent = here(code.dataset.path);
setInterval(showUptime, 1000);
refresh();
`;
