import { createServer } from "node:net";

/**
 * A loopback TCP port that was free a moment ago. Another process may take it before its user binds it, so whoever
 * starts a server on it tries again with another port when that fails.
 */
export async function findFreePort(host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
