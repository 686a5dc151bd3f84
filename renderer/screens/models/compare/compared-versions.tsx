import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { EmptyState } from '../../../components/answered.tsx'
import { formatBytes, formatCount, formatMs, formatPercent } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { AliasChips } from '../alias/alias-chips.tsx'
import { opsetText } from '../import/inspected-model.tsx'
import styles from '../models.module.css'
import { DevicesMark } from '../registry/devices-mark.tsx'
import { Sentence } from '../sentence.tsx'
import { partNames, verdictSentence } from './compare-words.ts'
import { MetricsTable, VerdictNotes } from './metrics-table.tsx'
import { SendingCost } from './sending-cost.tsx'

type Comparison = OutputOf<'models.compare'>
type Side = Comparison['left']

/** The parts of a comparison: metrics, what an asker notices, what a device notices. */
export function ComparedVersions({ comparison }: { comparison: Comparison }) {
  const { left, right } = comparison
  const isSameModel = left.version.model === right.version.model
  const title = ({ version }: Side): string => (isSameModel ? version.version : `${version.model} ${version.version}`)
  const titles = { leftTitle: title(left), rightTitle: title(right) }
  const verdict = verdictSentence(comparison, titles)
  return (
    <>
      <Sentence state={verdict.state} word={verdict.text} />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Section title="Metrics">
            {comparison.metrics.length === 0 ? (
              <EmptyState title="Neither was evaluated">Evaluate both on the same hold-out file, each on its page.</EmptyState>
            ) : (
              <>
                <MetricsTable comparison={comparison} {...titles} />
                <VerdictNotes comparison={comparison} />
              </>
            )}
          </Section>
          <Section title="What differs for whoever asks">
            <Differences comparison={comparison} {...titles} />
          </Section>
        </div>
        <div className={styles.stack}>
          <Section title="Side by side">
            <SidesTable comparison={comparison} {...titles} />
          </Section>
          <Section title="What a device fetches">
            <Transfer comparison={comparison} {...titles} />
          </Section>
        </div>
      </div>
    </>
  )
}

/** Differences that are shown before somebody asks for all. */
const FIRST_DIFFERENCES = 12

interface Titles {
  leftTitle: string
  rightTitle: string
}

function Differences({ comparison, leftTitle, rightTitle }: { comparison: Comparison } & Titles) {
  const { differences, operators, isInterchangeable } = comparison
  const [isWhole, setWhole] = useState(false)
  return (
    <div className={styles.stack}>
      <Sentence
        state={isInterchangeable ? 'ok' : 'attention'}
        word={
          isInterchangeable
            ? 'Interchangeable: the same inputs, outputs, task and labels.'
            : 'Not interchangeable: whoever asks one cannot simply ask the other.'
        }
      />
      {differences.length > 0 && (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Part</th>
                <th scope="col">Name</th>
                <th scope="col">{leftTitle}</th>
                <th scope="col">{rightTitle}</th>
              </tr>
            </thead>
            <tbody>
              {(isWhole ? differences : differences.slice(0, FIRST_DIFFERENCES)).map(({ part, name, left, right }) => (
                <tr key={`${part} ${name}`}>
                  <td>{partNames[part]}</td>
                  <th scope="row" className="mono foreign">
                    {name}
                  </th>
                  <td className="mono foreign">{left ?? <span className="dim">absent</span>}</td>
                  <td className="mono foreign">{right ?? <span className="dim">absent</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!isWhole && differences.length > FIRST_DIFFERENCES && (
        <div>
          <Button size="compact-xs" onClick={() => setWhole(true)}>
            Show all {differences.length} differences
          </Button>
        </div>
      )}
      <p className="dim">
        {operators.added.length === 0 && operators.removed.length === 0
          ? 'Both use the same operators.'
          : [
              operators.added.length === 0 ? '' : `Operators added: ${operators.added.join(', ')}.`,
              operators.removed.length === 0 ? '' : `Operators removed: ${operators.removed.join(', ')}.`,
            ].join(' ')}
      </p>
    </div>
  )
}

function SidesTable({ comparison, leftTitle, rightTitle }: { comparison: Comparison } & Titles) {
  const { left, right, latency } = comparison
  const row = (name: string, cell: (side: Side) => React.ReactNode): React.ReactNode => (
    <tr key={name}>
      <th scope="row" className="dim">
        {name}
      </th>
      <td>{cell(left)}</td>
      <td>{cell(right)}</td>
    </tr>
  )
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">Fact</span>
            </th>
            {[left, right].map(({ version }, i) => (
              <th key={version.digest + String(i)} scope="col">
                <RouteLink href={paths.version(version.model, version.version)}>{i === 0 ? leftTitle : rightTitle}</RouteLink>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row('Aliases', ({ version }) =>
            version.aliases.length === 0 ? <span className="dim">none</span> : <AliasChips aliases={version.aliases} />,
          )}
          {row('Runs on', ({ version }) => (
            <DevicesMark devices={version.devices} />
          ))}
          {row('Imported', ({ version }) => (
            <Ago at={version.importedAt} />
          ))}
          {row('Task', ({ version }) => version.task)}
          {row('Size', ({ version }) => formatBytes(version.sizeBytes))}
          {row('To the whole fleet', ({ version }) => (
            <SendingCost model={version.model} version={version.version} />
          ))}
          {row('Evaluated on', ({ evaluation }) =>
            evaluation === null ? <span className="dim">nothing</span> : `${formatCount(evaluation.rows)} rows of ${evaluation.dataset}`,
          )}
          {latency.map(({ quantile, left: a, right: b }) => (
            <tr key={quantile}>
              <th scope="row" className="dim">
                {quantile} per row
              </th>
              <td>{a === null ? <span className="dim">unknown</span> : formatMs(a)}</td>
              <td>{b === null ? <span className="dim">unknown</span> : formatMs(b)}</td>
            </tr>
          ))}
          {row('Golden cases', ({ goldenRows }) => formatCount(goldenRows))}
          {row('Operators', ({ onnx }) => formatCount(onnx.operators))}
          {row('Opset', ({ onnx }) => opsetText(onnx.opsets))}
          {row('IR version', ({ onnx }) => String(onnx.irVersion))}
          {row('Producer', ({ onnx }) =>
            onnx.producer === '' ? <span className="dim">not said</span> : <span className="foreign">{onnx.producer}</span>,
          )}
        </tbody>
      </table>
      <p className="dim">Times are of one row on this console, not on a device.</p>
    </div>
  )
}

function Transfer({ comparison, leftTitle, rightTitle }: { comparison: Comparison } & Titles) {
  const { right, sharedBytes } = comparison
  const whole = right.version.sizeBytes
  const rest = Math.max(0, whole - sharedBytes)
  return (
    <p>
      {sharedBytes === 0
        ? `A device that has ${leftTitle} fetches all of ${rightTitle}: ${formatBytes(whole)}.`
        : `A device that has ${leftTitle} fetches ${formatBytes(rest)} of ${formatBytes(whole)} for ${rightTitle}: ${formatPercent(sharedBytes / whole)} is in both.`}{' '}
      <span className="dim">{formatCount(right.blocks)} blocks.</span>
    </p>
  )
}
