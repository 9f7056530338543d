import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startProgram,
  type TemporaryFolder,
  type TestProgram,
} from "@monotreme/testkit";

const NODES = 3;
const START_TIMEOUT_MS = 30_000;

interface Node {
  readonly name: string;
  readonly configFile: string;
  readonly monitoringUrl: string;
  program: TestProgram | undefined;
}

/** Three nats-servers with routes between them, whose JetStream keeps three copies. */
export class NatsCluster {
  /** The addresses of all of them, as `--nats.url` takes them. */
  readonly url: string;
  readonly #folder: TemporaryFolder;
  readonly #nodes: readonly Node[];

  private constructor(folder: TemporaryFolder, nodes: readonly Node[], url: string) {
    this.#folder = folder;
    this.#nodes = nodes;
    this.url = url;
  }

  static async start(): Promise<NatsCluster> {
    const folder = await createTemporaryFolder("nats-cluster");
    const ports = await Promise.all(Array.from({ length: NODES * 3 }, async () => findFreePort()));
    const portOf = (node: number, use: number): number => ports[node * 3 + use] ?? 0;
    const routes = Array.from({ length: NODES }, (_, i) => `"nats://127.0.0.1:${portOf(i, 1)}"`).join(", ");
    const nodes = Array.from({ length: NODES }, (_, i): Node => {
      const name = `nats-${i}`;
      return {
        name,
        configFile: join(folder.path, `${name}.conf`),
        monitoringUrl: `http://127.0.0.1:${portOf(i, 2)}`,
        program: undefined,
      };
    });
    for (const [i, node] of nodes.entries()) {
      const config = `server_name: ${node.name}
listen: "127.0.0.1:${portOf(i, 0)}"
http: "127.0.0.1:${portOf(i, 2)}"
max_payload: ${8 * 2 ** 20}
jetstream { store_dir: ${JSON.stringify(join(folder.path, node.name))}, max_file_store: ${8 * 2 ** 30} }
cluster { name: test, listen: "127.0.0.1:${portOf(i, 1)}", routes: [${routes}] }
`;
      await writeFile(node.configFile, config);
    }
    const url = nodes.map((_, i) => `nats://127.0.0.1:${portOf(i, 0)}`).join(",");
    const cluster = new NatsCluster(folder, nodes, url);
    await Promise.all(nodes.map(async (node) => cluster.#launch(node)));
    return cluster;
  }

  /** One after the other, each when the last one has caught up, as a StatefulSet does it. */
  async rollingRestart(): Promise<void> {
    for (const node of this.#nodes) {
      await node.program?.stop();
      await this.#launch(node);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(async ({ program }) => program?.stop("SIGKILL")));
    await this.#folder.remove();
  }

  /** Resolves when the node has what the others have. */
  async #launch(node: Node): Promise<void> {
    node.program = await startProgram("nats-server", ["--config", node.configFile], {
      readyPattern: /Server is ready/,
      startTimeoutMs: START_TIMEOUT_MS,
    });
    await eventually(async () => (await fetch(`${node.monitoringUrl}/healthz`)).status === 200, {
      timeoutMs: START_TIMEOUT_MS,
    });
  }
}
