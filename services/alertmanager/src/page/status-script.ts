/** The view of the process and its configuration, and the way from the address to a view. */
export const STATUS_SCRIPT = `
async function statusView() {
  const { uptime, cluster, versionInfo, config } = await ask("/status");
  const facts = { "Up since": when(uptime), Version: versionInfo.version + " (" + versionInfo.revision + ")",
    Cluster: cluster.status, "This replica": cluster.name || "",
    Replicas: cluster.peers.map(({ name, address }) => name + " at " + address).join("\\n") };
  return [element("section", {}, element("h2", {}, "Status"),
    element("dl", {}, ...Object.entries(facts).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]))),
    element("section", {}, element("h2", {}, "Configuration"), element("pre", {}, config.original))];
}

async function notificationsView() {
  const failed = await ask("/notifications/failed");
  const sent = await ask("/history/notifications?limit=100");
  return [listSection("Given up", failed, (one) => element("article", {}, element("div", { class: "row" },
    element("span", { class: "active" }, one.receiver + "/" + one.integration), when(one.failedAt), one.alertCount + " alerts",
    element("button", { onclick: () => attempt(async () => { await post("/notifications/failed/" + encodeURIComponent(one.id) + "/retry"); await show(); }) }, "Try again")),
    element("p", { class: "quiet" }, one.reason + ": " + one.message))),
    listSection("Latest notifications", sent, (one) => element("article", {}, element("div", { class: "row" },
      element("span", { class: one.outcome === "sent" ? "good" : "active" }, one.outcome), one.receiver + "/" + one.integration, when(one.at),
      one.firing.length + " firing, " + one.resolved.length + " resolved"), element("p", { class: "quiet" }, labelsText(one.groupLabels) + " " + one.notificationReason + (one.error === "" ? "" : ": " + one.error))))];
}

function listSection(title, list, render) {
  return element("section", {}, element("h2", {}, title),
    ...(list.length > 0 ? list.map(render) : [element("p", { class: "quiet" }, "None.")]));
}

const VIEWS = [
  [/^\\/alerts\\/?$/, alertsView],
  [/^\\/silences\\/?$/, silencesView],
  [/^\\/silences\\/new\\/?$/, (parameters) => silenceForm(parameters)],
  [/^\\/silences\\/([\\w-]+)\\/edit$/, (parameters, id) => silenceForm(parameters, id)],
  [/^\\/silences\\/([\\w-]+)$/, (_parameters, id) => silenceView(id)],
  [/^\\/notifications\\/?$/, notificationsView],
  [/^\\/status\\/?$/, statusView],
];

let shownAt = 0;
async function show() {
  const turn = ++shownAt;
  const { path, parameters } = place();
  for (const anchor of document.querySelectorAll("nav a")) {
    anchor.toggleAttribute("aria-current", path.startsWith(anchor.getAttribute("href").slice(1)));
  }
  await attempt(async () => {
    for (const [pattern, view] of VIEWS) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const parts = await view(parameters, match[1]);
      if (turn === shownAt) byId("view").replaceChildren(...parts);
      return;
    }
    throw new Error("There is no page " + path);
  });
}

const REFRESH_MS = 15000;
addEventListener("hashchange", show);
setInterval(() => { if (place().path === "/alerts" && document.activeElement.tagName !== "INPUT") show(); }, REFRESH_MS);
show();
`;
