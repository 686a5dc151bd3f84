import { z } from 'zod'
import type { AuditFilterInput } from '../../../shared/domain/audit/export.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { shellWord } from '../../components/copy.tsx'

export type ListedEntry = OutputOf<'audit.list'>['entries'][number]
export type AuditStatus = OutputOf<'audit.status'>

export const auditTabs = ['entries', 'checkpoints', 'witnesses'] as const
export const auditTabTitles = { entries: 'Entries', checkpoints: 'Checkpoints', witnesses: 'Witnesses' } as const

const day = z
  .string()
  .regex(/^(\d{4}-\d{2}-\d{2})?$/)
  .default('')

/** What the address of the page holds. */
export const auditView = z.object({
  tab: z.enum(auditTabs).default('entries'),
  actor: z.string().max(200).default(''),
  action: z.string().max(64).default(''),
  device: z.string().max(64).default(''),
  text: z.string().max(200).default(''),
  from: day,
  through: day,
  entry: z
    .string()
    .regex(/^\d{0,15}$/)
    .default(''),
})
export type AuditView = z.output<typeof auditView>

/** What is asked of the core; days are those of this machine, whole. */
export function filterOf({ actor, action, device, text, from, through }: AuditView): AuditFilterInput {
  const texts = Object.entries({ actor, action, device, text }).filter(([, value]) => value !== '')
  return {
    ...Object.fromEntries(texts),
    ...(from === '' ? {} : { from: beginOf(from, 0) }),
    ...(through === '' ? {} : { through: beginOf(through, 1) - 1 }),
  }
}

/** When a day begins here. @param later so many days after it */
function beginOf(day: string, later: number): number {
  const date = new Date(`${day}T00:00:00`)
  return date.setDate(date.getDate() + later)
}

/** True if anything narrows the list. */
export function isFiltered(view: AuditView): boolean {
  return Object.keys(filterOf(view)).length > 0
}

/** Nothing narrows it. */
export const noFilter = { actor: '', action: '', device: '', text: '', from: '', through: '' } as const

const muster = 'npm run -s muster -- audit'

/** The view as a line of the command line. */
export function auditLine(view: AuditView): string {
  if (view.tab !== 'entries') return `${muster} ${view.tab}`
  return `${muster} list${flagsOf(view)}`
}

/** Writing the entries of the view to a file. */
export function exportLine(view: AuditView): string {
  return `${muster} export -o audit.jsonl${flagsOf(view)}`
}

function flagsOf(view: AuditView): string {
  return Object.entries<string | number | undefined>(filterOf(view))
    .map(([name, value]) => ` --${name} ${shellWord(typeof value === 'number' ? new Date(value).toISOString() : (value ?? ''))}`)
    .join('')
}

/** How far the log is signed, as one sentence. */
export function signedSentence({ size, newest, uncovered }: AuditStatus): string {
  if (size === 0) return 'Nothing has happened yet'
  if (newest === null) return `${size.toLocaleString('en-GB')} entries, not signed yet`
  return `${size.toLocaleString('en-GB')} entries, ${uncovered === 0 ? 'all signed' : `${uncovered.toLocaleString('en-GB')} not signed yet`}`
}
