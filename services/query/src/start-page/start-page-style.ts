/** The start page's style: readable without assets, light and dark as the system is. */
export const START_PAGE_STYLE = `
:root { --ink: #1c2127; --quiet: #5d6773; --paper: #f6f7f9; --card: #ffffff; --line: #dde2e8; --accent: #0b6bcb;
  --up: #137a3f; --down: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --quiet: #98a3b0; --paper: #12161b; --card: #1a2027;
  --line: #2d3640; --accent: #6cb2ff; --up: #5bd08c; --down: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.01em; }
header p { margin: 0.25rem 0 0; color: var(--quiet); }
h2 { margin: 0 0 0.75rem; font-size: 1.1rem; }
h3 { margin: 0; font-size: 1rem; font-weight: 600; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem;
  margin: 1.25rem 0; }
article + article { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 1rem; }
article p { margin: 0.25rem 0 0.5rem; }
.chips { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: 99px; padding: 0.1rem 0.75rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1.25rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, monospace; color: var(--accent); }
.scroll { overflow-x: auto; }
.quiet { color: var(--quiet); font-weight: 400; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); }
th, td { padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: break-word; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
.up, .down, .unknown { white-space: nowrap; }
.up { color: var(--up); font-weight: 600; }
p.down { white-space: normal; }
.down, #trouble { color: var(--down); font-weight: 600; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.5rem; } }
`;
