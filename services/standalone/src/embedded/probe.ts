import { get } from "node:http";
import { connect } from "node:net";

/** One look at a server: true when it answers its own protocol; never throws. */
export type Probe = () => Promise<boolean>;

const PROBE_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Connects, says `hello` (may be empty), and asks `accepts` about what has come so far until it says yes. */
export function lineProbe(port: number, hello: string, accepts: (answer: string) => boolean): Probe {
  return async () =>
    new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      let answer = "";
      const finish = (ready: boolean): void => {
        socket.destroy();
        resolve(ready);
      };
      socket.setTimeout(PROBE_TIMEOUT_MS, () => finish(false));
      socket.on("error", () => finish(false));
      socket.on("end", () => finish(false));
      socket.on("connect", () => {
        if (hello !== "") socket.write(hello);
      });
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
        if (accepts(answer)) finish(true);
        else if (answer.length > MAX_ANSWER_BYTES) finish(false);
      });
    });
}

/** GETs the URL: ready when the answer is 200. */
export function httpProbe(url: string): Probe {
  return async () =>
    new Promise((resolve) => {
      const request = get(url, { timeout: PROBE_TIMEOUT_MS, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on("timeout", () => request.destroy());
      request.on("error", () => resolve(false));
    });
}
