import { formatBytes, formatCount, plural } from '../../components/format.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

type Preview = OutputOf<'deployments.preview'>
/** The numbers of a preview that its words are made from. */
export type PreviewNumbers = Pick<Preview, 'deployment' | 'model' | 'version' | 'alias' | 'counts' | 'bytes'>

/** Exactly what deploying will do, before it is done. */
export function deploySentence({ deployment, model, version, alias, counts, bytes }: PreviewNumbers): string {
  const { selected, changing, unchanged, changingOffline } = counts
  const what = `${model} ${version}${alias === null ? '' : ` (now ${alias})`}`
  if (selected === 0) return 'The query selects no device: nothing will be ordered.'
  if (changing === 0) return `Nothing will change: ${what} is ordered for ${deployment} on ${plural(selected, 'device')} already.`
  const isOne = changing === 1
  const sentences = [`${what} will be ordered for ${deployment} on ${plural(changing, 'device')} at once.`]
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
      : `${isOne ? 'It fetches' : 'Together they fetch'} ${formatBytes(bytes.toFetch)}.`,
  )
  sentences.push(
    isOne
      ? 'It goes on serving what it has until the new version passed its trial on the device.'
      : 'Each goes on serving what it has until the new version passed its trial on that device.',
  )
  return sentences.join(' ')
}

/** The word on the button: what is deployed, and to how many. */
export function deployAction({ model, version, counts }: PreviewNumbers): string {
  return `Deploy ${model} ${version} to ${plural(counts.changing, 'device')}`
}

/** The same deployment as a line of a shell. @param word quotes a word for the shell */
export function deployCommand(
  { model, version, deployment, query }: { model: string; version: string; deployment: string; query: string },
  word: (text: string) => string,
): string {
  const place = deployment === '' ? '' : ` --deployment ${word(deployment)}`
  return `npm run -s muster -- deploy ${word(`${model}@${version}`)} --query ${query === '' ? "''" : word(query)}${place}`
}

/** Why devices may not be able to take a version, in short. */
export const warningWords: Record<Preview['warnings'][number]['warning'], string> = {
  disk: 'little disk',
  memory: 'little memory',
  runtime: 'old runtime',
  agent: 'old agent',
  'refused-before': 'refused it before',
}
