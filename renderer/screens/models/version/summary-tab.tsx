import { Link as RouteLink } from 'wouter'
import { answerSpecs, requestSpecs } from '../../../../shared/inference/request-specs.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Answered, EmptyState } from '../../../components/answered.tsx'
import { Copy } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, formatCount, shortDigest } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MetricsTable, VerdictNotes } from '../compare/metrics-table.tsx'
import { opsetText } from '../import/inspected-model.tsx'
import { formatInterval, formatMetric, metricHint, metricName, orderMetrics } from '../metrics.ts'
import styles from '../models.module.css'
import type { Incumbent } from '../registry/incumbent.ts'
import { LineageSection } from './lineage.tsx'
import { OriginSection } from './origin-section.tsx'
import { NoteSection } from './note-section.tsx'
import { RunsSection } from './runs-section.tsx'
import { TensorTable } from './tensor-table.tsx'
import { usesOfOutputs, usesOfInputs } from './uses.ts'

type Detail = OutputOf<'models.show'>

/** The page of a version at a glance: how good it is beside what runs, where it runs, what goes in and out, where it comes from. */
export function SummaryTab({ detail, incumbent }: { detail: Detail; incumbent: Incumbent | null }) {
  const { manifest } = detail
  return (
    <>
      <div className={styles.columns}>
        <div className={styles.stack}>
          {incumbent === null ? <OwnMetrics detail={detail} /> : <BesideIncumbent detail={detail} incumbent={incumbent} />}
          <Section title="What goes in and comes out">
            <div className={styles.halves}>
              <TensorTable title="Inputs" tensors={[...requestSpecs(manifest)]} uses={usesOfInputs(manifest)} />
              <TensorTable title="Outputs" tensors={[...answerSpecs(manifest)]} uses={usesOfOutputs(manifest)} />
            </div>
          </Section>
        </div>
        <div className={styles.stack}>
          <RunsSection detail={detail} />
          <NoteSection detail={detail} />
          <Section title="Facts">
            <VersionFacts detail={detail} />
          </Section>
        </div>
      </div>
      <LineageSection detail={detail} />
      <OriginSection detail={detail} />
    </>
  )
}

const whyIncumbent: Record<Incumbent['why'], string> = {
  production: 'which production stands for',
  'most devices': 'which most devices run',
  'imported before': 'which was imported before it',
}

function BesideIncumbent({ detail, incumbent }: { detail: Detail; incumbent: Incumbent }) {
  const { model, version } = detail
  const left = incumbent.version.version
  const answer = useQuery('models.compare', { model, left, right: version })
  return (
    <Section title={`Metrics beside ${left}`} actions={<RouteLink href={paths.compare(model, left, version)}>Compare in full</RouteLink>}>
      <Answered answer={answer}>
        {(comparison) =>
          comparison.metrics.length === 0 ? (
            <NotEvaluated />
          ) : (
            <>
              <p className="dim">
                Against {left}, {whyIncumbent[incumbent.why]}, {comparison.sameRows ? 'on the same hold-out rows' : 'each on its own rows'}
                {comparison.right.evaluation === null ? '' : ` (${formatCount(comparison.right.evaluation.rows)})`}.
              </p>
              <MetricsTable comparison={comparison} leftTitle={left} rightTitle={version} />
              <VerdictNotes comparison={comparison} />
            </>
          )
        }
      </Answered>
    </Section>
  )
}

function NotEvaluated() {
  return <EmptyState title="Not evaluated yet">Evaluate it on a hold-out file, on the tab Evaluations.</EmptyState>
}

function OwnMetrics({ detail }: { detail: Detail }) {
  const [newest] = detail.evaluations
  return (
    <Section title="Metrics">
      {newest === undefined ? (
        <NotEvaluated />
      ) : (
        <>
          <p className="dim">
            On {formatCount(newest.rows)} rows of {newest.dataset}.{' '}
            {detail.lineage.child === null ? 'There is no other version to compare with.' : 'Later versions are measured against it.'}
          </p>
          <Facts
            rows={orderMetrics(Object.keys(newest.metrics)).map((name) => [
              metricName(name),
              <span key={name} title={metricHint(name)}>
                {formatMetric(name, newest.metrics[name] ?? null)}
                {newest.interval?.metric === name && (
                  <span className="dim">
                    {' '}
                    {formatInterval(newest.interval)} ({Math.round(newest.interval.level * 100)} % interval)
                  </span>
                )}
              </span>,
            ])}
          />
        </>
      )}
    </Section>
  )
}

function VersionFacts({ detail }: { detail: Detail }) {
  const { manifest, lineage } = detail
  const { onnx } = manifest
  return (
    <Facts
      rows={[
        ['Task', manifest.task],
        ['Size', formatBytes(detail.sizeBytes)],
        [
          'Imported',
          <>
            <Ago at={lineage.importedAt} />
            {lineage.importedBy === null ? '' : ` by ${lineage.importedBy}`}
          </>,
        ],
        ['Source file', lineage.sourceName],
        [
          'Digest',
          <span key="digest" className={styles.line}>
            <span className="mono">{shortDigest(detail.digest)}</span>
            <Copy value={detail.digest} label="Copy the digest" />
          </span>,
        ],
        ['Signed by', detail.keyIds.length === 0 ? null : <span className="mono">{detail.keyIds.map(shortDigest).join(', ')}</span>],
        ['Opset', opsetText(onnx.opsets)],
        ['IR version', String(onnx.irVersion)],
        ['Operators', `${onnx.operators.length}: ${onnx.operators.join(', ')}`],
        ['Producer', onnx.producer === '' ? null : onnx.producer],
        ['Training said', trainingText(manifest.metrics)],
      ]}
    />
  )
}

/** Metrics that came with the bundle: nobody here has measured them. */
function trainingText(metrics: Readonly<Record<string, number>>): string | null {
  const names = orderMetrics(Object.keys(metrics))
  return names.length === 0 ? null : names.map((name) => `${metricName(name)} ${formatMetric(name, metrics[name]!)}`).join(', ')
}
