import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../workspace.ts";
import { idOf, isMapping, textOf, type Value } from "./strategic-merge.ts";

/**
 * Fields and their types of the models that we use, from the OpenAPI document of Kubernetes 1.34; `[T]` is a list of
 * them, `{T}` a mapping to them.
 */
const models = z
  .record(z.string(), z.record(z.string(), z.string()))
  .parse(JSON.parse(readFileSync(join(ROOT, "tests/fixtures/kubernetes/models.json"), "utf8")));

/** By apiVersion and kind, the model of the API that describes it. */
const MODELS: Readonly<Record<string, string>> = {
  "v1/ConfigMap": "V1ConfigMap",
  "v1/Namespace": "V1Namespace",
  "v1/Service": "V1Service",
  "v1/ServiceAccount": "V1ServiceAccount",
  "apps/v1/Deployment": "V1Deployment",
  "apps/v1/StatefulSet": "V1StatefulSet",
  "autoscaling/v2/HorizontalPodAutoscaler": "V2HorizontalPodAutoscaler",
  "networking.k8s.io/v1/Ingress": "V1Ingress",
  "networking.k8s.io/v1/NetworkPolicy": "V1NetworkPolicy",
  "policy/v1/PodDisruptionBudget": "V1PodDisruptionBudget",
  "rbac.authorization.k8s.io/v1/ClusterRole": "V1ClusterRole",
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": "V1ClusterRoleBinding",
};

/** Fields that the API refuses to be without, of what we use. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  V1Container: ["name", "image"],
  V1ContainerPort: ["containerPort"],
  V1DeploymentSpec: ["selector", "template"],
  V1StatefulSetSpec: ["selector", "template", "serviceName"],
  V1EnvVar: ["name"],
  V1LabelSelectorRequirement: ["key", "operator"],
  V1NetworkPolicySpec: ["podSelector"],
  V1PolicyRule: ["verbs"],
  V1PodSpec: ["containers"],
  V1RoleRef: ["apiGroup", "kind", "name"],
  V1ServicePort: ["port"],
  V1TopologySpreadConstraint: ["maxSkew", "topologyKey", "whenUnsatisfiable"],
  V1Volume: ["name"],
  V1VolumeMount: ["name", "mountPath"],
  V2HorizontalPodAutoscalerSpec: ["maxReplicas", "scaleTargetRef"],
};

const QUANTITIES = new Set(["requests", "limits", "averageValue"]);
const QUANTITY = /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/** What is wrong with an object by the models of Kubernetes' API (fields, types, what must be there), as a list. */
export function modelFaults(object: Value): string[] {
  if (!isMapping(object)) return ["not an object"];
  const name = `${textOf(object["apiVersion"])}/${textOf(object["kind"])}`;
  const model = MODELS[name];
  if (model === undefined) return [`${name} is no kind that we know`];
  return faultsOf(object, model, idOf(object));
}

function faultsOf(value: Value, type: string, path: string): string[] {
  const [, list, map] = /^\[(.+)\]$|^\{(.+)\}$/.exec(type) ?? [];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path}: expected a list`];
    return value.flatMap((entry, i) => faultsOf(entry, list, `${path}[${i}]`));
  }
  if (map !== undefined) {
    if (!isMapping(value)) return [`${path}: expected a mapping`];
    return Object.entries(value).flatMap(([key, entry]) => [
      ...faultsOf(entry, map, `${path}.${key}`),
      ...quantityFaults(path, entry),
    ]);
  }
  const model = models[type];
  return model === undefined ? scalarFaults(value, type, path) : mappingFaults(value, type, model, path);
}

function mappingFaults(value: Value, type: string, model: Readonly<Record<string, string>>, path: string): string[] {
  if (!isMapping(value)) return [`${path}: expected a mapping`];
  const required = REQUIRED[type] ?? [];
  const missing = required.filter((key) => value[key] === undefined).map((key) => `${path}.${key} is missing`);
  const inside = Object.entries(value).flatMap(([key, entry]) => {
    const fieldType = model[key];
    if (fieldType === undefined) return [`${path}.${key} is no field of ${type}`];
    return [...faultsOf(entry, fieldType, `${path}.${key}`), ...quantityFaults(`${path}.${key}`, entry)];
  });
  return [...missing, ...inside];
}

function quantityFaults(path: string, value: Value): string[] {
  const isQuantity = QUANTITIES.has(path.split(".").at(-1) ?? "") && !isMapping(value);
  return isQuantity && !QUANTITY.test(JSON.stringify(value).replaceAll('"', ""))
    ? [`${path}: ${JSON.stringify(value)} is no quantity`]
    : [];
}

function scalarFaults(value: Value, type: string, path: string): string[] {
  const isEither = type === "IntOrString" && (typeof value === "number" || typeof value === "string");
  return isEither || typeof value === type ? [] : [`${path}: expected ${type}, found ${JSON.stringify(value)}`];
}
