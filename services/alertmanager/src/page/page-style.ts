/** The page's style: readable without assets, light and dark as the system is. */
export const PAGE_STYLE = `
:root { --ink: #1c2127; --quiet: #5d6773; --paper: #f6f7f9; --card: #ffffff; --line: #dde2e8; --accent: #0b6bcb;
  --good: #137a3f; --bad: #b3261e; --wait: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --quiet: #98a3b0; --paper: #12161b; --card: #1a2027;
  --line: #2d3640; --accent: #6cb2ff; --good: #5bd08c; --bad: #ff8a80; --wait: #ffc46b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.5rem; padding-top: 1.25rem; }
h1 { margin: 0; font-size: 1.4rem; letter-spacing: -0.01em; }
h2 { margin: 0 0 0.5rem; font-size: 1.1rem; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
a { color: var(--accent); }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem;
  margin: 1.25rem 0; }
article { border-top: 1px solid var(--line); padding: 0.75rem 0 0.5rem; }
h2 + article { border-top: 0; padding-top: 0; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.9rem; margin: 0.25rem 0; }
.grow { flex: 1 1 18rem; }
.chip { border: 1px solid var(--line); border-radius: 99px; padding: 0 0.6rem; overflow-wrap: anywhere; }
button.chip { background: none; color: inherit; cursor: pointer; }
.quiet { color: var(--quiet); }
.active { color: var(--bad); font-weight: 600; }
.suppressed, .pending { color: var(--wait); font-weight: 600; }
.expired { color: var(--quiet); font-weight: 600; }
.good { color: var(--good); }
#trouble:empty { display: none; }
#trouble { color: var(--bad); font-weight: 600; }
label { display: block; margin: 0.5rem 0 0.15rem; color: var(--quiet); }
.row label { margin: 0; color: inherit; }
input, textarea, button, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; padding: 0.3rem 0.6rem; }
input[type=checkbox] { padding: 0; }
input:not([type=checkbox]), textarea { width: 100%; }
.row input:not([type=checkbox]) { width: auto; }
button { cursor: pointer; }
button.main { background: var(--accent); color: var(--card); border-color: var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1.25rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { margin: 0; overflow-x: auto; font: 0.9em/1.45 ui-monospace, monospace; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.5rem; } }
`;
