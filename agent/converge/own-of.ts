/** The value of an own key; `null` if there is none. Names come from outside: `constructor` must not find anything. */
export function ownOf<Value>(of: Readonly<Record<string, Value>>, key: string): Value | null {
  return Object.hasOwn(of, key) ? of[key]! : null
}
