import { type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";

/** Deeper data is refused: every reader of a node calls itself for what is in it. */
const MAX_DEPTH = 32;

/** Data in the form that a parsed file has. */
export interface PlainNodes {
  readonly root: Node;
  /** Where each node stands (`groups[0].name`); what a file has as an offset is a place in this list. */
  readonly places: readonly string[];
}

/** As if the data (of JSON) had stood in a file; undefined where it is nested too deeply for any honest file. */
export function nodesOfPlainData(data: unknown): PlainNodes | undefined {
  const places: string[] = [];
  let isTooDeep = false;
  const put = <N extends Node>(node: N, place: string): N => {
    const at = places.push(place) - 1;
    node.range = [at, at, at];
    return node;
  };
  const nodeOf = (value: unknown, place: string, depth: number): Node => {
    if (typeof value !== "object" || value === null) return put(scalarOf(value), place);
    if (depth === MAX_DEPTH) {
      isTooDeep = true;
      return put(scalarOf(null), place);
    }
    if (Array.isArray(value)) {
      const list = put(new YAMLSeq<Node>(), place);
      list.items = value.map((item, index) => nodeOf(item, `${place}[${index}]`, depth + 1));
      return list;
    }
    const map = put(new YAMLMap<Node, Node>(), place);
    map.items = Object.entries(value).map(([name, item]) => {
      const itemPlace = placeOf(place, name);
      return new Pair(put(scalarOf(name), itemPlace), nodeOf(item, itemPlace, depth + 1));
    });
    return map;
  };
  const root = nodeOf(data, "", 0);
  return isTooDeep ? undefined : { root, places };
}

/** Texts are quoted, anything else (numbers, truth values, nothing) is plain, as it would be written. */
function scalarOf(value: unknown): Scalar<string> {
  const text = String(value);
  const scalar = new Scalar(text);
  scalar.type = typeof value === "string" ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
  scalar.source = text;
  return scalar;
}

function placeOf(place: string, name: string): string {
  if (!/^[\w-]{1,100}$/.test(name)) return `${place}[${JSON.stringify(name.slice(0, 100))}]`;
  return place === "" ? name : `${place}.${name}`;
}
