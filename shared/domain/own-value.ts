/** What an object says itself under a key: names come from people and devices, and `constructor` must be one like any other. */
export function ownValue<Value>(object: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
