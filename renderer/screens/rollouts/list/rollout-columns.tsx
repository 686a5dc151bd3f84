import { Link as RouteLink } from 'wouter'
import { formatDuration } from '../../../components/format.ts'
import type { Column } from '../../../components/grid/column.ts'
import { Portion } from '../../../components/state-bar.tsx'
import { Ago, Sentence, useNow } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'
import { RolloutMark, VerdictMark } from './rollout-marks.tsx'
import { lastedMs, methodOf } from './rollout-words.ts'
import { waveWords } from './wave-bar.ts'
import { WaveProgress } from './wave-progress.tsx'

const versionOf = ({ model, version }: RolloutSummary): string => `${model} ${version}`

/** Where a rollout of this state opens: a draft in the wizard, any other on its page. */
export function pathOfRollout({ rollout, state }: Pick<RolloutSummary, 'rollout' | 'state'>): string {
  return state === 'draft' ? paths.newRollout({ rollout }) : paths.rollout(rollout)
}

function Lasted({ of }: { of: RolloutSummary }) {
  const ms = lastedMs(of, useNow())
  return <span className={of.endedAt === null ? undefined : 'dim'}>{ms === null ? '' : formatDuration(ms)}</span>
}

/** Columns of the list of rollouts. */
export const rolloutColumns: readonly Column<RolloutSummary>[] = [
  {
    id: 'rollout',
    title: '#',
    width: 40,
    isNumeric: true,
    cell: (of) => (
      <RouteLink href={pathOfRollout(of)} tabIndex={-1} aria-label={`Rollout ${of.rollout}`}>
        {of.rollout}
      </RouteLink>
    ),
    text: ({ rollout }) => String(rollout),
  },
  {
    id: 'name',
    title: 'Rollout',
    width: 168,
    cell: ({ name }) => (
      <span className="foreign" title={name}>
        {name}
      </span>
    ),
    text: ({ name }) => name,
  },
  {
    id: 'state',
    title: 'State',
    width: 120,
    cell: (of) => <RolloutMark of={of} />,
    text: ({ state }) => state,
  },
  { id: 'waves', title: 'Waves', width: 132, cell: (of) => <WaveProgress of={of} />, text: waveWords },
  {
    id: 'verdict',
    title: 'Verdict',
    width: 156,
    cell: ({ verdict }) => <VerdictMark verdict={verdict} />,
    text: ({ verdict }) => verdict ?? 'not judged',
  },
  {
    id: 'committed',
    title: 'Committed',
    width: 134,
    cell: ({ state, committed, targeted }) =>
      state === 'draft' ? <span className="dim">not started</span> : <Portion part={committed} whole={targeted} label="Committed" />,
    text: ({ committed, targeted }) => `${committed} of ${targeted}`,
  },
  {
    id: 'sentence',
    title: 'How it stands',
    width: 272,
    cell: ({ sentence, heldBy }) => <Sentence text={heldBy ?? sentence} />,
    text: ({ sentence }) => sentence,
  },
  {
    id: 'started',
    title: 'Started',
    width: 84,
    cell: ({ startedAt, createdAt, state }) =>
      startedAt !== null ? (
        <Ago at={startedAt} />
      ) : (
        <span className="dim" title={state === 'draft' ? 'Written' : 'Asked for'}>
          <Ago at={createdAt} />
        </span>
      ),
    text: ({ startedAt }) => (startedAt === null ? '' : new Date(startedAt).toISOString()),
  },
  {
    id: 'lasted',
    title: 'Took',
    width: 64,
    cell: (of) => <Lasted of={of} />,
    text: ({ startedAt, endedAt }) => (startedAt === null || endedAt === null ? '' : formatDuration(endedAt - startedAt)),
  },
  { id: 'by', title: 'By', width: 64, cell: ({ createdBy }) => <span className="foreign">{createdBy}</span>, text: (of) => of.createdBy },
  {
    id: 'version',
    title: 'Version',
    width: 130,
    isHidden: true,
    cell: (of) => <span className="foreign">{versionOf(of)}</span>,
    text: versionOf,
  },
  { id: 'deployment', title: 'Deployment', width: 110, isHidden: true, cell: (of) => of.deployment, text: (of) => of.deployment },
  { id: 'method', title: 'Method', width: 120, isHidden: true, cell: methodOf, text: methodOf },
  {
    id: 'priority',
    title: 'Priority',
    width: 70,
    isNumeric: true,
    isHidden: true,
    cell: ({ priority }) => priority,
    text: ({ priority }) => String(priority),
  },
  {
    id: 'query',
    title: 'Query',
    width: 170,
    isHidden: true,
    cell: ({ query }) => (query === '' ? <span className="dim">all devices</span> : <code title={query}>{query}</code>),
    text: ({ query }) => query,
  },
]
