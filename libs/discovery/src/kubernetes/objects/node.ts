import { type JsonObject, numberOf, objectOf, objectsOf, textOf } from "./json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";

export interface Node extends ObjectMeta {
  readonly providerId: string;
  readonly kubeletPort: number;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
}

export function readNode(json: JsonObject): Node {
  const status = objectOf(json["status"]);
  const kubelet = objectOf(objectOf(status["daemonEndpoints"])["kubeletEndpoint"]);
  return {
    ...readObjectMeta(json),
    providerId: textOf(objectOf(json["spec"])["providerID"]),
    kubeletPort: numberOf(kubelet["Port"]) ?? 0,
    addresses: objectsOf(status["addresses"]).map((each) => ({
      type: textOf(each["type"]),
      address: textOf(each["address"]),
    })),
  };
}
