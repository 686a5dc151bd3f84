/** Version of the Elastic Common Schema that the logs of console and agent follow. */
export const ECS_VERSION = '8.11.0'

/** Details of a log entry as ECS labels, which are flat: a keyword, a number or a boolean each. */
export function ecsLabels(detail: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, labelValue(value)]))
}

/** One value as ECS has it. */
export function labelValue(value: unknown): string | number | boolean {
  const isPlain = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  return isPlain ? value : labelText(value)
}

/** Any value as text. */
export function labelText(value: unknown): string {
  return JSON.stringify(value) ?? typeof value
}
