import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { isMapping, type Manifest, strategicMerge, textOf } from "./strategic-merge.ts";

const options = z.strictObject({
  disableNameSuffixHash: z.boolean().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const generator = z.strictObject({
  name: z.string(),
  behavior: z.literal("merge").optional(),
  files: z.array(z.string()).default([]),
  literals: z.array(z.string().regex(/^[^=]+=/)).default([]),
  options: options.optional(),
});

const target = z.strictObject({
  kind: z.string(),
  name: z.string().optional(),
  labelSelector: z
    .string()
    .regex(/^[^=,]+=[^=,]+$/)
    .optional(),
});

/** What of kustomize our files use. */
const kustomization = z.strictObject({
  apiVersion: z.literal("kustomize.config.k8s.io/v1beta1"),
  kind: z.literal("Kustomization"),
  namespace: z.string().optional(),
  resources: z.array(z.string()).default([]),
  patches: z.array(z.strictObject({ path: z.string(), target: target.optional() })).default([]),
  configMapGenerator: z.array(generator).default([]),
  replicas: z.array(z.strictObject({ name: z.string(), count: z.number().int() })).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
});

type Kustomization = z.infer<typeof kustomization>;

const CLUSTER_WIDE = new Set(["Namespace", "ClusterRole", "ClusterRoleBinding"]);

/** The objects of a kustomization, as `kubectl kustomize` gives them, but for the hashes in names of ConfigMaps. */
export function renderKustomization(folder: string): Manifest[] {
  const file = kustomization.parse(parse(readFileSync(join(folder, "kustomization.yaml"), "utf8")));
  let objects = file.resources.flatMap((resource) => readResource(join(folder, resource)));
  for (const one of file.configMapGenerator) objects = generate(objects, folder, one);
  for (const patch of file.patches) objects = applyPatch(objects, folder, patch);
  return objects.map((object) => inNamespace(withImages(withReplicas(object, file), file), file.namespace));
}

/** Objects of a file of YAML documents. */
export function readManifests(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, "utf8"), { uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors[0]?.message}`);
    return document.toJS();
  });
}

function readResource(path: string): Manifest[] {
  return statSync(path).isDirectory() ? renderKustomization(path) : readManifests(path);
}

function metadataOf(object: Manifest): Manifest {
  const { metadata } = object;
  return isMapping(metadata) ? metadata : {};
}

function generate(objects: Manifest[], folder: string, one: z.infer<typeof generator>): Manifest[] {
  const files = one.files.map((file) => [basename(file), readFileSync(join(folder, file), "utf8")] as const);
  const literals = one.literals.map(
    (text) => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1)] as const,
  );
  const data = Object.fromEntries([...files, ...literals]);
  if (one.behavior === "merge") {
    const isSame = (object: Manifest): boolean =>
      object["kind"] === "ConfigMap" && metadataOf(object)["name"] === one.name;
    if (!objects.some(isSame)) throw new Error(`there is no ConfigMap ${one.name} to merge with`);
    return objects.map((object) => (isSame(object) ? strategicMerge(object, { data }) : object));
  }
  const { labels, annotations } = one.options ?? {};
  const metadata = { name: one.name, ...(labels && { labels }), ...(annotations && { annotations }) };
  return [...objects, { apiVersion: "v1", kind: "ConfigMap", metadata, data }];
}

function applyPatch(objects: Manifest[], folder: string, patch: Kustomization["patches"][number]): Manifest[] {
  const change = parse(readFileSync(join(folder, patch.path), "utf8"));
  const { metadata, ...body } = change;
  const { kind, name, labelSelector } = patch.target ?? { kind: change.kind, name: metadata.name };
  const [label = "", value] = labelSelector?.split("=") ?? [];
  const isMeant = (object: Manifest): boolean => {
    const { name: ownName, labels } = metadataOf(object);
    const hasLabel = labelSelector === undefined || (isMapping(labels) && labels[label] === value);
    return object["kind"] === kind && (name === undefined || ownName === name) && hasLabel;
  };
  if (!objects.some(isMeant)) throw new Error(`${patch.path} patches nothing`);
  return objects.map((object) => (isMeant(object) ? strategicMerge(object, body) : object));
}

function withReplicas(object: Manifest, { replicas }: Kustomization): Manifest {
  const isScalable = object["kind"] === "Deployment" || object["kind"] === "StatefulSet";
  const found = replicas.find(({ name }) => name === metadataOf(object)["name"]);
  return isScalable && found !== undefined ? strategicMerge(object, { spec: { replicas: found.count } }) : object;
}

function withImages(object: Manifest, { images }: Kustomization): Manifest {
  const { spec } = object;
  const template = isMapping(spec) ? spec["template"] : undefined;
  const podSpec = isMapping(template) ? template["spec"] : undefined;
  const containers = isMapping(podSpec) ? podSpec["containers"] : undefined;
  if (!Array.isArray(containers)) return object;
  const renamed = containers.filter(isMapping).map((container) => {
    const found = images.find(({ name }) => name === container["image"]);
    return found === undefined ? container : { ...container, image: `${found.newName}:${found.newTag}` };
  });
  return strategicMerge(object, { spec: { template: { spec: { containers: renamed } } } });
}

function inNamespace(object: Manifest, namespace: string | undefined): Manifest {
  if (namespace === undefined || CLUSTER_WIDE.has(textOf(object["kind"]))) return object;
  return strategicMerge(object, { metadata: { namespace } });
}
