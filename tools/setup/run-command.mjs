import { spawn } from "node:child_process";

import { ROOT } from "./paths.mjs";

const SIGN_OF_LIFE_MS = 10_000;

/**
 * Runs a command at the repository's root with our own input and output; resolves to its exit code (1 when it was
 * killed or could not be started). Where no one watches a terminal it says every ten seconds that it still works.
 */
export async function runCommand(command, args, { env = {}, timeoutMs = 0, signOfLife = false } = {}) {
  return new Promise((resolve) => {
    const startedMs = Date.now();
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
    const seconds = () => Math.round((Date.now() - startedMs) / 1000);
    const tick = () => console.log(`  … ${command} has been working for ${seconds()} s`);
    const timer = signOfLife && !process.stdout.isTTY ? setInterval(tick, SIGN_OF_LIFE_MS) : undefined;
    const onTimeout = () => {
      console.error(`${command} was ended after ${seconds()} s: it took too long`);
      child.kill("SIGKILL");
    };
    const timeout = timeoutMs > 0 ? setTimeout(onTimeout, timeoutMs) : undefined;
    const finish = (code) => {
      clearInterval(timer);
      clearTimeout(timeout);
      resolve(code);
    };
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      finish(1);
    });
    child.on("exit", (code) => finish(code ?? 1));
  });
}

/** Runs a program of node_modules/.bin. */
export async function runPackageBinary(name, args, options) {
  return runCommand(`${ROOT}/node_modules/.bin/${name}`, args, options);
}
