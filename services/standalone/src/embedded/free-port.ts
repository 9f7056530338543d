import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, which would take one between its test and its use. */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 50;

/**
 * A loopback TCP port that was free a moment ago. Another process may take it before its user binds it, so whoever
 * starts a server on it tries again with another port when that fails.
 */
export async function findFreePort(host = "127.0.0.1"): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (await isFree(port, host)) return port;
  }
  throw new Error(`no free port on ${host} in ${ATTEMPTS} attempts`);
}

async function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
