/** The view of alerts, by group. */
export const ALERTS_SCRIPT = `
const SHOWN = ["silenced", "inhibited", "muted", "active"];
const SHOWN_DEFAULT = { silenced: false, inhibited: false, muted: false, active: true };

async function alertsView(parameters) {
  const filter = parameters.get("filter") || "";
  const receiver = parameters.get("receiver") || "";
  const shown = Object.fromEntries(SHOWN.map((name) =>
    [name, parameters.has(name) ? parameters.get(name) === "true" : SHOWN_DEFAULT[name]]));
  const change = (changes) => {
    const next = { filter, receiver, ...shown, ...changes };
    for (const name of SHOWN) if (next[name] === SHOWN_DEFAULT[name]) next[name] = undefined;
    go("/alerts", next);
  };
  const input = element("input", { class: "grow", value: filter, placeholder: 'Filter: team="db", severity=~"critical|page"',
    "aria-label": "Filter", onchange: () => change({ filter: input.value }) });
  const bar = element("section", {}, element("div", { class: "row" }, input,
    ...SHOWN.map((name) => element("label", {}, element("input", { type: "checkbox", checked: shown[name],
      onchange: () => change({ [name]: !shown[name] }) }), " " + name)),
    receiver === "" ? undefined : element("button", { onclick: () => change({ receiver: "" }) }, "receiver " + receiver + " ✕")));
  const states = SHOWN.map((name) => name + "=" + shown[name]).join("&");
  const query = states + filterQuery(parseMatchers(filter)) + (receiver === "" ? "" : "&receiver=" + encodeURIComponent(receiver));
  const groups = await ask("/alerts/groups?" + query);
  const sections = groups.map((group) => groupSection(group, change));
  return [bar, ...(sections.length > 0 ? sections : [element("p", { class: "quiet" }, "No alerts.")])];
}

function groupSection(group, change) {
  const name = Object.keys(group.labels).length === 0 ? "Not grouped" : labelsText(group.labels);
  return element("section", {}, element("h2", {}, name + " ", element("button", { class: "chip quiet",
    onclick: () => change({ receiver: group.receiver.name.replaceAll(/[.*+?^$()|[\\]{}\\\\]/g, "\\\\$&") }) }, group.receiver.name)),
    ...group.alerts.map((alert) => alertArticle(alert, group.labels, change)));
}

function alertArticle(alert, groupLabels, change) {
  const chips = Object.entries(alert.labels).sort().filter(([name]) => !(name in groupLabels)).map(([name, value]) => {
    const text = matcherText({ name, value, isRegex: false, isEqual: true });
    return element("button", { class: "chip", title: "Filter by this label", onclick: () => change({ filter: "{" + text + "}" }) }, text);
  });
  const annotations = Object.entries(alert.annotations).sort().flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, link(value, value) || value)]);
  const { state, silencedBy, inhibitedBy, mutedBy } = alert.status;
  const reasons = [...silencedBy.map((id) => element("a", { href: "#/silences/" + id }, "silenced")),
    inhibitedBy.length > 0 ? "inhibited" : undefined, ...mutedBy.map((name) => "muted by " + name)];
  return element("article", {},
    element("div", { class: "row" }, element("span", { class: state }, state), "since ", when(alert.startsAt), ...reasons,
      link("Source", alert.generatorURL),
      element("a", { href: "#/silences/new?filter=" + encodeURIComponent(labelsText(alert.labels)) }, "Silence"),
      element("button", { title: "Silence until it is resolved", onclick: () => attempt(() => acknowledge(alert)) }, "Acknowledge")),
    element("div", { class: "row" }, ...chips), element("dl", {}, ...annotations));
}

async function acknowledge(alert) {
  const createdBy = remember("createdBy") || prompt("Your name") || "";
  if (createdBy === "") return;
  remember("createdBy", createdBy);
  await post("/alerts/acknowledge", { fingerprints: [alert.fingerprint], createdBy, comment: "acknowledged" });
  await show();
}
`;
