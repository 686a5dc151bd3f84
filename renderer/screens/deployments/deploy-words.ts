import { formatCount, plural } from '../../components/format.ts'
import { wireText } from '../../components/wire-text.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { OrderRole } from '../../../shared/rpc/contract/orders.ts'

type Preview = OutputOf<'deployments.preview'>
/** The numbers of a preview that its words are made from. */
export type PreviewNumbers = Pick<Preview, 'deployment' | 'model' | 'version' | 'alias' | 'counts' | 'bytes'> &
  Partial<Pick<Preview, 'skipped'>>

/** Exactly what deploying will do, before it is done. */
export function deploySentence(
  { deployment, model, version, alias, counts, bytes, skipped = [] }: PreviewNumbers,
  { as = 'active', hasTerms = false }: { as?: OrderRole; hasTerms?: boolean } = {},
): string {
  const { selected, changing, unchanged, changingOffline } = counts
  const what = `${model} ${version}${alias === null ? '' : ` (now ${alias})`}`
  const place = as === 'active' ? `for ${deployment}` : `as ${as} beside ${deployment}`
  if (selected === 0)
    return as === 'active'
      ? 'The query selects no device: nothing will be ordered.'
      : `The query selects no device that ${what} can stand beside: nothing will be ordered.`
  if (changing === 0 && hasTerms)
    return `${what} is ordered ${place} on ${plural(selected, 'device')} already; the rules that are said here become part of the order.`
  if (changing === 0) return `Nothing will change: ${what} is ordered ${place} on ${plural(selected, 'device')} already.`
  const isOne = changing === 1
  const passed = skipped.map(({ devices, message }) => `${plural(devices.length, 'device')} will be passed over: ${message}`)
  const sentences = [`${what} will be ordered ${place} on ${plural(changing, 'device')} at once.`]
  if (changingOffline > 0) {
    sentences.push(
      `${formatCount(changingOffline)} of them ${changingOffline === 1 ? 'is offline and gets' : 'are offline and get'} the order on connecting.`,
    )
  }
  if (unchanged > 0)
    sentences.push(
      `${plural(unchanged, 'device has', 'devices have')} it already and ${unchanged === 1 ? 'stays' : 'stay'} as ${unchanged === 1 ? 'it is' : 'they are'}.`,
    )
  sentences.push(
    bytes.toFetch === 0
      ? `${isOne ? 'It has' : 'They have'} the files already; nothing is sent.`
      : `${isOne ? 'It fetches' : 'Together they fetch'} ${wireText(bytes.toFetch)}.`,
  )
  if (as !== 'active') return [...sentences, 'What runs goes on answering.', ...passed].join(' ')
  sentences.push(
    isOne
      ? 'It goes on serving what it has until the new version passed its trial on the device.'
      : 'Each goes on serving what it has until the new version passed its trial on that device.',
  )
  return sentences.join(' ')
}

/** The word on the button: what is deployed, and to how many. */
export function deployAction({ model, version, counts }: PreviewNumbers, as: OrderRole = 'active'): string {
  const role = as === 'active' ? '' : ` as ${as}`
  return `Deploy ${model} ${version}${role} to ${plural(counts.changing, 'device')}`
}

/** The same deployment as a line of a shell. @param word quotes a word for the shell */
export function deployCommand(
  { model, version, deployment, query, flags = '' }: { model: string; version: string; deployment: string; query: string; flags?: string },
  word: (text: string) => string,
): string {
  const place = deployment === '' ? '' : ` --deployment ${word(deployment)}`
  return `npm run -s muster -- deploy ${word(`${model}@${version}`)} --query ${query === '' ? "''" : word(query)}${place}${flags}`
}

/** Why devices may not be able to take a version, in short. */
export const warningWords: Record<Preview['warnings'][number]['warning'], string> = {
  disk: 'little disk',
  memory: 'little memory',
  runtime: 'old runtime',
  agent: 'old agent',
  'refused-before': 'refused it before',
}
