const MINIMUM = [20, 19];

/** Ends the process with a clear message when this Node is too old. */
export function requireNodeVersion() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  console.error(`Monotreme needs Node ${MINIMUM.join(".")} or newer; this is Node ${process.versions.node}.`);
  console.error("Install a newer one: https://nodejs.org/en/download, or with nvm: nvm install --lts");
  process.exit(1);
}
