import { type JsonObject, objectOf, objectsOf, textMapOf, textOf } from "./json-value.ts";

/** What tells the objects of one kind apart. */
export interface ObjectName {
  /** "" for objects of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** What every object has and labels need; all else of the metadata, `managedFields` above all, is left behind. */
export interface ObjectMeta extends ObjectName {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The one owner that manages it. */
  readonly controller: ControllerRef | undefined;
}

export interface ControllerRef {
  readonly kind: string;
  readonly name: string;
}

export function readObjectMeta(json: JsonObject): ObjectMeta {
  const metadata = objectOf(json["metadata"]);
  const controller = objectsOf(metadata["ownerReferences"]).find((owner) => owner["controller"] === true);
  return {
    namespace: textOf(metadata["namespace"]),
    name: textOf(metadata["name"]),
    labels: textMapOf(metadata["labels"]),
    annotations: textMapOf(metadata["annotations"]),
    controller: controller && { kind: textOf(controller["kind"]), name: textOf(controller["name"]) },
  };
}

/** The name of an object among those of its kind. */
export function objectKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
