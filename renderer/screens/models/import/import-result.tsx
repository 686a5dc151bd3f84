import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { evaluationRecord } from '../../../../shared/rpc/contract/models.ts'
import { Copy } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatCount, formatMs, shortDigest } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { paths } from '../../../data/paths.ts'
import { formatInterval, formatMetric, metricName, orderMetrics } from '../metrics.ts'
import styles from '../models.module.css'

const importedVersion = z.object({
  model: z.string(),
  version: z.string(),
  digest: z.string(),
  evaluation: evaluationRecord.nullable(),
  /** An exported version brings its own. */
  outcomesMissing: z.string().nullable().default(null),
})

/** What an import made: the version, how good it is, and where to go from here. */
export function ImportResult({ result, onAnother }: { result: unknown; onAnother(): void }) {
  const read = importedVersion.safeParse(result)
  if (!read.success) return null
  const { model, version, digest, evaluation, outcomesMissing } = read.data
  return (
    <Section title="Imported">
      <div className={styles.stack}>
        <StateMark state="ok" word={`${model} ${version} is in the registry`} />
        <div className={styles.actions}>
          <Button component={RouteLink} href={paths.version(model, version)} variant="filled">
            Open {model} {version}
          </Button>
          <Button component={RouteLink} href={paths.deploy({ model, version })}>
            Deploy it
          </Button>
          <Button component={RouteLink} href={`${paths.version(model, version)}?tab=bench`}>
            Try a row
          </Button>
          <Button onClick={onAnother}>Import another</Button>
        </div>
        {evaluation === null ? (
          <p className="dim">It has no metrics: no hold-out rows came with it. A hold-out file can be evaluated on its page.</p>
        ) : (
          <Facts
            rows={[
              ['Hold-out rows', `${formatCount(evaluation.rows)} of ${evaluation.dataset}`],
              ...orderMetrics(Object.keys(evaluation.metrics)).map((name): [string, React.ReactNode] => [
                metricName(name),
                <>
                  {formatMetric(name, evaluation.metrics[name] ?? null)}
                  {evaluation.interval?.metric === name && <span className="dim"> {formatInterval(evaluation.interval)}</span>}
                </>,
              ]),
              ['p95 per row', `${formatMs(evaluation.latencyMs.p95)} on this console`],
            ]}
          />
        )}
        {outcomesMissing !== null && <p className="dim">It has no reference of its answers. {outcomesMissing}</p>}
        <span className={styles.line}>
          <span className="dim">Digest</span>
          <span className="mono">{shortDigest(digest)}</span>
          <Copy value={digest} label="Copy the digest" />
        </span>
      </div>
    </Section>
  )
}
