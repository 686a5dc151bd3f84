/** Where the page keeps the key of its console: storage of this origin, which no other port can read. */
const STORAGE_NAME = 'muster.key'

/** The key from the address that the console printed (`#key=…`, taken out of the address at once), else the one kept before; `null` if there is none. */
export function takeKey(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('key')
  if (given === null) return localStorage.getItem(STORAGE_NAME)
  localStorage.setItem(STORAGE_NAME, given)
  history.replaceState(history.state, '', location.pathname + location.search)
  return given
}

/** Forgets a key that opens nothing any more. */
export function forgetKey(): void {
  localStorage.removeItem(STORAGE_NAME)
}

/** True for the key of somebody who signed in. */
export function isSession(key: string | null): key is string {
  return key !== null && key.startsWith('mss_')
}

/** Keeps a key that a person typed in, or the session of somebody who signed in. */
export function keepKey(key: string): void {
  localStorage.setItem(STORAGE_NAME, key.trim())
}
