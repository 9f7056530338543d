import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

const BASE = fileURLToPath(new URL("../../k8s/base/", import.meta.url));
/** Where the manifests mount what a role reads. */
const MOUNTS = "/etc/monotreme/";

const workloadSchema = z.object({
  kind: z.enum(["Deployment", "StatefulSet"]),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(
          z.object({ args: z.array(z.string()), env: z.array(z.object({ name: z.string() })).optional() }),
        ),
      }),
    }),
  }),
});

/** How Kubernetes starts a role: its arguments, and the names of our variables. */
export interface ManifestRole {
  readonly args: readonly string[];
  readonly variables: readonly string[];
}

/** Reads a role's manifest; files that it mounts are looked for under `folder`. */
export function manifestRole(role: string, folder: string): ManifestRole {
  const documents = parseAllDocuments(readFileSync(`${BASE}${role}.yaml`, "utf8"));
  const workloads = documents.flatMap((document) => workloadSchema.safeParse(document.toJS()).data ?? []);
  const container = workloads[0]?.spec.template.spec.containers[0];
  if (container === undefined) throw new Error(`k8s/base/${role}.yaml has no workload`);
  return {
    args: container.args.map((arg) => arg.replace(MOUNTS, `${folder}/`)),
    variables: (container.env ?? []).map(({ name }) => name).filter((name) => name.startsWith("MONOTREME_")),
  };
}
