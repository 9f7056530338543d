/** The page's script. What comes from outside is only ever set as text, never as markup; the key stays in the page. */
export const PAGE_SCRIPT = `"use strict";
const REFRESH_MS = 10000;
const byId = (id) => document.getElementById(id);
let key = "";
let timer;
const cell = (text, name) => {
  const td = document.createElement("td");
  td.textContent = text;
  if (name) td.className = name;
  return td;
};
const ORDER = ["down", "grace", "up", "new", "paused"];
const show = (checks) => {
  checks.sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const body = byId("checks");
  body.replaceChildren(...checks.map((check) => {
    const row = document.createElement("tr");
    const status = check.status + (check.started ? ", running" : "");
    const every = check.schedule === undefined ? check.timeout + " s" : check.schedule + " (" + check.tz + ")";
    row.append(cell(status, check.status), cell(check.name || check.slug || "(no name)"), cell(check.tags),
      cell(every), cell(check.last_ping || "never"), cell(check.next_ping || ""),
      cell(check.ping_url || check.unique_key));
    return row;
  }));
  byId("list").hidden = false;
  byId("count").textContent = String(checks.length);
};
const load = async () => {
  clearTimeout(timer);
  const trouble = byId("trouble");
  try {
    const answer = await fetch("api/v3/checks/", { headers: { "X-Api-Key": key } });
    const content = await answer.json();
    if (!answer.ok) throw new Error(content.error || String(answer.status));
    show(content.checks);
    trouble.textContent = "";
    timer = setTimeout(load, REFRESH_MS);
  } catch (error) {
    byId("list").hidden = true;
    trouble.textContent = error.message;
  }
};
byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  key = byId("key").value.trim();
  load();
});
for (const element of document.querySelectorAll("[data-path]")) {
  element.textContent = new URL(element.dataset.path, document.baseURI).href;
}
`;
