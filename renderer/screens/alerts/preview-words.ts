import { formatCount } from '../../components/format.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** A preview in one sentence: what would fire, of how many, and how many cannot be judged. */
export function previewSentence({ wouldFire, looked, insufficient }: OutputOf<'alerts.previewRule'>): string {
  if (looked === 0) return 'It would look at nothing: no device or version fits.'
  const places = `${formatCount(looked)} ${looked === 1 ? 'place' : 'places'} looked at`
  if (insufficient === looked) return `${places}, none with enough data for an answer.`
  if (wouldFire.length === 0) return `${places}: it would not fire.`
  return `${places}: it would fire for ${formatCount(wouldFire.length)}.`
}
