import type { InputOf } from '../../../../shared/rpc/contract.ts'
import type { OtlpShown } from '../../../../shared/rpc/contract/metrics.ts'

type Choice = NonNullable<InputOf<'metrics.setOtlp'>['export']>
/** From which level on log entries are exported. */
export const logChoices = ['off', 'error', 'warn', 'info'] as const
export type LogChoice = (typeof logChoices)[number]

const SHORTEST_SECONDS = 5
const LONGEST_SECONDS = 3600

/** An export as it stands in the form. */
export interface OtlpDraft {
  url: string
  header: string
  /** Empty: the stored one, or none. */
  secret: string
  /** Empty while it is typed. */
  everySeconds: number | ''
  metrics: boolean
  logs: LogChoice
  allowsPrivate: boolean
}

/** What the form begins with. */
export function draftOfExport(shown: OtlpShown['export']): OtlpDraft {
  if (shown === null)
    return { url: '', header: 'authorization', secret: '', everySeconds: 60, metrics: true, logs: 'off', allowsPrivate: false }
  const { url, header, everySeconds, metrics, logs, allowsPrivate } = shown
  return { url, header, secret: '', everySeconds, metrics, logs, allowsPrivate }
}

/** Why a draft is none yet, in words for the form; null: it is complete. */
export function draftProblem({ url, header, everySeconds, metrics, logs }: OtlpDraft): string | null {
  if (url.trim() === '' || header.trim() === '') return 'Give an address and a header.'
  if (!URL.canParse(url.trim())) return 'The address is none: it begins with https://'
  if (everySeconds === '' || everySeconds < SHORTEST_SECONDS || everySeconds > LONGEST_SECONDS)
    return `Send every ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} s.`
  return metrics || logs !== 'off' ? null : 'Choose metrics, logs or both.'
}

/** The export that a complete form says. */
export function exportOf(draft: OtlpDraft): Choice {
  return {
    ...draft,
    everySeconds: Number(draft.everySeconds),
    url: draft.url.trim(),
    header: draft.header.trim(),
    secret: draft.secret === '' ? null : draft.secret,
  }
}
