import { deviceColumn, versionName } from '../../../components/device-column.tsx'
import { formatBytes, formatPercent } from '../../../components/format.ts'
import type { Column } from '../../../components/grid/column.ts'
import { Progress } from '../../../components/progress.tsx'
import { Ago, Sentence } from '../../../components/time.tsx'
import { rolloutDeviceMeanings } from '../../../../shared/domain/rollout/life.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { CellMark } from '../live/cell-mark.tsx'
import { deviceMarks } from '../live/rollout-words.ts'
import styles from './devices.module.css'

export type RolloutDeviceRow = OutputOf<'rollouts.devices'>['devices'][number]

/** Columns of the devices of a rollout. */
export const rolloutDeviceColumns: Column<RolloutDeviceRow>[] = [
  deviceColumn<RolloutDeviceRow>(),
  {
    id: 'wave',
    title: 'Wave',
    width: 56,
    isNumeric: true,
    cell: ({ wave }) => wave + 1,
    text: ({ wave }) => String(wave + 1),
  },
  {
    id: 'state',
    title: 'State',
    width: 130,
    cell: ({ state }) => (
      <span title={rolloutDeviceMeanings[state]}>
        <CellMark state={state} />
      </span>
    ),
    text: ({ state }) => deviceMarks[state].word,
  },
  {
    id: 'why',
    title: 'Why',
    width: 430,
    cell: ({ why }) => <Sentence text={why} />,
    text: ({ why }) => why,
  },
  {
    id: 'share',
    title: 'Fetched',
    width: 110,
    cell: ({ device, share }) =>
      share === null ? (
        ''
      ) : (
        <span className={styles.share}>
          <Progress share={share} label={`Share that ${device} has`} />
          <span>{formatPercent(share, 0)}</span>
        </span>
      ),
    text: ({ share }) => (share === null ? '' : String(share)),
  },
  {
    id: 'since',
    title: 'Since',
    width: 100,
    cell: ({ since }) => <Ago at={since} />,
    text: ({ since }) => new Date(since).toISOString(),
  },
  {
    id: 'attempts',
    title: 'Tries',
    width: 60,
    isNumeric: true,
    cell: ({ attempts }) => attempts,
    text: ({ attempts }) => String(attempts),
  },
  {
    id: 'bytes',
    title: 'On the wire',
    width: 90,
    isNumeric: true,
    cell: ({ bytes }) => (bytes === 0 ? '' : formatBytes(bytes)),
    text: ({ bytes }) => String(bytes),
  },
  {
    id: 'problem',
    title: 'Problem',
    width: 180,
    cell: ({ problem }) => (
      <span className="mono foreign" title={problem?.message}>
        {problem?.code ?? ''}
      </span>
    ),
    text: ({ problem }) => problem?.code ?? '',
  },
  {
    id: 'active',
    title: 'Runs now',
    width: 120,
    cell: ({ active }) => <span className={active === null ? 'dim' : 'foreign'}>{versionName(active)}</span>,
    text: ({ active }) => versionName(active),
  },
  {
    id: 'previous',
    title: 'Had before',
    width: 120,
    cell: ({ previous }) => <span className={previous === null ? 'dim' : 'foreign'}>{versionName(previous)}</span>,
    text: ({ previous }) => versionName(previous),
  },
  {
    id: 'status',
    title: 'Connection',
    width: 100,
    isHidden: true,
    cell: ({ status }) => status,
    text: ({ status }) => status,
  },
]
