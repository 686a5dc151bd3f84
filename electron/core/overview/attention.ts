import type { HealthCause } from '../../../shared/domain/device-health.ts'
import type { ProblemReport } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { attentionKinds, type Attention } from '../../../shared/rpc/contract/overview.ts'
import type { BackupHealth } from '../backup/sentence.ts'
import { stateSentence } from '../devices/sentence.ts'
import { reportedOf } from '../devices/summary.ts'
import { duration } from '../devices/why.ts'
import { alertLines } from './alert-lines.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import { rolloutLines } from './rollout-lines.ts'
import type { AlertRow } from '../store/fleet/alerts.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

type Kind = Attention['kind']
type Target = ResultOf<'overview.show'>['needsAttention'][number]['action']['target']

const MOST_SHOWN = 20
/** Beyond so many devices a link asks for their state and not for each by its id. */
const MOST_NAMED = 50

/** Troubles of devices that are the same: one line tells them together. */
interface Group {
  kind: Kind
  deployment: string | null
  entries: RosterEntry[]
}

/** What concerns the console itself. */
export interface ConsoleProblems {
  broker: ProblemReport | null
  store: ProblemReport | null
  /** How the backups stand, where somebody is needed. */
  backup?: BackupHealth | null
}

/** What needs a person, the most urgent first; the same trouble of many devices is one line. @param of.alerts those that are loud */
export function needsAttention(
  entries: readonly RosterEntry[],
  of: { problems: ConsoleProblems; alerts: readonly AlertRow[]; rollouts?: readonly RolloutSummary[] },
  now: number,
): { shown: Attention[]; total: number; ofAlerts: number; ofRollouts: number } {
  const groups = new Map<string, Group>()
  for (const entry of entries) {
    const kind = kindOf(entry.state.cause)
    if (kind === null) continue
    const key = JSON.stringify([kind, entry.state.deployment, sameness(entry, kind)])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { kind, deployment: entry.state.deployment, entries: [entry] })
    else group.entries.push(entry)
  }
  const told = [
    ...consoleLines(of.problems),
    ...alertLines(of.alerts),
    ...rolloutLines(of.rollouts ?? []),
    ...[...groups.values()].map((group) => lineOf(group, now)),
  ]
  told.sort((a, b) => attentionKinds.indexOf(a.kind) - attentionKinds.indexOf(b.kind) || b.devices - a.devices)
  const howMany = (wanted: Kind): number => told.filter(({ kind }) => kind === wanted).length
  return { shown: told.slice(0, MOST_SHOWN), total: told.length, ofAlerts: howMany('alert'), ofRollouts: howMany('rollout') }
}

/** Causes that need nobody. */
const calm: readonly HealthCause[] = ['converging', 'removing', 'no-orders', 'as-ordered']

/** A cause that asks for a person, by the name that the overview gives it. */
function kindOf(cause: HealthCause): Kind | null {
  return calm.includes(cause) ? null : (attentionKinds.find((kind) => kind === cause) ?? null)
}

/** What makes two troubles of one kind the same: the version that was refused, and why. */
function sameness({ row, orders, state }: RosterEntry, kind: Kind): string {
  if (kind === 'order-problem') return row.reported?.assignmentProblem?.code ?? ''
  if (state.deployment === null) return ''
  const order = orders.find((one) => one.deployment === state.deployment)
  return `${order?.digest ?? ''} ${reportedOf(row, state.deployment)?.problem?.code ?? ''}`
}

function lineOf({ kind, deployment, entries }: Group, now: number): Attention {
  const first = entries[0]!
  const isOne = entries.length === 1
  const isError = kind === 'refused' || kind === 'reverted' || kind === 'not-serving'
  return {
    kind,
    severity: isError ? 'error' : 'warning',
    sentence: isOne ? stateSentence(first, now) : togetherSentence(kind, entries, now),
    device: isOne ? first.row.device : null,
    deployment,
    devices: entries.length,
    action: { text: actions[kind], target: targetOf(entries) },
  }
}

function targetOf(entries: readonly RosterEntry[]): Target {
  const first = entries[0]!
  if (entries.length === 1) return { page: 'device', device: first.row.device }
  if (entries.length > MOST_NAMED) return { page: 'devices', query: `health = ${first.state.health}` }
  return { page: 'devices', query: `id in (${entries.map(({ row }) => row.device).join(', ')})` }
}

/** One sentence for several devices; the first of them stands for what they report. */
function togetherSentence(kind: Kind, entries: readonly RosterEntry[], now: number): string {
  const [first] = entries as [RosterEntry]
  const many = `${entries.length} devices`
  const order = first.orders.find((one) => one.deployment === first.state.deployment)
  const version = order === undefined ? 'what was ordered' : `${order.model} ${order.version}`
  const problem = first.state.deployment === null ? null : reportedOf(first.row, first.state.deployment)?.problem
  const because = problem == null ? '' : ` ${first.row.device}: ${problem.message} (${problem.code})`
  switch (kind) {
    case 'refused':
      return `${many} refused ${version} and serve what they had.${because}`
    case 'reverted':
      return `${many} went back from ${version}: it failed in service.${because}`
    case 'not-serving':
      return `${many} serve nothing in ${first.state.deployment ?? ''}.${because}`
    case 'order-problem': {
      const refused = first.row.reported?.assignmentProblem
      return `${many} could not take their order. ${first.row.device}: ${refused?.message ?? ''} (${refused?.code ?? ''})`
    }
    case 'deployment-problem':
      return `${many} serve and report a problem with ${first.state.deployment ?? ''}.${because}`
    case 'beside-problem':
      return `${many} refused ${order?.beside == null ? 'what was to stand' : `${order.beside.model} ${order.beside.version}`} beside ${version}; what they serve goes on.`
    case 'dropping-records':
      return `${many} have given up telemetry records within the last hour.`
    case 'disk-low':
      return `${many} are short of disk.`
    case 'quarantined':
      return `${many} are in quarantine: they keep answering, and nothing of them is taken.`
    case 'offline':
      return `${many} are offline${longest(entries, now)}.`
    case 'never-seen':
      return `${many} were enrolled and have not connected yet.`
    case 'alert':
    case 'rollout':
    case 'broker':
    case 'store':
    case 'backup':
      return ''
  }
}

function longest(entries: readonly RosterEntry[], now: number): string {
  let since = Number.POSITIVE_INFINITY
  for (const { row } of entries) since = Math.min(since, row.lastSeenAt ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(since) ? `, the longest for ${duration(now - since)}` : ''
}

/** What a person does about it. */
const actions: Record<Kind, string> = {
  broker: 'Check the broker in the settings.',
  store: 'Free disk space; nothing acknowledged was lost.',
  backup: 'See the backups in the settings.',
  alert: 'Read what it rests on, and acknowledge it.',
  rollout: 'Read why it waits, and decide.',
  refused: 'Read why, and order a version that the device can run.',
  reverted: 'Read why, and order another version.',
  'not-serving': 'Read the problem; the device goes on trying.',
  'order-problem': 'Read why the order was refused, and order again.',
  'deployment-problem': 'Read the problem; the device goes on trying.',
  'beside-problem': 'Read why, and end it or order another version beside.',
  quarantined: 'Find out what is wrong, then release it or revoke it.',
  'dropping-records': 'Check the connection and the disk of the device.',
  'disk-low': 'Free disk on the device.',
  offline: 'Check power and network; orders wait for it.',
  'never-seen': 'Start the agent on the device.',
}

function consoleLines({ broker, store, backup = null }: ConsoleProblems): Attention[] {
  const line = (kind: 'broker' | 'store', problem: ProblemReport): Attention => ({
    kind,
    severity: 'error',
    sentence: problem.message.slice(0, 4000),
    device: null,
    deployment: null,
    devices: 0,
    action: { text: (problem.hint ?? actions[kind]).slice(0, 200), target: { page: 'settings' } },
  })
  return [
    ...(broker === null ? [] : [line('broker', broker)]),
    ...(store === null ? [] : [line('store', store)]),
    ...(backup === null ? [] : [backupLine(backup)]),
  ]
}

function backupLine({ state, sentence }: BackupHealth): Attention {
  return {
    ...{ kind: 'backup', severity: state === 'bad' ? 'error' : 'warning', sentence, device: null, deployment: null, devices: 0 },
    action: { text: actions.backup, target: { page: 'settings', tab: 'backups' } },
  }
}
