/** The views of silences: the list, one, and the form. */
export const SILENCES_SCRIPT = `
async function silencesView(parameters) {
  const filter = parameters.get("filter") || "";
  const input = element("input", { class: "grow", value: filter, "aria-label": "Filter",
    placeholder: 'Filter: a matcher that the silence has, such as team="db"', onchange: () => go("/silences", { filter: input.value }) });
  const silences = await ask("/silences?" + filterQuery(parseMatchers(filter)));
  const sections = ["active", "pending", "expired"].flatMap((state) => {
    const list = silences.filter(({ status }) => status.state === state);
    if (list.length === 0) return [];
    return [element("section", {}, element("h2", {}, state + " (" + list.length + ")"), ...list.map(silenceArticle))];
  });
  return [element("section", {}, element("div", { class: "row" }, input, element("a", { href: "#/silences/new" }, "New silence"))),
    ...(sections.length > 0 ? sections : [element("p", { class: "quiet" }, "No silences.")])];
}

function silenceArticle(silence) {
  const { state } = silence.status;
  const untilResolved = silence.annotations && silence.annotations.until_resolved === "true";
  const end = state === "expired" ? "ended " : untilResolved ? "until resolved, at the latest " : "ends ";
  return element("article", {}, element("div", { class: "row" },
    element("span", { class: state }, state), ...(state === "pending" ? ["starts ", when(silence.startsAt)] : []), end, when(silence.endsAt),
    element("a", { href: "#/silences/" + silence.id }, "Details"),
    element("a", { href: "#/silences/" + silence.id + "/edit" }, state === "expired" ? "Make again" : "Edit"),
    state === "expired" ? undefined : element("button", { onclick: () => attempt(() => expire(silence.id)) }, "End now")),
    element("div", { class: "row" }, ...silence.matchers.map((matcher) => element("span", { class: "chip" }, matcherText(matcher)))),
    element("p", { class: "quiet" }, [silence.createdBy, silence.comment].filter(Boolean).join(": ")));
}

async function expire(id) {
  if (!confirm("End this silence now?")) return;
  await ask("/silence/" + id, { method: "DELETE" });
  await show();
}

async function silenceView(id) {
  const silence = await ask("/silence/" + encodeURIComponent(id));
  const facts = { Id: silence.id, Starts: when(silence.startsAt), Ends: when(silence.endsAt), Updated: when(silence.updatedAt),
    "Created by": silence.createdBy, Comment: silence.comment };
  for (const [name, value] of Object.entries(silence.annotations || {})) facts[name] = link(value, value) || value;
  return [element("section", {}, element("h2", {}, "Silence"), silenceArticle(silence),
    element("dl", {}, ...Object.entries(facts).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]))),
    await affectedSection(silence.matchers)];
}

async function affectedSection(matchers) {
  const alerts = await ask("/alerts?" + filterQuery(matchers));
  return element("section", {}, element("h2", {}, "Alerts that match now: " + alerts.length),
    ...alerts.slice(0, 100).map((alert) => element("p", {}, labelsText(alert.labels))),
    ...(alerts.length > 100 ? [element("p", { class: "quiet" }, (alerts.length - 100) + " more")] : []));
}

async function silenceForm(parameters, id) {
  const old = id === undefined ? undefined : await ask("/silence/" + encodeURIComponent(id));
  const isPast = old !== undefined && old.status.state === "expired";
  const lengthOf = ({ startsAt, endsAt }) => Math.max(1, Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 6e4)) + "m";
  const left = old === undefined || isPast ? undefined : Math.max(1, Math.round((Date.parse(old.endsAt) - Date.now()) / 6e4)) + "m";
  const field = (name, value, hint) => element("input", { id: "field-" + name, value, placeholder: hint });
  const matchers = element("textarea", { id: "field-matchers", rows: "3", placeholder: '{alertname="Down", team=~"db|web"}' });
  matchers.value = old === undefined ? parameters.get("filter") || "" : matchersText(old.matchers);
  const length = field("length", left || (old ? lengthOf(old) : parameters.get("duration") || "2h"), "2h");
  const createdBy = field("creator", (old && old.createdBy) || remember("createdBy"), "Your name");
  const comment = field("comment", old ? old.comment : parameters.get("comment") || "", "Why");
  const untilResolved = element("input", { type: "checkbox", id: "field-resolved" });
  const preview = element("div", {});
  const read = () => {
    const parsed = parseMatchers(matchers.value);
    if (parsed.length === 0) throw new Error("at least one matcher is needed");
    return parsed;
  };
  const submit = async (event) => {
    event.preventDefault();
    const now = Date.now();
    const startsAt = old !== undefined && !isPast ? old.startsAt : new Date(now).toISOString();
    const startMs = Math.max(now, Date.parse(startsAt));
    remember("createdBy", createdBy.value);
    const annotations = { ...(old && old.annotations), ...(untilResolved.checked ? { until_resolved: "true" } : {}) };
    const answer = await post("/silences", { ...(id && !isPast ? { id } : {}), matchers: read(), startsAt,
      endsAt: new Date(startMs + durationMs(length.value.trim())).toISOString(),
      createdBy: createdBy.value, comment: comment.value, annotations });
    go("/silences/" + answer.silenceID, {});
  };
  const row = (text, input) => [element("label", { for: input.id }, text), input];
  const form = element("form", { onsubmit: (event) => attempt(() => submit(event)) },
    ...row("Matchers: all must hold", matchers), ...row(left ? "Length from now" : "Length", length), ...row("Created by", createdBy), ...row("Comment", comment),
    element("div", { class: "row" }, untilResolved, element("label", { for: untilResolved.id }, "End as soon as the alerts are resolved")),
    element("div", { class: "row" }, element("button", { class: "main" }, id && !isPast ? "Save" : "Silence"),
      element("button", { type: "button", onclick: () => attempt(async () => preview.replaceChildren(await affectedSection(read()))) }, "Show matching alerts")));
  if (matchers.value !== "") void attempt(async () => preview.replaceChildren(await affectedSection(read())));
  return [element("section", {}, element("h2", {}, id && !isPast ? "Change a silence" : "New silence"), form), preview];
}
`;
