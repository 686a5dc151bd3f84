import type { Manifest } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { labelLookup, labelText } from '../registry/labels.ts'
import type { DeskFacts, Truth } from '../store/fleet/desk.ts'

const MOST_SHOWN = 20

/**
 * A label as it is kept and compared: of a regression a number, of declared classes the name of one (also given by its position), else the
 * text. The same rules as of CSV files of the registry and of feedback on devices.
 * @param manifest null: the registry does not know the bundle; then what was predicted says whether it is a value
 * @throws Problem `feedback.bad-label`
 */
export function readTruth(given: Truth, { predicted, manifest }: Pick<DeskFacts, 'predicted'> & { manifest: Manifest | null }): Truth {
  if (manifest === null ? typeof predicted === 'number' : manifest.task === 'regression') return readValue(given)
  const labels = manifest?.labels ?? []
  const text = String(given)
  if (labels.length === 0) {
    if (text.trim() === '') throw new Problem('feedback.bad-label', 'A label is not empty.')
    return labelText(text)
  }
  const found = labels[lookupOf(labels)(text)]
  if (found !== undefined) return found
  const shown = labels.slice(0, MOST_SHOWN).join(', ')
  throw new Problem(
    'feedback.bad-label',
    `"${text.slice(0, 100)}" is no label of the model; its labels are ${shown.slice(0, 1000)}${labels.length > MOST_SHOWN ? ', …' : ''}.`,
  )
}

function readValue(given: Truth): number {
  const value = typeof given === 'string' && given.trim() === '' ? Number.NaN : Number(given)
  if (Number.isFinite(value)) return value
  throw new Problem('feedback.bad-label', `"${String(given).slice(0, 100)}" is no number; the true value of a regression is one.`, {
    hint: 'Give a number.',
  })
}

const lookups = new WeakMap<readonly string[], (cell: string) => number>()

function lookupOf(labels: readonly string[]): (cell: string) => number {
  const known = lookups.get(labels) ?? labelLookup(labels)
  lookups.set(labels, known)
  return known
}
