import type { GoFunction } from "./go-function.ts";
import type { GoMap, GoObject, GoSlice, GoStruct } from "./go-object.ts";
import type { GoInteger, SafeContent } from "./go-scalars.ts";

/**
 * What templates compute with: `undefined` is Go's invalid value (a key that is missing), `null` a nil interface,
 * `number` a float64, `bigint` an int; the rest are the classes named.
 */
export type GoValue =
  | undefined
  | null
  | string
  | boolean
  | number
  | bigint
  | GoInteger
  | SafeContent
  | GoFunction
  | GoSlice
  | GoMap
  | GoStruct
  | GoObject;

/**
 * What a caller may give as data, and what functions may return: a value, or plain arrays (slices), Maps and plain
 * objects (maps with string keys). Where all elements are strings they are `[]string` and `map[string]string`, whose
 * missing keys are empty strings; otherwise `[]interface {}` and `map[string]interface {}`.
 */
export type TemplateValue =
  | GoValue
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>
  | { readonly [key: string]: TemplateValue };
