import { plainFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { rolloutStates } from '../../../shared/domain/rollout/life.ts'
import type { RolloutWithin } from '../store/fleet/report-rows.ts'
import { counted, section, type ReportMaker } from './draft.ts'
import type { ReportScope, ReportSources } from './sources.ts'

/** Kinds of events of devices that are counted, with their columns. */
const steps = [
  ['offer', 'Offered'],
  ['commit', 'Committed'],
  ['reject', 'Refused'],
  ['fail', 'Failed'],
  ['time-out', 'Not answered'],
  ['revert', 'Reverted'],
  ['fall-back', 'Fell back'],
] as const
/** Lines of the log of a rollout that are listed. */
const MOST_EVENTS = 500

/** What was released in a period, and how it went. It is about rollouts, whatever devices the query selects. */
export const rolloutReport: ReportMaker = async (sources, scope) => {
  const rollouts = rolloutsOf(sources, scope)
  const ended = (state: string): number => rollouts.filter((one) => one.state === state).length
  const names = sources.store.versionNames.all()
  const seen = new Set<string>()
  return Promise.resolve({
    title: scope.question.rollout === null ? 'Rollout report' : `Rollout report: ${rollouts[0]!.name}`.slice(0, 200),
    sentence: `${counted(rollouts.length, 'rollout was', 'rollouts were')} under way: ${ended('completed')} completed, ${ended('stopped')} stopped, ${ended('reverted')} reverted.`,
    models: rollouts.flatMap(({ deployment, model, version }) => {
      const known = names.find((one) => one.model === model && one.version === version)
      const key = `${deployment} ${known?.digest}`
      if (known === undefined || seen.has(key)) return []
      seen.add(key)
      return [{ deployment, model, version, digest: known.digest }]
    }),
    sections: [
      section('summary', 'Summary', [
        {
          kind: 'figures',
          id: 'summary',
          figures: [
            plainFigure({ id: 'rollouts', label: 'Rollouts', unit: 'count', value: rollouts.length }),
            ...rolloutStates.map((state) =>
              plainFigure({
                id: state,
                label: `${state[0]!.toUpperCase()}${state.slice(1).replace('-', ' ')}`,
                unit: 'count',
                value: ended(state),
              }),
            ),
          ],
        },
      ]),
      section('rollouts', 'Rollouts', [rolloutTable(sources, scope, rollouts)]),
      section(
        'logs',
        'What happened',
        rollouts.slice(0, scope.question.rollout === null ? 20 : 1).map((one) => logTable(sources, scope, one)),
      ),
    ],
  })
}

function rolloutsOf({ store }: ReportSources, { question }: ReportScope): RolloutWithin[] {
  const { model, rollout, from, through } = question
  const found = store.reportRows
    .rolloutsWithin(rollout === null ? { from, through } : { from: 0, through })
    .filter((one) => (rollout === null || one.id === rollout) && (model === null || one.model === model))
  if (rollout !== null && found.length === 0)
    throw new Problem('input.invalid', `The rollout ${rollout} had not begun before the end of the period, or there is none.`)
  return found
}

function rolloutTable({ store }: ReportSources, { question }: ReportScope, rollouts: readonly RolloutWithin[]): ReportTable {
  return {
    ...{ kind: 'table', id: 'rollouts', title: '', keys: 1, note: 'Devices are counted once for each step that they came to.' },
    columns: [
      { id: 'rollout', label: 'Rollout', unit: 'count' },
      { id: 'name', label: 'Name', unit: 'text' },
      { id: 'deployment', label: 'Deployment', unit: 'text' },
      { id: 'version', label: 'Version', unit: 'text' },
      { id: 'state', label: 'State at the end', unit: 'text' },
      { id: 'started', label: 'Started', unit: 'time' },
      { id: 'took', label: 'Took', unit: 'seconds' },
      ...steps.map(([id, label]) => ({ id, label, unit: 'count' as const })),
    ],
    rows: rollouts.map((one) => {
      const tally = new Map(store.reportRows.tallyOf(one.id, question.through).map(({ kind, devices }) => [kind, devices]))
      return [
        ...[one.id, one.name, one.deployment, `${one.model}@${one.version}`, one.state, one.startedAt],
        one.endedAt === null ? null : (one.endedAt - one.startedAt) / 1000,
        ...steps.map(([kind]) => tally.get(kind) ?? 0),
      ]
    }),
  }
}

function logTable({ store }: ReportSources, { question }: ReportScope, { id, name }: RolloutWithin): ReportTable {
  return {
    ...{ kind: 'table', id: `log-${id}`, title: `Rollout ${id}: ${name}`.slice(0, 200), keys: 1 },
    columns: [
      { id: 'seq', label: 'Event', unit: 'count' },
      { id: 'at', label: 'When', unit: 'time' },
      { id: 'actor', label: 'Who', unit: 'text' },
      { id: 'what', label: 'What', unit: 'text' },
      { id: 'sentence', label: 'In words', unit: 'text' },
    ],
    rows: store.reportRows
      .logOf(id, question.through, MOST_EVENTS)
      .map(({ seq, at, actor, kind, sentence }) => [seq, at, actor, kind, sentence]),
    note: `The first ${MOST_EVENTS} events of the rollout as a whole; those of single devices are in its log.`,
  }
}
