// The entry of a thread that compares passwords with bcrypt hashes, one after the other (see password-thread.ts).
import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

// Whoever floods an address with wrong passwords does not slow down what the process is there for. On Linux a priority
// is the calling thread's alone; elsewhere it would be the whole process'.
if (process.platform === "linux") setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

parentPort?.on("message", ({ password, hash }) => parentPort?.postMessage(compareSync(password, hash)));
