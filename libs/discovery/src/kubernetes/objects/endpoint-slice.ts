import { readTargetRef, type TargetRef } from "./endpoints.ts";
import {
  flagTextOf,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  textMapOf,
  textOf,
  textsOf,
} from "./json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";

export interface EndpointSlice extends ObjectMeta {
  /** `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType: string;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface SlicePort {
  readonly name: string;
  /** Undefined: any port. */
  readonly number: number | undefined;
  readonly protocol: string;
  readonly appProtocol: string;
}

/** Conditions are `true`, `false`, or "" where the API server says nothing. */
export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly ready: string;
  readonly serving: string;
  readonly terminating: string;
  readonly hostname: string;
  readonly nodeName: string;
  readonly zone: string;
  readonly topology: Readonly<Record<string, string>>;
  readonly target: TargetRef | undefined;
}

export function readEndpointSlice(json: JsonObject): EndpointSlice {
  return {
    ...readObjectMeta(json),
    addressType: textOf(json["addressType"]),
    ports: objectsOf(json["ports"]).map((port) => ({
      name: textOf(port["name"]),
      number: numberOf(port["port"]),
      protocol: textOf(port["protocol"]),
      appProtocol: textOf(port["appProtocol"]),
    })),
    endpoints: objectsOf(json["endpoints"]).map(readEndpoint),
  };
}

function readEndpoint(endpoint: JsonObject): SliceEndpoint {
  const conditions = objectOf(endpoint["conditions"]);
  return {
    addresses: textsOf(endpoint["addresses"]),
    ready: flagTextOf(conditions["ready"]),
    serving: flagTextOf(conditions["serving"]),
    terminating: flagTextOf(conditions["terminating"]),
    hostname: textOf(endpoint["hostname"]),
    nodeName: textOf(endpoint["nodeName"]),
    zone: textOf(endpoint["zone"]),
    topology: textMapOf(endpoint["deprecatedTopology"]),
    target: readTargetRef(endpoint["targetRef"]),
  };
}
