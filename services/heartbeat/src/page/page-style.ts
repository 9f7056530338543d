/** The page's style. */
export const PAGE_STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; color-scheme: light dark; }
code, input { font-family: ui-monospace, monospace; font-size: 0.9em; }
input { min-width: 22rem; padding: 0.3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: 0.3rem 0.6rem 0.3rem 0; text-align: left; vertical-align: top; }
.up { color: #2e9e44; } .grace { color: #b8860b; } .down { color: #d9453f; } .new, .paused, .quiet { opacity: 0.7; }
pre { overflow-x: auto; }
`;
