import { fileURLToPath } from "node:url";
import { startProgram, type TemporaryFolder, type TestProgram } from "@monotreme/testkit";

const MONOTREME_SCRIPT = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));

/** A role as a process of its own; `kill` and `restart` as often as a test wants. */
export class RoleProcess {
  protected readonly folder: TemporaryFolder;
  readonly #role: string;
  readonly #flags: readonly string[];
  #program: TestProgram | undefined;
  url = "";

  protected constructor(role: string, folder: TemporaryFolder, flags: readonly string[]) {
    this.#role = role;
    this.folder = folder;
    this.#flags = flags;
  }

  get pid(): number | undefined {
    return this.#program?.pid;
  }

  output(): string {
    return this.#program?.output() ?? "";
  }

  /** Starts it again, on another port. */
  async restart(): Promise<void> {
    const listening = ["--web.listen-address=127.0.0.1:0", "--log.format=json"];
    this.#program = await startProgram(process.execPath, [MONOTREME_SCRIPT, this.#role, ...listening, ...this.#flags], {
      readyPattern: /"msg":"ready"/,
      startTimeoutMs: 60_000,
    });
    this.url = /"address":"(http:[^"]+)"[^\n]*"msg":"ready"/.exec(this.output())?.[1] ?? "";
  }

  async kill(): Promise<void> {
    await this.#program?.stop("SIGKILL");
  }

  /** Ends it in order; resolves to its exit code. */
  async halt(): Promise<number | string | undefined> {
    return this.#program?.stop();
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.folder.remove();
  }
}
