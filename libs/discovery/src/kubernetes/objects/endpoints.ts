import { type JsonObject, numberOf, objectOf, objectsOf, textOf } from "./json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";

export interface Endpoints extends ObjectMeta {
  readonly subsets: readonly EndpointSubset[];
}

export interface EndpointSubset {
  readonly ports: readonly EndpointPort[];
  readonly ready: readonly EndpointAddress[];
  readonly notReady: readonly EndpointAddress[];
}

export interface EndpointPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname: string;
  readonly nodeName: string;
  readonly target: TargetRef | undefined;
}

/** The object behind an address. */
export interface TargetRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function readEndpoints(json: JsonObject): Endpoints {
  return {
    ...readObjectMeta(json),
    subsets: objectsOf(json["subsets"]).map((subset) => ({
      ports: objectsOf(subset["ports"]).map((port) => ({
        name: textOf(port["name"]),
        number: numberOf(port["port"]) ?? 0,
        protocol: textOf(port["protocol"]),
      })),
      ready: objectsOf(subset["addresses"]).map(readAddress),
      notReady: objectsOf(subset["notReadyAddresses"]).map(readAddress),
    })),
  };
}

function readAddress(address: JsonObject): EndpointAddress {
  return {
    ip: textOf(address["ip"]),
    hostname: textOf(address["hostname"]),
    nodeName: textOf(address["nodeName"]),
    target: readTargetRef(address["targetRef"]),
  };
}

export function readTargetRef(value: unknown): TargetRef | undefined {
  const ref = objectOf(value);
  const kind = textOf(ref["kind"]);
  return kind === "" ? undefined : { kind, namespace: textOf(ref["namespace"]), name: textOf(ref["name"]) };
}
