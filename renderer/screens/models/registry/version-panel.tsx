import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { answerSpecs, requestSpecs } from '../../../../shared/inference/request-specs.ts'
import type { VersionSummary } from '../../../../shared/rpc/contract/models.ts'
import { Copy } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, shortDigest } from '../../../components/format.ts'
import { SidePanel } from '../../../components/side-panel.tsx'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { StageMark } from '../approval/stage-mark.tsx'
import { AliasChips } from '../alias/alias-chips.tsx'
import { formatInterval, formatMetric, metricHint, metricName, orderMetrics } from '../metrics.ts'
import styles from '../models.module.css'
import { tensorText } from '../version/tensor-text.ts'
import { DevicesMark } from './devices-mark.tsx'
import { MayButton } from '../../../shell/may-button.tsx'

/** A version beside the list: what it is, how good it is, where it runs, what can be done. */
export function VersionPanel({ version, onAlias, onClose }: { version: VersionSummary; onAlias(): void; onClose(): void }) {
  const { model, version: name } = version
  const detail = useQuery('models.show', { model, version: name })
  const note = detail.data?.note ?? null
  return (
    <SidePanel title={`${model} ${name}`} fullPath={paths.version(model, name)} onClose={onClose}>
      <div className={styles.actions}>
        <MayButton method="deployments.apply" href={paths.deploy({ model, version: name })} variant="filled">
          Deploy
        </MayButton>
        <Button component={RouteLink} href={`${paths.version(model, name)}?tab=bench`}>
          Try a row
        </Button>
        <MayButton method="models.setAlias" onClick={onAlias}>
          Set alias
        </MayButton>
      </div>
      <Facts
        rows={[
          ['Stage', <StageMark key="stage" stage={version.stage} />],
          ['Aliases', version.aliases.length === 0 ? <span className="dim">none</span> : <AliasChips aliases={version.aliases} />],
          ['Runs on', <DevicesMark key="devices" devices={version.devices} />],
          ['Task', version.task],
          ['Size', formatBytes(version.sizeBytes)],
          [
            'Imported',
            <>
              <Ago at={version.importedAt} />
              {version.importedBy === null ? '' : ` by ${version.importedBy}`}
            </>,
          ],
          ['From', version.sourceName],
          [
            'Digest',
            <span key="digest" className={styles.line}>
              <span className="mono">{shortDigest(version.digest)}</span>
              <Copy value={version.digest} label="Copy the digest" />
            </span>,
          ],
          ['Takes', detail.data === undefined ? null : requestSpecs(detail.data.manifest).map(tensorText).join('; ')],
          ['Gives', detail.data === undefined ? null : answerSpecs(detail.data.manifest).map(tensorText).join('; ')],
          ['Note', note === null ? null : note.text],
        ]}
      />
      <MetricFacts version={version} />
    </SidePanel>
  )
}

function MetricFacts({ version }: { version: VersionSummary }) {
  const names = orderMetrics(Object.keys(version.metrics))
  if (names.length === 0) return <p className="dim">It was not evaluated: it came without hold-out rows. Evaluate it on its page.</p>
  const { interval } = version
  return (
    <section>
      <h3>Metrics of the last evaluation</h3>
      <Facts
        rows={names.map((name) => [
          metricName(name),
          <span key={name} title={metricHint(name)}>
            {formatMetric(name, version.metrics[name] ?? null)}
            {interval?.metric === name && <span className="dim"> {formatInterval(interval)}</span>}
          </span>,
        ])}
      />
    </section>
  )
}
