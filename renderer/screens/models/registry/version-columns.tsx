import { Link as RouteLink } from 'wouter'
import { formatBytes, formatExact, shortDigest } from '../../../components/format.ts'
import type { Column } from '../../../components/grid/column.ts'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { StageMark } from '../approval/stage-mark.tsx'
import { AliasChips } from '../alias/alias-chips.tsx'
import styles from '../models.module.css'
import { DevicesMark } from './devices-mark.tsx'
import { KeyMetricText, keyMetricWords } from './key-metric-text.tsx'
import type { RegistryRow } from './registry-rows.ts'

const model: Column<RegistryRow> = {
  id: 'model',
  title: 'Model',
  width: 160,
  isSortable: true,
  cell: ({ version, isFirst }) => (
    <RouteLink
      href={paths.model(version.model)}
      tabIndex={-1}
      className={isFirst ? styles.leader! : styles.follower!}
      title={version.model}
    >
      {version.model}
    </RouteLink>
  ),
  text: ({ version }) => version.model,
}

const others: readonly Column<RegistryRow>[] = [
  {
    id: 'version',
    title: 'Version',
    width: 130,
    isSortable: true,
    cell: ({ version }) => (
      <RouteLink href={paths.version(version.model, version.version)} tabIndex={-1} className="mono" title={version.version}>
        {version.version}
      </RouteLink>
    ),
    text: ({ version }) => version.version,
  },
  {
    id: 'stage',
    title: 'Stage',
    width: 96,
    isSortable: true,
    cell: ({ version }) => <StageMark stage={version.stage} />,
    text: ({ version }) => version.stage,
  },
  {
    id: 'aliases',
    title: 'Aliases',
    width: 140,
    cell: ({ version }) => <AliasChips aliases={version.aliases} />,
    text: ({ version }) => version.aliases.join(' '),
  },
  {
    id: 'devices',
    title: 'Devices',
    width: 92,
    isSortable: true,
    cell: ({ version }) => <DevicesMark devices={version.devices} />,
    text: ({ version }) => `${version.devices.active} of ${version.devices.desired}`,
  },
  {
    id: 'metric',
    title: 'Key metric',
    width: 210,
    isSortable: true,
    cell: ({ version }) => <KeyMetricText version={version} />,
    text: ({ version }) => keyMetricWords(version),
  },
  { id: 'task', title: 'Task', width: 96, isSortable: true, cell: ({ version }) => version.task, text: ({ version }) => version.task },
  {
    id: 'size',
    title: 'Size',
    width: 76,
    isNumeric: true,
    isSortable: true,
    cell: ({ version }) => formatBytes(version.sizeBytes),
    text: ({ version }) => String(version.sizeBytes),
  },
  {
    id: 'imported',
    title: 'Imported',
    width: 104,
    isSortable: true,
    cell: ({ version }) => <Ago at={version.importedAt} />,
    text: ({ version }) => formatExact(version.importedAt),
  },
  {
    id: 'by',
    title: 'By',
    width: 90,
    cell: ({ version }) => <span className="foreign">{version.importedBy ?? ''}</span>,
    text: ({ version }) => version.importedBy ?? '',
  },
  {
    id: 'source',
    title: 'Source file',
    width: 200,
    isHidden: true,
    cell: ({ version }) => <span className="foreign">{version.sourceName}</span>,
    text: ({ version }) => version.sourceName,
  },
  {
    id: 'digest',
    title: 'Digest',
    width: 120,
    isHidden: true,
    cell: ({ version }) => <span className="mono">{shortDigest(version.digest)}</span>,
    text: ({ version }) => version.digest,
  },
]

/** Columns of the registry, and of the page of one model. */
export const registryColumns: readonly Column<RegistryRow>[] = [model, ...others]
export const modelColumns: readonly Column<RegistryRow>[] = others
