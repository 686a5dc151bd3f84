/** Commands that leave no entry, each with its reason. A test holds every other command of the contract to exactly one. */
export const unaudited: Readonly<Record<string, string>> = {
  'alerts.takeDesktopNotices': 'A window that takes notices to show them does so by itself, all the time: nobody did anything.',
}

/** True if a command leaves no entry. */
export function isUnaudited(method: string): boolean {
  return Object.hasOwn(unaudited, method)
}
