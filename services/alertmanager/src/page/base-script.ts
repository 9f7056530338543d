/** What all views of the page use. What comes from outside is only ever set as text, never as markup. */
export const BASE_SCRIPT = `
const BASE = location.pathname.replace(/\\/[^/]*$/, "");
const byId = (id) => document.getElementById(id);

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Only addresses of the web become links. */
function link(text, address) {
  return /^https?:\\/\\//i.test(address) ? element("a", { href: address, rel: "noreferrer" }, text) : undefined;
}

async function ask(path, options) {
  const response = await fetch(BASE + "/api/v2" + path, options);
  const text = await response.text();
  let answer;
  try { answer = text === "" ? undefined : JSON.parse(text); } catch { answer = text; }
  if (response.ok) return answer;
  throw new Error(typeof answer === "string" ? answer : (answer && answer.message) || "HTTP " + response.status);
}

const post = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body) });

async function attempt(act) {
  try { byId("trouble").textContent = ""; return await act(); }
  catch (error) { byId("trouble").textContent = error.message; }
}

const MATCHER = /\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s{}!=~,\\\\"'\`]+))\\s*(=~|!~|!=|=)\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s{},"]*))\\s*(?:,|$)/y;

/** The matchers of a text such as {a="1", b=~"x|y"}; throws where it is none. */
function parseMatchers(text) {
  const inner = text.trim().replace(/^\\{([^]*)\\}$/, "$1").trim();
  const matchers = [];
  MATCHER.lastIndex = 0;
  while (MATCHER.lastIndex < inner.length) {
    const at = MATCHER.lastIndex;
    const match = MATCHER.exec(inner);
    if (match === null) throw new Error("not a matcher: " + inner.slice(at));
    const unquote = (quoted, plain) => (quoted === undefined ? plain : JSON.parse('"' + quoted.replaceAll("\\n", "\\\\n") + '"'));
    matchers.push({ name: unquote(match[1], match[2]), value: unquote(match[4], match[5]),
      isRegex: match[3].endsWith("~"), isEqual: match[3][0] === "=" });
  }
  return matchers;
}

const operatorOf = ({ isRegex, isEqual }) => (isEqual ? "=" : "!") + (isRegex ? "~" : isEqual ? "" : "=");
const nameText = (name) => (/^[a-zA-Z_:][\\w:]*$/.test(name) ? name : JSON.stringify(name));
const matcherText = (matcher) => nameText(matcher.name) + operatorOf(matcher) + JSON.stringify(matcher.value);
const matchersText = (matchers) => "{" + matchers.map(matcherText).join(", ") + "}";
const labelsText = (labels) => matchersText(Object.entries(labels).sort()
  .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })));
const filterQuery = (matchers) => matchers.map((matcher) => "&filter=" + encodeURIComponent(matcherText(matcher))).join("");

const when = (time) => element("time", { datetime: time }, new Date(time).toLocaleString());
const DURATION = /^(?:\\d+(?:ms|[smhdwy]))+$/;
const UNIT_MS = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, y: 31536e6 };

function durationMs(text) {
  if (!DURATION.test(text)) throw new Error("not a duration: " + text + " (for example 2h or 1d12h)");
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\\d+)(ms|[smhdwy])/g)) ms += Number(count) * UNIT_MS[unit];
  return ms;
}

function remember(name, value) {
  try { if (value === undefined) return localStorage.getItem(name) || ""; localStorage.setItem(name, value); }
  catch { return ""; }
}

/** "#/alerts?filter=x" as its path and parameters. */
function place() {
  const [path, query = ""] = location.hash.replace(/^#/, "").split(/\\?([^]*)/, 2);
  return { path: path || "/alerts", parameters: new URLSearchParams(query) };
}

function go(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined);
  location.hash = path + (given.length > 0 ? "?" + new URLSearchParams(given) : "");
}
`;
