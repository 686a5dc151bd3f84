import type { Column } from '../../components/grid/column.ts'
import { formatBytes } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import type { DeviceTableRow } from '../../../shared/rpc/contract/device-views.ts'
import { labelsText, placeText, shortSentence } from './device-words.ts'
import styles from './devices.module.css'

type Row = DeviceTableRow

/** Text that devices and people wrote, whole on hover. */
function Foreign({ text, isMono = false }: { text: string | null; isMono?: boolean }) {
  if (text === null || text === '') return null
  return (
    <span className={isMono ? `${styles.foreign} mono` : styles.foreign} title={text}>
      {text}
    </span>
  )
}

const iso = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())

/** Columns of the table of devices; their ids are what the core sorts by. */
export const deviceColumns: readonly Column<Row>[] = [
  {
    id: 'health',
    title: 'State',
    width: 310,
    isSortable: true,
    cell: ({ device, health, sentence }) => (
      <span className={styles.state} data-health={health}>
        <StateMark state={health} />
        <Foreign text={shortSentence(device, sentence)} />
      </span>
    ),
    text: ({ sentence }) => sentence,
  },
  {
    id: 'device',
    title: 'Device',
    width: 170,
    isSortable: true,
    cell: ({ device }) => <Foreign text={device} isMono />,
    text: ({ device }) => device,
  },
  { id: 'site', title: 'Site', width: 100, isSortable: true, cell: ({ site }) => <Foreign text={site} />, text: ({ site }) => site ?? '' },
  {
    id: 'deployments',
    title: 'Deployments',
    width: 230,
    isSortable: true,
    cell: ({ deployments }) => <Foreign text={deployments.map(placeText).join(' · ')} />,
    text: ({ deployments }) => deployments.map(placeText).join('; '),
  },
  {
    id: 'labels',
    title: 'Labels',
    width: 160,
    isSortable: true,
    cell: ({ labels }) => <Foreign text={labelsText(labels, ['site'])} />,
    text: ({ labels }) => labelsText(labels),
  },
  {
    id: 'agentVersion',
    title: 'Agent',
    width: 76,
    isSortable: true,
    cell: (row) => <Foreign text={row.agentVersion} />,
    text: (row) => row.agentVersion ?? '',
  },
  {
    id: 'lastSeenAt',
    title: 'Last seen',
    width: 104,
    isSortable: true,
    cell: ({ status, lastSeenAt }) => (status === 'online' ? 'connected' : <Ago at={lastSeenAt} />),
    text: ({ lastSeenAt }) => iso(lastSeenAt),
  },
  {
    id: 'os',
    title: 'System',
    width: 84,
    isSortable: true,
    isHidden: true,
    cell: ({ os }) => <Foreign text={os} />,
    text: ({ os }) => os ?? '',
  },
  {
    id: 'arch',
    title: 'Processor',
    width: 84,
    isSortable: true,
    isHidden: true,
    cell: ({ arch }) => <Foreign text={arch} />,
    text: ({ arch }) => arch ?? '',
  },
  {
    id: 'hostname',
    title: 'Host name',
    width: 150,
    isSortable: true,
    isHidden: true,
    cell: ({ hostname }) => <Foreign text={hostname} />,
    text: ({ hostname }) => hostname ?? '',
  },
  {
    id: 'cpus',
    title: 'Cores',
    width: 66,
    isNumeric: true,
    isSortable: true,
    isHidden: true,
    cell: ({ cpus }) => cpus,
    text: ({ cpus }) => String(cpus ?? ''),
  },
  sizeColumn('memoryBytes', 'Memory', ({ memoryBytes }) => memoryBytes),
  sizeColumn('diskFreeBytes', 'Disk free', ({ diskFreeBytes }) => diskFreeBytes),
  {
    id: 'runtimeVersion',
    title: 'Runtime',
    width: 84,
    isSortable: true,
    isHidden: true,
    cell: ({ runtimeVersion }) => <Foreign text={runtimeVersion} />,
    text: ({ runtimeVersion }) => runtimeVersion ?? '',
  },
  {
    id: 'enrolledAt',
    title: 'Enrolled',
    width: 104,
    isSortable: true,
    isHidden: true,
    cell: ({ enrolledAt }) => <Ago at={enrolledAt} />,
    text: ({ enrolledAt }) => iso(enrolledAt),
  },
]

function sizeColumn(id: string, title: string, bytesOf: (row: Row) => number | null): Column<Row> {
  return {
    id,
    title,
    width: 90,
    isNumeric: true,
    isSortable: true,
    isHidden: true,
    cell: (row) => {
      const bytes = bytesOf(row)
      return bytes === null ? null : formatBytes(bytes)
    },
    text: (row) => String(bytesOf(row) ?? ''),
  }
}
