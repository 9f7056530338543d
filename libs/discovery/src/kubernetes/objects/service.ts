import { type JsonObject, numberOf, objectOf, objectsOf, textOf, textsOf } from "./json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";

export interface Service extends ObjectMeta {
  readonly type: string;
  readonly clusterIp: string;
  readonly externalName: string;
  readonly loadBalancerIp: string;
  /** The family of the cluster IP: `IPv4` or `IPv6`; "" where the service has no more than one anyway. */
  readonly primaryFamily: string;
  readonly ports: readonly ServicePort[];
}

export interface ServicePort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

export function readService(json: JsonObject): Service {
  const spec = objectOf(json["spec"]);
  const policy = textOf(spec["ipFamilyPolicy"]);
  return {
    ...readObjectMeta(json),
    type: textOf(spec["type"]),
    clusterIp: textOf(spec["clusterIP"]),
    externalName: textOf(spec["externalName"]),
    loadBalancerIp: textOf(spec["loadBalancerIP"]),
    primaryFamily: policy.endsWith("DualStack") ? (textsOf(spec["ipFamilies"])[0] ?? "") : "",
    ports: objectsOf(spec["ports"]).map((port) => ({
      name: textOf(port["name"]),
      number: numberOf(port["port"]) ?? 0,
      protocol: textOf(port["protocol"]),
    })),
  };
}
