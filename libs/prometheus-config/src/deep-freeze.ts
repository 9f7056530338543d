/** The value itself, with all plain data below it frozen too. */
export function deepFreeze<T extends object>(value: T): Readonly<T> {
  const children: unknown[] = Object.values(value);
  for (const child of children) {
    if (typeof child === "object" && child !== null && !Object.isFrozen(child)) deepFreeze(child);
  }
  return Object.freeze(value);
}
