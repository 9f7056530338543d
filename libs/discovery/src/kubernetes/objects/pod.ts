import { type JsonObject, numberOf, objectOf, objectsOf, textOf } from "./json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";

export interface Pod extends ObjectMeta {
  readonly uid: string;
  /** "" while it starts, and after it was evicted. */
  readonly ip: string;
  readonly hostIp: string;
  readonly phase: string;
  /** `true`, `false` or `unknown`. */
  readonly ready: string;
  readonly nodeName: string;
  /** Those that start first come last, as upstream orders them. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly id: string;
  readonly isInit: boolean;
  readonly ports: readonly ContainerPort[];
}

export interface ContainerPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

export function readPod(json: JsonObject): Pod {
  const spec = objectOf(json["spec"]);
  const status = objectOf(json["status"]);
  const ready = objectsOf(status["conditions"]).find((condition) => condition["type"] === "Ready");
  return {
    ...readObjectMeta(json),
    uid: textOf(objectOf(json["metadata"])["uid"]),
    ip: textOf(status["podIP"]),
    hostIp: textOf(status["hostIP"]),
    phase: textOf(status["phase"]),
    ready: ready === undefined ? "unknown" : textOf(ready["status"]).toLowerCase(),
    nodeName: textOf(spec["nodeName"]),
    containers: [
      ...readContainers(spec["containers"], status["containerStatuses"], false),
      ...readContainers(spec["initContainers"], status["initContainerStatuses"], true),
    ],
  };
}

function readContainers(specs: unknown, statuses: unknown, isInit: boolean): Container[] {
  const ids = new Map(objectsOf(statuses).map((status) => [status["name"], textOf(status["containerID"])]));
  return objectsOf(specs).map((container) => ({
    name: textOf(container["name"]),
    image: textOf(container["image"]),
    id: ids.get(container["name"]) ?? "",
    isInit,
    ports: objectsOf(container["ports"]).map((port) => ({
      name: textOf(port["name"]),
      number: numberOf(port["containerPort"]) ?? 0,
      protocol: textOf(port["protocol"]),
    })),
  }));
}
