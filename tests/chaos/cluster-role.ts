import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort } from "@monotreme/standalone";
import { eventually, startProgram, type TestProgram } from "@monotreme/testkit";
import { manifestRole } from "./manifest-role.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const WORKERS: Readonly<Record<string, readonly string[]>> = { query: ["query-worker"] };
const START_TIMEOUT_MS = 60_000;

/** What the roles of a cluster have in common. */
export interface ClusterSettings {
  /** Holds `config/` with the files that the manifests mount, and the bundles. */
  readonly folder: string;
  /** The value of every variable that a manifest may set. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Makes the bundles of the roles, as an image has them: what is edited meanwhile does not matter. */
export async function bundleRoles(roles: readonly string[], { folder, variables }: ClusterSettings): Promise<void> {
  await mkdir(join(folder, "bundles"), { recursive: true });
  for (const role of roles) {
    const made = await startProgram(process.execPath, [join(ROOT, "tools/monotreme.mjs"), role, "--version"], {
      readyPattern: /, version /,
      // With servers given, so that no role brings its own along.
      env: variables,
      startTimeoutMs: START_TIMEOUT_MS,
    });
    await made.exited();
    for (const file of [role, "password-worker", ...(WORKERS[role] ?? [])]) {
      await copyFile(join(ROOT, "dist", `${file}.mjs`), join(folder, "bundles", `${file}.mjs`));
    }
  }
}

/** One process of a role, started as its manifest says, on a port of its own that stays. */
export class ClusterRole {
  readonly url: string;
  readonly role: string;
  readonly #port: number;
  readonly #settings: ClusterSettings;
  #program: TestProgram | undefined;

  private constructor(role: string, port: number, settings: ClusterSettings) {
    this.role = role;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#settings = settings;
  }

  /** Finds a port for it; `launch` starts it. */
  static async create(role: string, settings: ClusterSettings): Promise<ClusterRole> {
    return new ClusterRole(role, await findFreePort(), settings);
  }

  get pid(): number {
    return this.#program?.pid ?? 0;
  }

  readonly output = (): string => this.#program?.output() ?? "";

  /** Resolves when `/-/ready` says so. */
  async launch(): Promise<void> {
    const { folder, variables } = this.#settings;
    const { args, variables: names } = manifestRole(this.role, folder);
    const env = Object.fromEntries(names.map((name) => [name, this.#valueOf(name, variables)]));
    const own = [`--web.listen-address=127.0.0.1:${this.#port}`, "--log.format=json"];
    // Instead of the service account of a pod.
    if (this.role === "ruler") own.push(`--ruler.kubernetes.kubeconfig-file=${join(folder, "kubeconfig")}`);
    const bundle = join(folder, "bundles", `${this.role}.mjs`);
    const program = await startProgram(process.execPath, [bundle, ...args.slice(1), ...own], { env });
    this.#program = program;
    let gone: number | string | undefined;
    void program.exited().then((how) => (gone = how));
    await eventually(async () => gone !== undefined || (await this.#isReady()), { timeoutMs: START_TIMEOUT_MS });
    if (gone !== undefined) throw new Error(`${this.role} ended with ${gone}:\n${program.output()}`);
  }

  /** SIGTERM, and it has to end in order; then it starts again. */
  async restart(): Promise<void> {
    await this.halt();
    await this.launch();
  }

  /** Ends it in order. */
  async halt(): Promise<void> {
    const code = await this.#program?.stop();
    if (code !== 0) throw new Error(`${this.role} ended with ${code}:\n${this.output()}`);
  }

  async kill(): Promise<void> {
    await this.#program?.stop("SIGKILL");
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The lines of `/metrics` that begin so, without those of buckets. */
  async metricLines(prefix: string): Promise<string[]> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return text.split("\n").filter((line) => line.startsWith(prefix) && !line.includes("_bucket{"));
  }

  /** The sum of a metric's samples on `/metrics`. */
  async metric(name: string): Promise<number> {
    const lines = await this.metricLines(name);
    const values = lines.filter((line) => [" ", "{"].includes(line.charAt(name.length)));
    return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  }

  #valueOf(name: string, variables: Readonly<Record<string, string>>): string {
    const value = variables[name];
    if (value === undefined)
      throw new Error(`the manifest of ${this.role} sets ${name}, which this test does not know`);
    return value;
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`${this.url}/-/ready`).catch(() => undefined);
    return response?.status === 200;
  }
}
