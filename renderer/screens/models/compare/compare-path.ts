import { paths } from '../../../data/paths.ts'

interface Reference {
  model: string
  version: string
}

/** The address where two versions stand side by side; the right one may be of another model. */
export function comparePath(left: Reference, right: Reference): string {
  const path = paths.compare(left.model, left.version, right.version)
  return right.model === left.model ? path : `${path}?${new URLSearchParams({ with: right.model }).toString()}`
}
